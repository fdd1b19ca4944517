/* SPDX-License-Identifier: Apache-2.0 */
/* Everything of one pod, as lines. */
#ifndef RINGFENCE_CTL_POD_POD_SHOW_PRINT_H
#define RINGFENCE_CTL_POD_POD_SHOW_PRINT_H

#include "ctl/pod/pods.h"
#include "netconf/policy.h"

struct pod_picture {
	const struct pods *pods;
	const struct pod *pod;
	struct rf_policy policy;
	struct rf_error fault; /* why the policy is not known */
	/* Of a pod that is in the maps: */
	struct rf_pod_state state;
	struct rf_pod_counters counters;
	struct rf_events_lost lost;
	uint32_t sessions;
};

void pod_picture_print(const struct pod_picture *picture);

#endif
