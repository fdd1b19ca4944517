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
	const struct rf_settings *current = current_settings();
	__u64 timeout = 0;

	if (current)
		timeout = rf_session_timeout(current, state_of(packet, session), packet->flow.echo);
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

/* It is over for certain: a reset in the name of the peer may be forged, the pod's own is not. */
static __always_inline int is_ended(const struct rf_session *session)
{
	return session->seen[RF_EGRESS] & RF_SEEN_RST ||
	       rf_tcp_is_finished(session->seen[RF_INGRESS], session->seen[RF_EGRESS]);
}

/*
 * What has ended goes back to the half-open flows: nothing would remove it from `sessions` until it
 * is evicted, and idle connections were evicted before it.
 */
static __always_inline void retire_session(const struct packet *packet,
					   const struct rf_session *session, __u64 now)
{
	struct rf_session *newer = bpf_map_lookup_elem(&half_open, &packet->flow);
	__u32 expires = session->expires, current = slice_of(now);

	if (newer && !is_live(packet, newer, now))
		forget_session(&half_open, RF_CENSUS_HALF_OPEN, &packet->flow, current);
	if (bpf_map_update_elem(&half_open, &packet->flow, session, BPF_NOEXIST)) {
		/* A new one is there already. */
		forget_session(&sessions, RF_CENSUS_SESSIONS, &packet->flow, current);
		return;
	}
	census_settle(RF_CENSUS_HALF_OPEN, current);
	census_enter(RF_CENSUS_HALF_OPEN, expires);
	if (!bpf_map_delete_elem(&sessions, &packet->flow))
		census_leave(RF_CENSUS_SESSIONS, expires, current);
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
	enum rf_session_state state = state_of(packet, session);

	if (subject == RF_CENSUS_SESSIONS && is_over(state) && census_sessions_critical(current)) {
		forget_session(&sessions, RF_CENSUS_SESSIONS, &packet->flow, current);
		return 0;
	}
	if (from != to) {
		session->expires = to;
		census_move(subject, from, to, current);
		census_move(RF_CENSUS_POD(session->pod), from, to, current);
	}
	if (subject == RF_CENSUS_SESSIONS && is_ended(session))
		retire_session(packet, session, now);
	return 0;
}

/*
 * True if an answered flow does not move to `sessions`: it has ended, it may be one question with
 * one answer, or the map is nearly full.
 */
static __always_inline int stays_half_open(const struct packet *packet,
					   const struct rf_session *session, __u32 current)
{
	if (is_ended(session) ||
	    (packet->flow.protocol != RF_PROTOCOL_TCP && packet->direction != session->opened_by))
		return 1;
	return (packet->flow.protocol != RF_PROTOCOL_TCP || is_over(state_of(packet, session))) &&
	       census_sessions_critical(current);
}

#endif
