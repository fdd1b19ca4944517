// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The two programs on the host side of a pod's veth, and the order in which a packet is decided;
 * and a third, which says how one would be. Each concept has a header of its own.
 */
#include "bpf/abi.h"
#include "bpf/address.h"
#include "bpf/arp.h"
#include "bpf/audit.h"
#include "bpf/explain.h"
#include "bpf/first_fragment.h"
#include "bpf/limit.h"
#include "bpf/maps.h"
#include "bpf/neighbour.h"
#include "bpf/new_session.h"
#include "bpf/parse.h"
#include "bpf/policy.h"
#include "bpf/related.h"
#include "bpf/report.h"
#include "bpf/session.h"
#include "bpf/slow.h"

/* The pod behind the interface, by the interface alone: what a packet claims is not asked. */
static __always_inline struct rf_pod_state *find_pod(struct __sk_buff *skb,
						     struct decision *decision)
{
	__u32 ifindex = skb->ifindex;
	__u32 *id = bpf_map_lookup_elem(&interfaces, &ifindex);
	struct rf_pod_state *pod;

	if (!id)
		return NULL;
	pod = bpf_map_lookup_elem(&pod_state, id);
	if (!pod || pod->ifindex != ifindex)
		return NULL;
	decision->pod = *id;
	decision->incarnation = pod->incarnation;
	decision->policy = pod->policy;
	return pod;
}

static __always_inline int has_ether_type(const struct rf_pod_state *pod, __be16 ether_type)
{
	for (int i = 0; i < RF_POD_ETHER_TYPES && pod->ether_types[i]; i++)
		if (pod->ether_types[i] == ether_type)
			return 1;
	return 0;
}

static __always_inline __u32 judge_ether_type(struct __sk_buff *skb, const struct packet *packet,
					      const struct rf_pod_state *pod,
					      const struct decision *decision)
{
	if (!has_ether_type(pod, packet->ether_type))
		return RF_REASON_ETHER_TYPE_DENY;
	if (packet->ether_type == bpf_htons(ETH_P_ARP))
		return judge_arp(skb, packet, pod, decision);
	return RF_REASON_ETHER_TYPE_ALLOW;
}

/*
 * The pod's side of the flow must be an address that the pod may claim. Broadcast and multicast
 * reach a pod under any address.
 */
static __always_inline int has_pod_address(const struct packet *packet,
					   const struct rf_pod_state *pod,
					   const struct decision *decision)
{
	if (packet->direction == RF_INGRESS && packet->to_group)
		return 1;
	return may_claim(&packet->flow.pod, pod, decision);
}

/*
 * What the node sends came through no interface, and nor, for the kernel, did IPv6 fragments that
 * it has put together and cut anew (ip6_copy_metadata() forgets the interface): of fragments only
 * what comes from a socket here is the node's own. Before Linux 5.16 a packet of a test run can
 * name no interface, so who asks says it in another way.
 */
static __always_inline int host_opens(struct __sk_buff *skb, const struct packet *packet,
				      const struct rf_pod_state *pod, int is_dry)
{
	int is_own = is_dry ? !!(skb->cb[0] & RF_EXPLAIN_FROM_NODE) : !skb->ingress_ifindex;

	return packet->direction == RF_INGRESS && is_own && (!packet->fragment || skb->sk) &&
	       !(pod->flags & RF_POD_HOST_BY_POLICY);
}

/*
 * Let the flow begin that was judged, if nothing is in the way of that. @is_dry, here and below: a
 * constant, so that the programs which decide have nothing of it.
 */
static __always_inline void begin_flow(const struct packet *packet, const struct rf_pod_state *pod,
				       struct decision *decision, int is_dry)
{
	if (packet->to_group || packet->stateless || !rf_tcp_opens(packet->tcp_flags))
		return;
	if (is_dry)
		would_begin(packet, pod, decision);
	else if (may_begin(pod, decision, 0))
		create_session(packet, pod, decision);
}

/* A packet of a flow that is not followed on the hot path. */
static __always_inline void decide_flow(struct __sk_buff *skb, const struct packet *packet,
					const struct rf_pod_state *pod, struct decision *decision,
					int is_dry)
{
	if (is_dry && would_be_current(packet, pod, decision))
		return;
	if (!has_pod_address(packet, pod, decision)) {
		decision->reason =
			packet->direction == RF_EGRESS ? RF_REASON_SPOOFED : RF_REASON_NOT_FOR_POD;
		return;
	}
	if (has_tcp_flags(packet) && !rf_tcp_flags_valid(packet->tcp_flags)) {
		decision->reason = RF_REASON_TCP_STATE;
		return;
	}
	if ((is_dry ? would_follow(packet, pod, decision) : follow_any(packet, pod, decision)) !=
	    FOLLOW_NONE)
		return;
	if (is_icmp_error(packet) && (is_dry ? would_be_related(skb, packet, pod, decision)
					     : is_related(skb, packet, pod, decision)))
		return;
	if (has_tcp_flags(packet) && rf_tcp_is_syn_ack(packet->tcp_flags)) {
		decision->reason = RF_REASON_TCP_STATE;
		return;
	}
	if (host_opens(skb, packet, pod, is_dry))
		decision->reason = RF_REASON_HOST_ACCESS;
	else
		judge_flow(packet, packet->direction, pod, decision);
	begin_flow(packet, pod, decision, is_dry);
}

/*
 * Everything but a followed session, and all fragments. In line: one call more is too deep for the
 * stack of Linux 5.10. Returns the pod, NULL if none is known.
 */
static __always_inline struct rf_pod_state *decide(struct __sk_buff *skb, struct packet *packet,
						   struct decision *decision, int is_dry)
{
	struct rf_pod_state *pod;

	decision->opener = packet->direction;
	pod = find_pod(skb, decision);
	if (!pod) {
		decision->reason = RF_REASON_UNKNOWN_POD;
		return NULL;
	}
	if (packet->kind == PACKET_FRAGMENT)
		take_first(skb, packet, pod);
	switch (packet->kind) {
	case PACKET_NEIGHBOUR:
		if (judge_neighbour(skb, packet, pod, decision))
			break;
		__attribute__((fallthrough));
	case PACKET_FLOW:
		decide_flow(skb, packet, pod, decision, is_dry);
		break;
	case PACKET_NOT_IP:
		decision->reason = judge_ether_type(skb, packet, pod, decision);
		break;
	case PACKET_FRAGMENT:
		decision->reason = RF_REASON_FRAGMENT;
		break;
	case PACKET_SOURCE_ROUTE:
		decision->reason = RF_REASON_SOURCE_ROUTE;
		break;
	default:
		decision->reason = RF_REASON_MALFORMED;
	}
	passes(pod, decision);
	note_rate(packet, pod, decision);
	if (!is_dry && packet->kind == PACKET_FLOW && packet->fragment == FRAGMENT_FIRST)
		remember_first(skb, packet, pod, decision);
	return pod;
}

/*
 * Out of line, so that the hot path stays small. @is_followed: the decision is made, and has
 * effects. Returns the answer to the kernel.
 */
static __noinline int take_time(struct __sk_buff *skb, const struct packet *packet,
				const struct decision *decision, int is_followed)
{
	struct slow_packet *slow = slow_packet();

	if (!slow || !packet || !decision)
		return TC_ACT_SHOT;
	slow->packet = *packet;
	slow->decision = *decision;
	if (!is_followed)
		decide(skb, &slow->packet, &slow->decision, 0);
	return conclude(skb, &slow->packet, &slow->decision);
}

static __always_inline int enforce(struct __sk_buff *skb, enum rf_direction direction)
{
	struct packet packet = {.direction = direction};
	struct decision decision = {.reason = RF_REASON_MALFORMED};
	int is_followed;

#ifdef RF_BUILD_FOR_TEST
	/* An instruction that makes it another build, for the tests of upgrades (Makefile). */
	asm volatile(RF_BUILD_FOR_TEST ::: "r0");
#endif
	if (direction == RF_EGRESS && unlikely(is_looped_reply(skb)))
		return pass_looped_reply(skb);
	parse(skb, &packet);
	/*
	 * Here all ways of parsing meet: else the compiler copies what follows behind several of
	 * them, and the verifier looks at each copy.
	 */
	asm volatile("" ::: "memory");
	is_followed = !(packet.kind | packet.fragment) && follow_current(skb, &packet, &decision);
	if (unlikely(!is_followed || decision.effects))
		return take_time(skb, &packet, &decision, is_followed);
	count_decided(&packet, &decision);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int rf_to_pod(struct __sk_buff *skb)
{
	return enforce(skb, RF_INGRESS);
}

SEC("tc")
int rf_from_pod(struct __sk_buff *skb)
{
	return enforce(skb, RF_EGRESS);
}

/*
 * Attached to nothing: user space runs it on a packet of its own, whose context has the interface
 * of the pod and, in cb[0], enum rf_explain_question. The answer (struct rf_explanation) is written
 * over the beginning of the packet.
 */
SEC("tc")
int rf_explain(struct __sk_buff *skb)
{
	struct explained *explained = explained_packet();
	struct packet packet = {.direction = RF_INGRESS};
	struct rf_pod_state *pod;

	if (!explained)
		return TC_ACT_SHOT;
	/* Two copies: of a direction that varies, Linux 5.10 loses sight of offsets' bounds. */
	if (skb->cb[0] & RF_EXPLAIN_EGRESS) {
		packet.direction = RF_EGRESS;
		parse(skb, &packet);
	} else {
		parse(skb, &packet);
	}
	/* As in enforce(). */
	asm volatile("" ::: "memory");
	__builtin_memset(explained, 0, sizeof(*explained));
	explained->packet = packet;
	explained->decision.reason = RF_REASON_MALFORMED;
	pod = decide(skb, &explained->packet, &explained->decision, 1);
	limit_rate(&explained->packet, &explained->decision, 1);
	fill_explanation(explained, pod);
	bpf_skb_store_bytes(skb, 0, &explained->answer, sizeof(explained->answer), 0);
	return TC_ACT_UNSPEC;
}

/* The kernel has helpers for GPL-compatible programs only. */
char program_license[] SEC("license") = "Dual BSD/GPL";
