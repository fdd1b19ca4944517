/* SPDX-License-Identifier: Apache-2.0 */
/* Which events are meant. */
#ifndef RINGFENCE_CTL_EVENT_EVENT_FILTER_H
#define RINGFENCE_CTL_EVENT_EVENT_FILTER_H

#include "ctl/session/flow_filter.h"

struct event_filter {
	struct flow_filter flow;
	uint64_t verdicts; /* a bit for each of event_verdicts; 0: any */
	uint64_t reasons;  /* a bit for each of enum rf_reason; 0: any */
};

#define EVENT_FILTER_OPTIONS                                                                       \
	{"pod", "POD", "of this pod"}, FLOW_FILTER_OPTIONS,                                        \
		{"direction", "WAY", "of packets to the pod (ingress) or from it (egress)"},       \
		{"verdict", "VERDICT,...", "deny, audit, log, allow"},                             \
	{                                                                                          \
		"reason", "REASON,...", "such as default-deny, spoofed"                            \
	}

/* Read the options. As flow_filter_read(). */
int event_filter_read(struct invocation *invocation, const struct pods *pods,
		      struct event_filter *out, struct rf_error *error);

bool event_filter_matches(const struct event_filter *filter, const struct rf_event *event);

#endif
