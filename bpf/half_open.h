/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Flows that are not answered yet, or have ended: how they are followed, and become sessions. */
#ifndef RINGFENCE_BPF_HALF_OPEN_H
#define RINGFENCE_BPF_HALF_OPEN_H

#include "bpf/follow.h"
#include "bpf/member.h"
#include "bpf/session_count.h"
#include "bpf/state.h"

#include <linux/errno.h>

/*
 * A session that is answered moves to where a flood of unanswered ones cannot evict it, in place of
 * a connection that was there before. Its pod has one as before. Of two CPUs that do it at once,
 * one counts it in, and one counts it out.
 */
static __always_inline void promote(const struct packet *packet, const struct rf_session *session,
				    __u64 now)
{
	__u32 current = slice_of(now), expires = session->expires;
	struct rf_session *older;
	long error;

	if (!rf_session_is_answered(packet->flow.protocol, session->seen[RF_INGRESS],
				    session->seen[RF_EGRESS]) ||
	    stays_half_open(packet, session, current))
		return;
	older = bpf_map_lookup_elem(&sessions, &packet->flow);
	if (older && older->created != session->created)
		forget_session(&sessions, RF_CENSUS_SESSIONS, &packet->flow, current);
	error = bpf_map_update_elem(&sessions, &packet->flow, session, BPF_NOEXIST);
	if (!error) {
		census_settle(RF_CENSUS_SESSIONS, current);
		census_enter(RF_CENSUS_SESSIONS, expires);
	}
	if ((!error || error == -EEXIST) && !bpf_map_delete_elem(&half_open, &packet->flow))
		census_leave(RF_CENSUS_HALF_OPEN, expires, current);
}

/* As follow(), while the handshake is not complete, or when the connection has ended. */
static __always_inline void follow_half_open(const struct packet *packet,
					     struct rf_session *session, __u64 now)
{
	__u8 direction = packet->direction & 1;
	__u8 flags = packet->tcp_flags;

	if (!rf_session_is_answered(packet->flow.protocol, session->seen[RF_INGRESS],
				    session->seen[RF_EGRESS]))
		flags = rf_tcp_proven_flags(
			session->seen[direction], session->seen[!direction], packet->tcp_flags,
			bpf_ntohl(packet->tcp_acknowledgement), session->syn[!direction]);
	if (flags & RF_TCP_SYN)
		session->syn[direction] = bpf_ntohl(packet->tcp_sequence) + 1;
	if (follow(packet, session, flags, now))
		recount_session(packet, session, RF_CENSUS_HALF_OPEN, now);
	promote(packet, session, now);
}

/* True if @packet answers the SYN of a half-open flow. */
static __always_inline int takes_up(const struct packet *packet, const struct rf_pod_state *pod,
				    const struct decision *decision)
{
	__u8 direction = packet->direction & 1;
	struct rf_session *session;

	if (!has_tcp_flags(packet) || !rf_tcp_is_syn_ack(packet->tcp_flags))
		return 0;
	session = bpf_map_lookup_elem(&half_open, &packet->flow);
	return session && is_member(packet, session, pod, decision, bpf_jiffies64()) &&
	       session->seen[!direction] & RF_SEEN_SYN &&
	       rf_tcp_acknowledges(bpf_ntohl(packet->tcp_acknowledgement),
				   session->syn[!direction]);
}

#endif
