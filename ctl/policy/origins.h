/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the documents that the rules of one policy are from, kept without the policy. */
#ifndef RINGFENCE_CTL_POLICY_ORIGINS_H
#define RINGFENCE_CTL_POLICY_ORIGINS_H

#include "bpf/abi.h"
#include "netconf/policy.h"

struct rule_origin;

struct origins {
	char *policy;                  /* its name; NULL: it has none */
	char *defaults[RF_DIRECTIONS]; /* NULL: the policy's name says it */
	struct rule_origin *rules;     /* in the order of their ids: those that say it themselves */
	size_t rule_count;
};

/* Take the names out of @policy, which stays the caller's to free. Free *@out (origins_free()). */
void origins_take(struct rf_policy *policy, struct origins *out);

/*
 * The document that rule @rule is from, or with 0 the default for what @direction opens: "" if that
 * document has no name, NULL if the policy has none. Points into @origins.
 */
const char *origins_find(const struct origins *origins, enum rf_direction direction, uint32_t rule);

void origins_free(struct origins *origins);

#endif
