/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The sessions in the census: each is counted among those of its map and among those of its pod.
 * When `sessions` is nearly full (RF_PRESSURE_CRITICAL), what it is not for gives way, so that
 * established TCP is what goes last: answered datagrams stay among the half-open flows, where they
 * are followed as long as they are not evicted, and TCP that is over leaves at once. What still
 * comes of such a connection, the last ACK or a FIN once more, is judged as any packet without a
 * session.
 */
#ifndef RINGFENCE_BPF_SESSION_COUNT_H
#define RINGFENCE_BPF_SESSION_COUNT_H

#include "bpf/census.h"
#include "bpf/member.h"
#include "bpf/packet.h"
#include "bpf/state.h"

/*
 * The slice at whose end a session is over that was last seen at any time of the slice of @now. So
 * it has to move only when a packet comes in a later slice, or changes the state.
 */
static __always_inline __u32 last_slice(const struct packet *packet,
					const struct rf_session *session, __u64 now)
{
	__u64 timeout = rf_session_timeout(state_of(packet, session), packet->flow.echo);

	return slice_of(now) + slice_of(timeout * ticks_per_second) + 1;
}

/* Delete the session of @flow in @map, if there is one, and count it out of @subject, the map's. */
static __always_inline void forget_session(void *map, __u32 subject, const struct rf_flow_key *flow,
					   __u32 current)
{
	struct rf_session *session = bpf_map_lookup_elem(map, flow);
	struct rf_pod_state *pod;
	__u32 id, incarnation, expires;

	if (!session)
		return;
	id = session->pod;
	incarnation = session->incarnation;
	expires = session->expires;
	/* Of two that delete it one counts it out. */
	if (bpf_map_delete_elem(map, flow))
		return;
	census_leave(subject, expires, current);
	/* A pod begins at zero, and owes nothing for the sessions of one that had its id before. */
	pod = bpf_map_lookup_elem(&pod_state, &id);
	if (pod && pod->incarnation == incarnation)
		census_leave(RF_CENSUS_POD(id), expires, current);
}

static __always_inline int is_over(enum rf_session_state state)
{
	return state == RF_STATE_TIME_WAIT || state == RF_STATE_CLOSED;
}

/*
 * A packet at @now may have changed when @session ends: count it anew. Of `sessions`, this is the
 * last use of @session: it may be deleted.
 */
static __noinline int recount_session(const struct packet *packet, struct rf_session *session,
				      __u32 subject, __u64 now)
{
	__u32 current = slice_of(now), from = session->expires;
	__u32 to = last_slice(packet, session, now);

	if (subject == RF_CENSUS_SESSIONS && is_over(state_of(packet, session)) &&
	    census_sessions_critical(current)) {
		forget_session(&sessions, RF_CENSUS_SESSIONS, &packet->flow, current);
		return 0;
	}
	if (from == to)
		return 0;
	session->expires = to;
	census_move(subject, from, to, current);
	census_move(RF_CENSUS_POD(session->pod), from, to, current);
	return 0;
}

/* True if an answered flow may not move to `sessions`. */
static __always_inline int pressure_forbids(const struct packet *packet,
					    const struct rf_session *session, __u32 current)
{
	return (packet->flow.protocol != RF_PROTOCOL_TCP || is_over(state_of(packet, session))) &&
	       census_sessions_critical(current);
}

#endif
