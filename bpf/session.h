/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sessions: finding the flow that a packet belongs to, following it, judging it again, making it.
 */
#ifndef RINGFENCE_BPF_SESSION_H
#define RINGFENCE_BPF_SESSION_H

#include "bpf/audit.h"
#include "bpf/bandwidth.h"
#include "bpf/limit.h"
#include "bpf/maps.h"
#include "bpf/member.h"
#include "bpf/parse.h"
#include "bpf/policy.h"
#include "bpf/qos.h"
#include "bpf/session_count.h"
#include "bpf/state.h"

#include <linux/errno.h>

/*
 * Take a packet, of whose flags @tcp_flags count, into the account of its session. True if the
 * session may now be counted in another slice of the census.
 */
static __always_inline int follow(const struct packet *packet, struct rf_session *session,
				  __u8 tcp_flags, __u64 now)
{
	int must_recount = (session->last_seen ^ now) >> slice_shift != 0;
	__u8 direction = packet->direction & 1;
	__u8 seen = rf_seen_after(session->seen[direction], session->seen[!direction],
				  packet->flow.protocol, tcp_flags);

	if (seen != session->seen[direction]) {
		session->seen[direction] = seen;
		must_recount = 1;
	}
	session->last_seen = now;
	__sync_fetch_and_add(&session->packets[direction], packet->segments);
	__sync_fetch_and_add(&session->bytes[direction], packet->bytes);
	return must_recount;
}

/*
 * The hot path: the packet carries data or acknowledges some, the session is there, it is of the
 * pod behind this interface, and it was judged under the policy that is in force. The word holds an
 * epoch that was given once, so that no session of an earlier pod with the same id can have it.
 */
static __always_inline int follow_current(struct __sk_buff *skb, const struct packet *packet,
					  struct decision *decision)
{
	struct rf_session *session;
	struct rf_pod_state *pod;
	int must_recount;
	__u64 now;
	__u32 id;

	if (unlikely(has_tcp_flags(packet) && !rf_tcp_is_plain(packet->tcp_flags)))
		return 0;
	session = bpf_map_lookup_elem(&sessions, &packet->flow);
	if (!session)
		return 0;
	id = session->pod;
	pod = bpf_map_lookup_elem(&pod_state, &id);
	if (!pod || pod->ifindex != skb->ifindex || pod->policy != session->policy)
		return 0;
	now = bpf_jiffies64();
	if (!is_live(packet, session, state_of(packet, session), now))
		return 0;
	must_recount = follow(packet, session, packet->tcp_flags, now);
	decision->pod = id;
	decision->rule = session->rule;
	use_qos(session, decision);
	decision->reason = RF_REASON_SESSION;
	note_rate(packet, pod, decision);
	if (unlikely(must_recount))
		recount_session(packet, session, RF_CENSUS_SESSIONS, now);
	return 1;
}

static __always_inline int host_opens(const struct packet *packet, const struct rf_pod_state *pod,
				      __u32 ingress_ifindex)
{
	return packet->direction == RF_INGRESS && !ingress_ifindex &&
	       !(pod->flags & RF_POD_HOST_BY_POLICY);
}

/* What a session keeps of the judgement of its flow. */
static __always_inline void keep_judgement(struct rf_session *session,
					   const struct decision *decision)
{
	session->policy = decision->policy;
	session->rule = decision->rule;
	session->flags &= ~(RF_SESSION_AUDITED | RF_SESSION_LOGGED);
	if (decision->effects & EFFECT_AUDITED)
		session->flags |= RF_SESSION_AUDITED;
	else if (decision->effects & EFFECT_LOG)
		session->flags |= RF_SESSION_LOGGED;
	keep_qos(session, decision);
}

/*
 * Judge a live session again, in the direction in which it was opened. The session of the node
 * itself stays as long as the pod's hostAccess allows it. True: it may go on, under the current
 * policy. What a rule has reported it does not report again; what would be denied is reported under
 * each policy that would do so.
 */
static __always_inline int judge_again(const struct packet *packet, struct rf_session *session,
				       const struct rf_pod_state *pod, struct decision *decision)
{
	__u32 logged_by = session->flags & RF_SESSION_LOGGED ? session->rule : 0;

	if (session->flags & RF_SESSION_FROM_HOST && !(pod->flags & RF_POD_HOST_BY_POLICY))
		decision->reason = RF_REASON_HOST_ACCESS;
	else
		judge_flow(packet, session->opened_by & 1, pod, decision);
	if (!passes(pod, decision))
		return 0;
	keep_judgement(session, decision);
	if (session->flags & RF_SESSION_LOGGED && session->rule == logged_by)
		decision->effects &= ~EFFECT_LOG;
	return 1;
}

enum follow_result {
	FOLLOW_NONE,   /* no session that the packet belongs to */
	FOLLOW_ALLOW,  /* it does, and the decision is made */
	FOLLOW_DENIED, /* it does, and is denied; if by the policy, the session is gone */
};

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
	    pressure_forbids(packet, session, current))
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

/* As follow(), while the handshake is not complete. */
static __always_inline void follow_half_open(const struct packet *packet,
					     struct rf_session *session, __u64 now)
{
	__u8 direction = packet->direction & 1;
	__u8 flags = rf_tcp_proven_flags(session->seen[direction], session->seen[!direction],
					 packet->tcp_flags, bpf_ntohl(packet->tcp_acknowledgement),
					 session->syn[!direction]);

	if (flags & RF_TCP_SYN)
		session->syn[direction] = bpf_ntohl(packet->tcp_sequence) + 1;
	if (follow(packet, session, flags, now))
		recount_session(packet, session, RF_CENSUS_HALF_OPEN, now);
	promote(packet, session, now);
}

/*
 * @map is `sessions` or `half_open`. What was judged again is written back as a copy: while rules
 * are looked up, the kernel may give an evicted element to another flow, which nobody has judged.
 */
static __always_inline int follow_in(void *map, const struct packet *packet,
				     const struct rf_pod_state *pod, struct decision *decision)
{
	struct rf_session *session = bpf_map_lookup_elem(map, &packet->flow);
	__u32 subject = map == &half_open ? RF_CENSUS_HALF_OPEN : RF_CENSUS_SESSIONS;
	__u64 now = bpf_jiffies64();

	if (!session || !is_member(packet, session, pod, decision, now))
		return FOLLOW_NONE;
	if (!step_allowed(packet, session)) {
		decision->reason = RF_REASON_TCP_STATE;
		return FOLLOW_DENIED;
	}
	if (session->policy != pod->policy) {
		struct rf_session judged = *session;

		if (!judge_again(packet, &judged, pod, decision)) {
			forget_session(map, subject, &packet->flow, slice_of(now));
			return FOLLOW_DENIED;
		}
		bpf_map_update_elem(map, &packet->flow, &judged, BPF_EXIST);
		session = bpf_map_lookup_elem(map, &packet->flow);
		if (!session) {
			/* It counts for nothing: the flow is a new one now. */
			decision->rule = 0;
			decision->effects = 0;
			return FOLLOW_NONE;
		}
	}
	decision->rule = session->rule;
	use_qos(session, decision);
	if (!(decision->effects & EFFECT_AUDITED))
		decision->reason = RF_REASON_SESSION;
	if (map == &half_open)
		follow_half_open(packet, session, now);
	else if (follow(packet, session, packet->tcp_flags, now))
		recount_session(packet, session, subject, now);
	return FOLLOW_ALLOW;
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

/*
 * Off the hot path: the session may be stale or half-open. A connection stays in `sessions` beside
 * the SYN of another with the same addresses and ports, which may be forged: who knows the old one
 * answers by a mere acknowledgement (RFC 5961, 4). Who takes up the new one knows no other.
 */
static __noinline int follow_any(const struct packet *packet, const struct rf_pod_state *pod,
				 struct decision *decision)
{
	int result;

	if (!packet || !pod || !decision)
		return FOLLOW_NONE;
	if (takes_up(packet, pod, decision)) {
		forget_session(&sessions, RF_CENSUS_SESSIONS, &packet->flow,
			       slice_of(bpf_jiffies64()));
	} else {
		result = follow_in(&sessions, packet, pod, decision);
		if (result != FOLLOW_NONE)
			return result;
	}
	return follow_in(&half_open, packet, pod, decision);
}

/*
 * True if what stands under the packet's key is over, timed out, or an earlier pod's. Not if it was
 * reset: that may have been forged, as the packet may be.
 */
static __always_inline int is_past(const struct packet *packet, const struct rf_session *now_made)
{
	struct rf_session *session = bpf_map_lookup_elem(&sessions, &packet->flow);
	enum rf_session_state state;

	if (!session)
		return 0;
	state = state_of(packet, session);
	return session->pod != now_made->pod || session->incarnation != now_made->incarnation ||
	       state == RF_STATE_TIME_WAIT || !is_live(packet, session, state, now_made->last_seen);
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
	keep_judgement(&session, decision);
	session.last_seen = bpf_jiffies64();
	session.created = bpf_ktime_get_ns();
	session.pod = decision->pod;
	session.incarnation = pod->incarnation;
	session.opened_by = packet->direction;
	session.flags |= decision->reason == RF_REASON_HOST_ACCESS ? RF_SESSION_FROM_HOST : 0;
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
