/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What would become of a packet, without a trace: no session, counter, event, token or fragment
 * comes or goes of it. What has an effect on the way of a real packet has its dry counterpart here;
 * all else is the same code. test/bpf/explain_test.c holds one against the other.
 */
#ifndef RINGFENCE_BPF_EXPLAIN_H
#define RINGFENCE_BPF_EXPLAIN_H

#include "bpf/limit.h"
#include "bpf/new_session.h"
#include "bpf/related.h"
#include "bpf/rule_count.h"
#include "bpf/session.h"

/* As struct slow_packet, but its own: a real packet may come in between. */
struct explained {
	struct packet packet;
	struct packet inner;
	struct decision decision;
	struct decision other; /* a judgement that is not the packet's */
	struct rf_session session;
	struct rf_explanation answer;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct explained);
} explained_packets SEC(".maps");

static __always_inline struct explained *explained_packet(void)
{
	__u32 only = 0;

	return bpf_map_lookup_elem(&explained_packets, &only);
}

/* As follow_current(), which asks nothing of the packet but its key. */
static __always_inline int would_be_current(const struct packet *packet,
					    const struct rf_pod_state *pod,
					    struct decision *decision)
{
	struct rf_session *session;

	if (packet->fragment || (has_tcp_flags(packet) && !rf_tcp_is_plain(packet->tcp_flags)))
		return 0;
	session = bpf_map_lookup_elem(&sessions, &packet->flow);
	if (!session || session->pod != decision->pod || session->policy != pod->policy ||
	    !is_live(packet, session, bpf_jiffies64()))
		return 0;
	decision->rule = session->rule;
	decision->reason = RF_REASON_SESSION;
	return 1;
}

/* As follow_in(). */
static __always_inline int would_follow_in(void *map, const struct packet *packet,
					   const struct rf_pod_state *pod,
					   struct decision *decision)
{
	struct rf_session *session = bpf_map_lookup_elem(map, &packet->flow);

	if (!session || !is_member(packet, session, pod, decision, bpf_jiffies64()))
		return FOLLOW_NONE;
	if (!step_allowed(packet, session)) {
		decision->reason = RF_REASON_TCP_STATE;
		return FOLLOW_DENIED;
	}
	if (session->policy == pod->policy) {
		decision->rule = session->rule;
	} else {
		struct rf_session judged = *session;

		if (!judge_again(packet, &judged, pod, decision))
			return FOLLOW_DENIED;
	}
	if (!(decision->effects & EFFECT_AUDITED))
		decision->reason = RF_REASON_SESSION;
	return FOLLOW_ALLOW;
}

/* As follow_any(). */
static __noinline int would_follow(const struct packet *packet, const struct rf_pod_state *pod,
				   struct decision *decision)
{
	int result = FOLLOW_NONE;

	if (!packet || !pod || !decision)
		return FOLLOW_NONE;
	if (!takes_up(packet, pod, decision))
		result = would_follow_in(&sessions, packet, pod, decision);
	return result != FOLLOW_NONE ? result : would_follow_in(&half_open, packet, pod, decision);
}

/* As is_related(). */
static __noinline int would_be_related(struct __sk_buff *skb, const struct packet *error,
				       const struct rf_pod_state *pod, struct decision *decision)
{
	struct explained *explained = explained_packet();

	if (!explained || !error || !pod || !decision)
		return 0;
	__builtin_memset(&explained->inner, 0, sizeof(explained->inner));
	if (!parse_inner(skb, error, &explained->inner) ||
	    !has_session(&explained->inner, pod, decision, 1))
		return 0;
	decision->reason = RF_REASON_RELATED;
	return 1;
}

/* 1 if the session of @flow in @map counts for the pod of @made, in whose place it would go. */
static __always_inline __u32 counts_for_pod(void *map, const struct rf_flow_key *flow,
					    const struct rf_session *made, __u32 current)
{
	struct rf_session *session = bpf_map_lookup_elem(map, flow);

	return session && session->pod == made->pod && session->incarnation == made->incarnation &&
	       !slice_has_passed(session->expires, current);
}

/* As create_session(): only its limit can be in the way. */
static __always_inline void would_create_session(const struct packet *packet,
						 const struct rf_pod_state *pod,
						 struct decision *decision, struct rf_session *made)
{
	struct rf_pod_limits *limits = limits_of(pod, decision, RF_POD_LIMIT_SESSIONS);
	__u32 current, live;

	if (!limits)
		return;
	made->pod = decision->pod;
	made->incarnation = pod->incarnation;
	made->last_seen = bpf_jiffies64();
	current = slice_of(made->last_seen);
	live = census_unsettled_live(RF_CENSUS_POD(decision->pod), current) + 1;
	if (!(has_tcp_flags(packet) && rf_tcp_is_syn(packet->tcp_flags)) || is_past(packet, made))
		live -= counts_for_pod(&sessions, &packet->flow, made, current);
	live -= counts_for_pod(&half_open, &packet->flow, made, current);
	if ((__s32)live <= (__s64)limits->sessions)
		return;
	decision->reason = RF_REASON_SESSION_LIMIT;
	passes(pod, decision);
}

/* What begins a flow may be more than the pod's limits allow. */
static __noinline int would_begin(const struct packet *packet, const struct rf_pod_state *pod,
				  struct decision *decision)
{
	struct explained *explained = explained_packet();

	if (!explained || !packet || !pod || !decision)
		return 0;
	if (may_begin(pod, decision, 1))
		would_create_session(packet, pod, decision, &explained->session);
	return 0;
}

/* What the rules say of a new flow, whatever stands above them. */
static __noinline int explain_rules(const struct packet *packet, const struct rf_pod_state *pod,
				    struct decision *judged, struct rf_explanation *answer)
{
	__be16 service;

	if (!packet || !pod || !judged || !answer)
		return 0;
	service = service_of(packet, packet->direction & 1);
	judged->policy = pod->policy;
	answer->rules_reason = RF_REASON_NO_POLICY;
	if (use_rules(packet, packet->direction & 1, service, judged)) {
		answer->rules_reason = judged->reason;
		answer->by_rules = judged->rule;
	}
	return 0;
}

static __always_inline int is_of_pod(const struct packet *packet, const struct rf_session *session,
				     const struct rf_pod_state *pod, __u32 id)
{
	return session->pod == id && session->incarnation == pod->incarnation &&
	       is_live(packet, session, bpf_jiffies64());
}

/* The live session of the flow, if there is one, and whether it goes on. */
static __noinline int explain_session(struct explained *explained, const struct rf_pod_state *pod)
{
	struct rf_explanation *answer;
	struct rf_session *session, *kept;
	struct decision *again;
	struct packet *packet;

	if (!explained || !pod)
		return 0;
	answer = &explained->answer;
	again = &explained->other;
	kept = &explained->session;
	packet = &explained->packet;
	session = bpf_map_lookup_elem(&sessions, &packet->flow);
	if (!session || !is_of_pod(packet, session, pod, answer->pod)) {
		session = bpf_map_lookup_elem(&half_open, &packet->flow);
		if (!session || !is_of_pod(packet, session, pod, answer->pod))
			return 0;
		answer->flags |= RF_EXPLANATION_HALF_OPEN;
	}
	*kept = *session;
	answer->flags |= RF_EXPLANATION_SESSION;
	answer->session_policy = kept->policy;
	answer->session_rule = kept->rule;
	answer->session_again = kept->rule;
	answer->session_flags = kept->flags;
	answer->session_opener = kept->opened_by;
	answer->session_reason = RF_REASON_SESSION;
	if (kept->policy == pod->policy)
		return 0;
	__builtin_memset(again, 0, sizeof(*again));
	if (!judge_again(packet, kept, pod, again))
		answer->session_reason = again->reason;
	else if (again->effects & EFFECT_AUDITED)
		answer->flags |= RF_EXPLANATION_SESSION_AUDITED;
	answer->session_again = again->rule;
	return 0;
}

/* All of the answer, when the packet is decided. @pod may be NULL. */
static __always_inline void fill_explanation(struct explained *explained,
					     const struct rf_pod_state *pod)
{
	const struct decision *decision = &explained->decision;
	struct rf_explanation *answer = &explained->answer;

	answer->pod = decision->pod;
	answer->incarnation = decision->incarnation;
	answer->policy = decision->policy;
	answer->rule = decision->rule;
	answer->reason = decision->reason;
	answer->kind = explained->packet.kind;
	if (decision->effects & EFFECT_AUDITED)
		answer->flags |= RF_EXPLANATION_AUDITED;
	if (!pod || explained->packet.kind != PACKET_FLOW)
		return;
	answer->flags |= RF_EXPLANATION_FLOW;
	answer->flow = explained->packet.flow;
	explain_rules(&explained->packet, pod, &explained->other, answer);
	explain_session(explained, pod);
}

#endif
