/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The session of a new flow. */
#ifndef RINGFENCE_BPF_NEW_SESSION_H
#define RINGFENCE_BPF_NEW_SESSION_H

#include "bpf/judgement.h"
#include "bpf/limit.h"
#include "bpf/member.h"
#include "bpf/session_count.h"

#include <linux/errno.h>

/*
 * True if what stands under the packet's key has ended, timed out, or is an earlier pod's. Not if
 * its peer reset it: that may have been forged, as the packet may be.
 */
static __always_inline int is_past(const struct packet *packet, const struct rf_session *now_made)
{
	struct rf_session *session = bpf_map_lookup_elem(&sessions, &packet->flow);

	if (!session)
		return 0;
	return session->pod != now_made->pod || session->incarnation != now_made->incarnation ||
	       is_ended(session) || !is_live(packet, session, now_made->last_seen);
}

/* A new flow that passes. What stood under the same key has ended, unless this is a mere SYN. */
static __noinline int create_session(const struct packet *packet, const struct rf_pod_state *pod,
				     struct decision *decision)
{
	struct rf_session session = {};
	__u32 syn, current;
	int by_syn;
	long error;
	__u8 seen;

	if (!packet || !pod || !decision)
		return 0;
	by_syn = has_tcp_flags(packet) && rf_tcp_is_syn(packet->tcp_flags);
	syn = by_syn ? bpf_ntohl(packet->tcp_sequence) + 1 : 0;
	session.last_seen = bpf_jiffies64();
	session.created = bpf_ktime_get_ns();
	session.pod = decision->pod;
	session.incarnation = pod->incarnation;
	session.opened_by = packet->direction;
	seen = rf_seen_after(0, 0, packet->flow.protocol, packet->tcp_flags);
	/* Spelled out: the verifier takes no variable index into the stack. */
	if (packet->direction == RF_INGRESS) {
		session.packets[RF_INGRESS] = packet->segments;
		session.bytes[RF_INGRESS] = packet->bytes;
		session.seen[RF_INGRESS] = seen;
		session.syn[RF_INGRESS] = syn;
	} else {
		session.packets[RF_EGRESS] = packet->segments;
		session.bytes[RF_EGRESS] = packet->bytes;
		session.seen[RF_EGRESS] = seen;
		session.syn[RF_EGRESS] = syn;
	}
	current = slice_of(session.last_seen);
	session.expires = last_slice(packet, &session, session.last_seen);
	if (!by_syn || is_past(packet, &session))
		forget_session(&sessions, RF_CENSUS_SESSIONS, &packet->flow, current);
	forget_session(&half_open, RF_CENSUS_HALF_OPEN, &packet->flow, current);
	if (!count_pod_session(pod, decision, session.expires, current))
		return 0;
	keep_judgement(&session, decision);
	if (decision->reason == RF_REASON_HOST_ACCESS)
		session.flags |= RF_SESSION_FROM_HOST;
	error = bpf_map_update_elem(&half_open, &packet->flow, &session, BPF_NOEXIST);
	if (!error) {
		census_settle(RF_CENSUS_HALF_OPEN, current);
		census_enter(RF_CENSUS_HALF_OPEN, session.expires);
		return 0;
	}
	census_leave(RF_CENSUS_POD(decision->pod), session.expires, current);
	/* Another CPU may just have made it. */
	if (error != -EEXIST && rf_reason_allows(decision->reason))
		decision->reason = RF_REASON_NO_SESSION;
	return 0;
}

#endif
