/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether a packet belongs to a session that was found under its flow. */
#ifndef RINGFENCE_BPF_MEMBER_H
#define RINGFENCE_BPF_MEMBER_H

#include "bpf/constants.h"
#include "bpf/decision.h"
#include "bpf/packet.h"
#include "bpf/settings.h"
#include "bpf/state.h"

/* Other protocols have no flags that could begin or end anything, and later fragments do not bear
 * them. */
static __always_inline int has_tcp_flags(const struct packet *packet)
{
	return packet->flow.protocol == RF_PROTOCOL_TCP && packet->fragment != FRAGMENT_LATER;
}

static __always_inline enum rf_session_state state_of(const struct packet *packet,
						      const struct rf_session *session)
{
	return rf_session_state(packet->flow.protocol, session->seen[RF_INGRESS],
				session->seen[RF_EGRESS]);
}

/*
 * True if @session has not timed out. No timeout is shorter than a second, so of a flow that is
 * busy nobody asks for its state, nor for the settings.
 */
static __always_inline int is_live(const struct packet *packet, const struct rf_session *session,
				   __u64 now)
{
	/* Another CPU may have been a tick ahead. */
	__s64 idle = (__s64)(now - session->last_seen);
	const struct rf_settings *current;

	if (likely(idle <= (__s64)ticks_per_second))
		return 1;
	current = current_settings();
	return current && idle <= (__s64)(rf_session_timeout(current, state_of(packet, session),
							     packet->flow.echo) *
					  ticks_per_second);
}

/*
 * Index of the sender's side. The compiler must not know that it equals another value, such as the
 * session's opener, of which the verifier knows no bounds.
 */
static __always_inline __u8 side_of(const struct packet *packet)
{
	__u8 side = packet->direction & 1;

	asm volatile("" : "+r"(side));
	return side;
}

static __always_inline int is_by_opener(const struct packet *packet,
					const struct rf_session *session)
{
	return (packet->direction & 1) == session->opened_by;
}

/* True if @packet belongs to the flow that @session describes. */
static __always_inline int is_member(const struct packet *packet, const struct rf_session *session,
				     const struct rf_pod_state *pod,
				     const struct decision *decision, __u64 now)
{
	enum rf_session_state state = state_of(packet, session);
	__u8 side = side_of(packet);

	if (session->pod != decision->pod || session->incarnation != pod->incarnation ||
	    !is_live(packet, session, now))
		return 0;
	return !has_tcp_flags(packet) || !rf_tcp_is_syn(packet->tcp_flags) ||
	       rf_tcp_syn_belongs(state, session->seen[side], session->seen[!side],
				  is_by_opener(packet, session));
}

/* True if what @packet, a member, says can be said at this point of the flow. */
static __always_inline int step_allowed(const struct packet *packet,
					const struct rf_session *session)
{
	__u8 side = side_of(packet);

	return !has_tcp_flags(packet) ||
	       rf_tcp_step_allowed(session->seen[side], session->seen[!side],
				   is_by_opener(packet, session), packet->tcp_flags);
}

#endif
