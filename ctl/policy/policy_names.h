/* SPDX-License-Identifier: Apache-2.0 */
/* The names of policies by their ids, which no other policy gets: each is read once. */
#ifndef RINGFENCE_CTL_POLICY_POLICY_NAMES_H
#define RINGFENCE_CTL_POLICY_POLICY_NAMES_H

#include "ctl/policy/origins.h"
#include "dataplane/objects.h"

/* Names that are kept before those of policies that no pod has any more are forgotten. */
#define POLICY_NAMES_KEPT 65536

struct named_policy;

/* All zero is empty. */
struct policy_names {
	struct named_policy *items; /* in the order of their ids */
	size_t count;
	size_t capacity;
	size_t weight; /* names: of each policy one, and those of its rules */
	size_t limit;  /* of them; 0: POLICY_NAMES_KEPT */
};

/*
 * Those of policy @id: none of one that is there no longer. NULL of id 0, or if memory is out.
 * Valid until another id is asked for: then those that no pod is judged under may be forgotten, so
 * that one who asks for days holds no more than there is.
 */
const struct origins *policy_names_find(struct policy_names *names,
					const struct rf_objects *objects, uint32_t id);

void policy_names_free(struct policy_names *names);

#endif
