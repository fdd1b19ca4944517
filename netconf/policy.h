/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy document in memory. Its meaning:
 *
 * - A flow that the peer opened is judged by `ingress`, one that the pod opened by `egress`.
 * - A rule matches if the peer is in one of its peers and in none of its exceptions, and protocol
 *   and destination port match. Of all that match, the lowest priority number wins; between
 *   equals reject and deny before log before allow; between equals of that, the lower id. None:
 *   the default.
 * - A direction that the document does not give is not restricted.
 */
#ifndef RINGFENCE_NETCONF_POLICY_H
#define RINGFENCE_NETCONF_POLICY_H

#include "netconf/error.h"
#include "netconf/prefix.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;

enum rf_action {
	RF_ACTION_ALLOW,
	RF_ACTION_DENY,
	RF_ACTION_LOG,    /* allow and report */
	RF_ACTION_REJECT, /* deny, and say so to the sender */
};

#define RF_PROTOCOL_ANY         (-1)
#define RF_PRIORITY_WHEN_ABSENT 1000
#define RF_RULES_MAX            100000 /* of a document, both directions together */

/* Bytes of `document` in all rules of joined documents: so many rules can have names as long as
 * those of Kubernetes (253). */
#define RF_ORIGINS_MAX (32u << 20)

/* Inclusive, host byte order. For icmp and icmpv6: type << 8 | code. */
struct rf_port_range {
	uint16_t first;
	uint16_t last;
};

/* What is done to every packet of a flow that a rule allows, both ways. */
struct rf_qos {
	bool has_priority;
	bool has_dscp;
	uint8_t dscp;      /* 0 to 63 (RFC 2474) */
	uint32_t priority; /* of skbs: tc's class, major << 16 | minor */
};

struct rf_rule {
	uint32_t id; /* 1 to 2^32 - 1, unique in the document */
	enum rf_action action;
	bool is_logged;          /* its flows are reported; always so of RF_ACTION_LOG */
	struct rf_qos qos;       /* of rules that allow */
	uint32_t priority;       /* lower wins */
	int protocol;            /* 0 to 255, or RF_PROTOCOL_ANY */
	struct rf_prefix *peers; /* none: every peer of both families */
	size_t peer_count;
	struct rf_prefix *except; /* each lies in one of the peers */
	size_t except_count;
	struct rf_port_range *ports; /* none: every port */
	size_t port_count;
	char *document; /* whose rule it is, "" of one without a name; NULL: the policy's own */
};

struct rf_ruleset {
	bool restricted; /* the document gives this direction */
	enum rf_action default_action;
	char *document;        /* whose default it is, as of a rule */
	struct rf_rule *rules; /* in document order */
	size_t rule_count;
};

struct rf_policy {
	char *name;               /* NULL if absent */
	char *selector_namespace; /* glob, NULL if absent */
	char *selector_pod;       /* glob, NULL if absent */
	struct rf_ruleset ingress;
	struct rf_ruleset egress;
};

/*
 * Read a policy document. @path is how errors name the document ("policy", or a file's name): a
 * fault is reported as "<path>.ingress.rules[3].peers[1]: …". With @with_selector a "selector" is
 * allowed, else refused. On success the caller owns *@out (rf_policy_free()); on failure *@out is
 * untouched. Codes: UNSUPPORTED for unknown keys and features not supported yet, DECODE for wrong
 * types, CONFIG for invalid values.
 */
int rf_policy_parse(const struct cJSON *json, const char *path, bool with_selector,
		    struct rf_policy *out, struct rf_error *error);

/*
 * Read the @length bytes of a file that is a policy document, with or without selector. As
 * rf_policy_parse(), but errors name the line and not the document: "line 7: ingress.rules[0]: …".
 * A text that is not JSON is DECODE.
 */
int rf_policy_read(const char *text, size_t length, struct rf_policy *out, struct rf_error *error);

/* A document that takes part in a pod's policy. */
struct rf_policy_part {
	char *path; /* how errors name it: a file's path, or "policy" */
	struct rf_policy policy;
};

/*
 * Join the @count documents into one policy: the rules of all; a direction is restricted if one of
 * them gives it, and denies by default if one of them says so; the names joined by '+'. A rule that
 * several of them have alike is there once. CONFIG if an id stands for different rules. If they are
 * more than one, each rule and default has the name of its document (names, joined by '+', if it is
 * of several), unless it has one already; CONFIG if that takes more than RF_ORIGINS_MAX. The parts'
 * rules are moved away, also on failure; the caller still frees the parts, and owns *@out on
 * success.
 */
int rf_policy_join(struct rf_policy_part *parts, size_t count, struct rf_policy *out,
		   struct rf_error *error);

/*
 * The same document as JSON in canonical form: every optional key of a rule that has a default is
 * written out, rules are in order of precedence, prefixes in their usual text. rf_policy_parse()
 * reads it back to an equal policy. The caller owns the tree; NULL if memory is out.
 */
struct cJSON *rf_policy_to_json(const struct rf_policy *policy);

/* The same as text, without white space, ended by NUL. The caller owns it (free()). */
char *rf_policy_text(const struct rf_policy *policy);

/* Copy a policy whole, with its selector. On success the caller owns *@out (rf_policy_free()). */
int rf_policy_copy(const struct rf_policy *policy, struct rf_policy *out, struct rf_error *error);

/*
 * Order of precedence of two rules of a direction: negative if @a wins over @b, positive if @b
 * does; 0 only for rules with the same id.
 */
int rf_rule_compare(const struct rf_rule *a, const struct rf_rule *b);

/*
 * True if the selector chooses the pod: each glob (fnmatch(3)) that it gives matches, "" standing
 * for a name that is not known. A document without selector chooses every pod.
 */
bool rf_policy_selects(const struct rf_policy *policy, const char *pod_namespace,
		       const char *pod_name);

/* Free what the policy holds, and zero it; a zeroed policy (nothing restricted) may be freed. */
void rf_policy_free(struct rf_policy *policy);

#endif
