/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the policy reader share; see policy.h for the meaning. */
#ifndef RINGFENCE_NETCONF_POLICY_INTERNAL_H
#define RINGFENCE_NETCONF_POLICY_INTERNAL_H

#include "netconf/field.h"
#include "netconf/policy.h"

/* policy_rule.c. On success the caller owns *@out (rf_rule_free()). */
int rf_rule_read(const cJSON *json, const struct rf_place *place, struct rf_rule *out,
		 struct rf_error *error);
void rf_rule_free(struct rf_rule *rule);

/* By enum rf_action, ended by NULL. */
extern const char *const rf_action_names[];

/* True for allow and log. */
bool rf_action_allows(enum rf_action action);

/*
 * policy_alike.c: true if two rules of a direction, whose ids are the same, do the same. Which
 * document they are from means nothing, nor does the order in which they list peers and ports,
 * which becomes the same.
 */
bool rf_rules_are_alike(struct rf_rule *a, struct rf_rule *b);

/* policy_origin.c: the documents that rules and defaults are from. */

/* A string, which may be empty. *@out is the caller's. */
int rf_document_read(const cJSON *value, const struct rf_place *place, char **out,
		     struct rf_error *error);

/*
 * Of several documents: give what has no `document` the name of its own, or "". CONFIG if that
 * takes more than RF_ORIGINS_MAX.
 */
int rf_policy_note_origins(struct rf_policy_part *parts, size_t count, struct rf_error *error);

/*
 * The @count names joined by '+', without those that are NULL or empty; *@out is the caller's. NULL
 * if all of them are NULL.
 */
int rf_names_join(const char *const *names, size_t count, char **out, struct rf_error *error);

/* policy_qos.c */
int rf_qos_read(const cJSON *json, const struct rf_place *place, struct rf_qos *out,
		struct rf_error *error);

/* policy_peer.c: prefixes, and how those of a rule go together. The caller owns *@out. */
int rf_prefixes_read(const cJSON *json, const struct rf_place *place, struct rf_prefix **out,
		     size_t *out_count, struct rf_error *error);

/* Peers and exceptions of the family that the protocol can have; @place is the rule's. */
int rf_rule_check_families(const struct rf_rule *rule, const struct rf_place *place,
			   struct rf_error *error);

/* Each exception lies in a peer, and leaves something of each peer; @place is the rule's. */
int rf_rule_check_except(const struct rf_rule *rule, const struct rf_place *place,
			 struct rf_error *error);

/* policy_port.c */
int rf_protocol_read(const cJSON *json, const struct rf_place *place, int *out,
		     struct rf_error *error);

/* Its name in a policy, NULL if it has only a number. */
const char *rf_protocol_name(int protocol);

bool rf_protocol_has_ports(int protocol);

/* True for icmp and icmpv6, whose "ports" are types and codes. */
bool rf_protocol_is_icmp(int protocol);

/* The caller owns *@out. */
int rf_ports_read(const cJSON *json, const struct rf_place *place, int protocol,
		  struct rf_port_range **out, size_t *out_count, struct rf_error *error);

#endif
