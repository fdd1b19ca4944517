/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules of a document can decide anything at all. */
#ifndef RINGFENCE_DATAPLANE_POLICY_REACH_H
#define RINGFENCE_DATAPLANE_POLICY_REACH_H

#include "bpf/abi.h"
#include "netconf/policy.h"

/* Of one direction. */
struct rf_policy_reach {
	bool *decides; /* by index in the ruleset's rules */
	bool default_decides;
	bool is_known; /* false: too large to be found out, all are said to decide */
};

/*
 * Find out for each rule, and for the default, whether there is a peer and a service that it
 * decides. On success the caller owns out[] (rf_policy_reach_free()). -ENOMEM, or what rf_compile()
 * fails with.
 */
int rf_policy_reach(const struct rf_policy *policy, struct rf_policy_reach out[RF_DIRECTIONS],
		    struct rf_error *error);

void rf_policy_reach_free(struct rf_policy_reach reach[RF_DIRECTIONS]);

#endif
