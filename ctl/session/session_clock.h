/* SPDX-License-Identifier: Apache-2.0 */
/* When a session was seen, and whether it lives. */
#ifndef RINGFENCE_CTL_SESSION_SESSION_CLOCK_H
#define RINGFENCE_CTL_SESSION_SESSION_CLOCK_H

#include "bpf/state.h"
#include "dataplane/objects.h"

#include <stdbool.h>
#include <stdint.h>

/* One moment, at which all sessions are looked at. */
struct session_clock {
	const struct rf_objects *objects;
	uint64_t ticks;
	uint64_t ticks_per_second;
	uint64_t monotonic; /* ns */
	struct rf_settings settings;
};

/* LOAD if the settings, which have the timeouts, cannot be read. */
int session_clock_now(const struct rf_objects *objects, struct session_clock *out,
		      struct rf_error *error);

enum rf_session_state session_state(const struct rf_flow_key *flow,
				    const struct rf_session *session);

/* Nanoseconds since its last packet, give or take a few ticks. */
uint64_t session_idle(const struct session_clock *clock, const struct rf_session *session);

/* Seconds since it began. */
uint64_t session_age(const struct session_clock *clock, const struct rf_session *session);

/* Seconds that it lives without a packet. */
uint32_t session_timeout(const struct session_clock *clock, const struct rf_flow_key *flow,
			 const struct rf_session *session);

/* True if packets still belong to it: it has not timed out, and its pod is there. */
bool session_is_live(const struct session_clock *clock, const struct rf_flow_key *flow,
		     const struct rf_session *session);

/* True if it was judged under the policy that is in force for its pod. */
bool session_is_current(const struct session_clock *clock, const struct rf_session *session);

#endif
