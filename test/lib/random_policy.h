/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random policies and flows for comparisons with the model. They are drawn to collide: prefixes
 * within prefixes, equal priorities, ranges that overlap, and flows at the edges of what the rules
 * name.
 */
#ifndef RINGFENCE_TEST_LIB_RANDOM_POLICY_H
#define RINGFENCE_TEST_LIB_RANDOM_POLICY_H

#include "test/lib/policy_model.h"
#include "test/lib/prng.h"

/*
 * A policy, also such as a document may not say (an exception that leaves nothing of a peer). The
 * caller frees it with rf_policy_free(). Aborts if memory is out.
 */
void random_policy(struct prng *prng, struct rf_policy *policy);

/* A flow that can be put on the wire: no ICMP over the wrong family, no IPv6 extension header. */
struct policy_question random_question(struct prng *prng, const struct rf_policy *policy);

#endif
