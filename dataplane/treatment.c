// SPDX-License-Identifier: Apache-2.0
#include "dataplane/treatment.h"
#include "dataplane/bandwidth.h"

uint32_t rf_treatment_flags(const struct rf_treatment *treatment)
{
	return (treatment->mode == RF_MODE_AUDIT ? RF_POD_AUDIT : 0) |
	       (treatment->limits.sessions ? RF_POD_LIMIT_SESSIONS : 0) |
	       (treatment->limits.new_flows_per_second ? RF_POD_LIMIT_NEW_FLOWS : 0) |
	       (treatment->bandwidth.ingress_rate ? RF_POD_RATE_INGRESS : 0) |
	       (treatment->bandwidth.egress_rate ? RF_POD_RATE_EGRESS : 0);
}

struct rf_pod_limits rf_treatment_limits(const struct rf_treatment *treatment)
{
	const struct rf_bandwidth *bandwidth = &treatment->bandwidth;
	struct rf_pod_limits limits = {
		.new_flows_per_second = treatment->limits.new_flows_per_second,
		.new_flows_burst = treatment->limits.new_flows_burst,
		.sessions = treatment->limits.sessions,
	};

	if (bandwidth->ingress_rate) {
		limits.rate[RF_INGRESS] = rf_bandwidth_rate(bandwidth->ingress_rate);
		limits.burst[RF_INGRESS] =
			rf_bandwidth_burst(bandwidth->ingress_rate, bandwidth->ingress_burst);
	}
	if (bandwidth->egress_rate) {
		limits.rate[RF_EGRESS] = rf_bandwidth_rate(bandwidth->egress_rate);
		limits.burst[RF_EGRESS] =
			rf_bandwidth_burst(bandwidth->egress_rate, bandwidth->egress_burst);
	}
	return limits;
}
