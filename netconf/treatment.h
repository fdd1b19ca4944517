/* SPDX-License-Identifier: Apache-2.0 */
/* How a pod is treated besides its policy. Zeroed, a policy is enforced and nothing is limited. */
#ifndef RINGFENCE_NETCONF_TREATMENT_H
#define RINGFENCE_NETCONF_TREATMENT_H

#include <stdint.h>

enum rf_mode {
	RF_MODE_ENFORCE,
	RF_MODE_AUDIT, /* what would be denied is reported, and passes */
};

/* By enum rf_mode, ended by NULL. */
extern const char *const rf_mode_names[];

/* 0: no limit. The burst is 0 only if the rate is. */
struct rf_limits {
	uint32_t new_flows_per_second;
	uint32_t new_flows_burst;
	uint32_t sessions;
};

/* As the standard's plugin counts: bits a second, and bits; 0: not limited, and no burst given. */
struct rf_bandwidth {
	uint64_t ingress_rate;
	uint64_t ingress_burst;
	uint64_t egress_rate;
	uint64_t egress_burst;
};

struct rf_treatment {
	enum rf_mode mode;
	struct rf_limits limits;
	struct rf_bandwidth bandwidth;
};

#endif
