/* SPDX-License-Identifier: Apache-2.0 */
/* Which sessions are meant. */
#ifndef RINGFENCE_CTL_SESSION_SESSION_FILTER_H
#define RINGFENCE_CTL_SESSION_SESSION_FILTER_H

#include "ctl/session/flow_filter.h"
#include "ctl/session/session_clock.h"

struct session_filter {
	struct session_clock clock;
	struct flow_filter flow;
	uint64_t states; /* a bit for each of enum rf_session_state; 0: any */
	bool has_verdict;
	unsigned int verdict; /* 1: audit */
	uint64_t idle;        /* seconds at least */
	uint64_t age;         /* seconds at least */
	bool with_ended;      /* those too that have timed out, or whose pod is gone */
};

#define SESSION_FILTER_OPTIONS                                                                     \
	FLOW_FILTER_OPTIONS,                                                                       \
		{"direction", "WHO", "opened by the peer (ingress) or the pod (egress)"},          \
		{"state", "STATE,...",                                                             \
		 "syn, established, fin, time-wait, closed, one-way, replied"},                    \
		{"verdict", "VERDICT", "allow; audit: it would be denied in mode enforce"},        \
		{"idle", "TIME", "no packet came for so long, such as 90s, 5m or 2h"},             \
	{                                                                                          \
		"age", "TIME", "it began so long ago"                                              \
	}

/* Read the options and @pod (NULL: any). As flow_filter_read(). */
int session_filter_read(struct invocation *invocation, const struct pods *pods, const char *pod,
			struct session_filter *out, struct rf_error *error);

/* True if something is given, but for with_ended. */
bool session_filter_is_set(const struct session_filter *filter);

bool session_filter_matches(const struct session_filter *filter, const struct rf_flow_key *flow,
			    const struct rf_session *session);

#endif
