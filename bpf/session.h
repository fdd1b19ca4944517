/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sessions off the hot path: stale ones, which are judged again, and half-open ones. */
#ifndef RINGFENCE_BPF_SESSION_H
#define RINGFENCE_BPF_SESSION_H

#include "bpf/follow.h"
#include "bpf/half_open.h"
#include "bpf/judgement.h"
#include "bpf/rule_count.h"

enum follow_result {
	FOLLOW_NONE,   /* no session that the packet belongs to */
	FOLLOW_ALLOW,  /* it does, and the decision is made */
	FOLLOW_DENIED, /* it does, and is denied; if by the policy, the session is gone */
};

/* True if @session is as @judged says: a pinhole lets it go on as before, or another CPU has judged
 * it just now. */
static __always_inline int is_judged_alike(const struct rf_session *session,
					   const struct rf_session *judged)
{
	return session->policy == judged->policy && session->rule == judged->rule;
}

/* What packets of the other side, on another CPU, have said and counted meanwhile. */
static __always_inline void take_account(struct rf_session *judged,
					 const struct rf_session *session)
{
	judged->last_seen = session->last_seen;
	judged->expires = session->expires;
	for (int i = 0; i < RF_DIRECTIONS; i++) {
		judged->packets[i] = session->packets[i];
		judged->bytes[i] = session->bytes[i];
		judged->seen[i] = session->seen[i];
		judged->syn[i] = session->syn[i];
	}
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
		session = bpf_map_lookup_elem(map, &packet->flow);
		/* Another may be there by now, and who opened that was not asked. */
		if (session && session->created != judged.created)
			session = NULL;
		if (session && !is_judged_alike(session, &judged)) {
			take_account(&judged, session);
			bpf_map_update_elem(map, &packet->flow, &judged, BPF_EXIST);
			session = bpf_map_lookup_elem(map, &packet->flow);
		}
		if (!session) {
			/* It counts for nothing: the flow is a new one now. */
			decision->rule = 0;
			decision->effects = 0;
			return FOLLOW_NONE;
		}
		/* What is audited keeps its reason, and is counted by that. */
		if (!(decision->effects & EFFECT_AUDITED))
			count_rule(decision);
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

#endif
