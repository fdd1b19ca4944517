// SPDX-License-Identifier: Apache-2.0
#include "ctl/session/session_clock.h"
#include "ctl/output/clock.h"
#include "dataplane/census.h"
#include "dataplane/constants.h"
#include "dataplane/settings.h"

int session_clock_now(const struct rf_objects *objects, struct session_clock *out,
		      struct rf_error *error)
{
	*out = (struct session_clock){
		.objects = objects,
		.ticks = rf_ticks_now(),
		.ticks_per_second = rf_ticks_per_second(),
		.monotonic = clock_now(),
	};
	return rf_settings_read(objects, &out->settings, error);
}

enum rf_session_state session_state(const struct rf_flow_key *flow,
				    const struct rf_session *session)
{
	return rf_session_state(flow->protocol, session->seen[RF_INGRESS],
				session->seen[RF_EGRESS]);
}

/* It may have been seen after the clock was read. */
static uint64_t idle_ticks(const struct session_clock *clock, const struct rf_session *session)
{
	int64_t idle = (int64_t)(clock->ticks - session->last_seen);

	return idle > 0 ? (uint64_t)idle : 0;
}

uint64_t session_idle(const struct session_clock *clock, const struct rf_session *session)
{
	return idle_ticks(clock, session) * (NANOSECONDS / clock->ticks_per_second);
}

uint64_t session_age(const struct session_clock *clock, const struct rf_session *session)
{
	int64_t age = (int64_t)(clock->monotonic - session->created);

	return age > 0 ? (uint64_t)age / NANOSECONDS : 0;
}

uint32_t session_timeout(const struct session_clock *clock, const struct rf_flow_key *flow,
			 const struct rf_session *session)
{
	return rf_session_timeout(&clock->settings, session_state(flow, session), flow->echo);
}

static const struct rf_pod_state *pod_of(const struct session_clock *clock,
					 const struct rf_session *session)
{
	const struct rf_pod_state *pod;

	if (session->pod >= clock->objects->max_entries[RF_MAP_POD_STATE])
		return NULL;
	pod = &clock->objects->pod_state[session->pod];
	return pod->incarnation == session->incarnation ? pod : NULL;
}

bool session_is_live(const struct session_clock *clock, const struct rf_flow_key *flow,
		     const struct rf_session *session)
{
	return pod_of(clock, session) &&
	       idle_ticks(clock, session) <=
		       session_timeout(clock, flow, session) * clock->ticks_per_second;
}

bool session_is_current(const struct session_clock *clock, const struct rf_session *session)
{
	const struct rf_pod_state *pod = pod_of(clock, session);

	/* What a pinhole allows is judged at each packet. */
	return pod && (pod->policy == session->policy || session->policy == RF_POLICY_WORD_PINHOLE);
}
