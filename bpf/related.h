/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ICMP errors (RFC 792; RFC 4443, 3) belong to the flow of the packet that they are about, of which
 * they carry the beginning. That packet went the other way, so whoever the error is for has sent
 * it.
 */
#ifndef RINGFENCE_BPF_RELATED_H
#define RINGFENCE_BPF_RELATED_H

#include "bpf/address.h"
#include "bpf/session.h"
#include "bpf/slow.h"

/* The error's own header; and what is sure to be there of the other packet's (RFC 792). */
#define ICMP_ERROR_SIZE   8
#define INNER_HEADER_SIZE 8

/*
 * The inner packet was cut, so lengths in its headers are not compared with what there is. It is
 * read as if the pod had sent it. These begin at inner->transport and move it on, to the transport
 * header in the end; false: that is not there.
 */
static __always_inline int parse_inner_v4(struct __sk_buff *skb, struct packet *inner)
{
	struct iphdr ip;

	if (!load_at(skb, inner, inner->transport, &ip, sizeof(ip)) || ip.version != 4 ||
	    ip.ihl < 5 || (ip.frag_off & bpf_htons(0x1fff)))
		return 0;
	set_v4(&inner->flow.pod, ip.saddr);
	set_v4(&inner->flow.peer, ip.daddr);
	inner->flow.protocol = ip.protocol;
	inner->transport += ip.ihl * 4;
	return 1;
}

/* A first fragment has all that is needed here, a later one nothing of it. */
static __always_inline int skip_inner_extensions(struct __sk_buff *skb, struct packet *inner)
{
	__u64 walked = walk_extensions(skb, inner->transport, inner->end, inner->flow.protocol);
	__u32 fragment = EXTENSIONS_FRAGMENT(walked);
	__u8 header[4];

	if (EXTENSIONS_KIND(walked) != PACKET_FLOW)
		return 0;
	if (fragment &&
	    (!load_at(skb, inner, fragment, header, sizeof(header)) || is_later_v6(header)))
		return 0;
	inner->transport = EXTENSIONS_END(walked);
	inner->flow.protocol = EXTENSIONS_NEXT(walked);
	return 1;
}

static __always_inline int parse_inner_v6(struct __sk_buff *skb, struct packet *inner)
{
	struct ipv6hdr ip;

	if (!load_at(skb, inner, inner->transport, &ip, sizeof(ip)) || ip.version != 6)
		return 0;
	set_v6(&inner->flow.pod, &ip.saddr);
	set_v6(&inner->flow.peer, &ip.daddr);
	inner->flow.protocol = ip.nexthdr;
	inner->transport += sizeof(ip);
	return skip_inner_extensions(skb, inner);
}

static __always_inline int has_ports(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

/* The ports or the identifier; false if they are not there. */
static __always_inline int parse_inner_transport(struct __sk_buff *skb, struct packet *inner)
{
	__be16 header[INNER_HEADER_SIZE / 2];

	if (!load_at(skb, inner, inner->transport, header, sizeof(header)))
		return 0;
	if (inner->flow.protocol == IPPROTO_ICMP) {
		take_icmp(inner, (__u8 *)header, ICMP_ECHO_REQUEST, ICMP_ECHO_REPLY);
	} else if (inner->flow.protocol == IPPROTO_ICMPV6) {
		take_icmp(inner, (__u8 *)header, ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY);
	} else if (has_ports(inner->flow.protocol)) {
		inner->flow.pod_port = header[0];
		inner->flow.peer_port = header[1];
	}
	return 1;
}

static __always_inline void turn_round(struct rf_flow_key *flow)
{
	struct rf_address address = flow->pod;
	__be16 port = flow->pod_port;

	flow->pod = flow->peer;
	flow->peer = address;
	flow->pod_port = flow->peer_port;
	flow->peer_port = port;
	if (flow->echo)
		flow->echo = 1 + (flow->echo == 1 + RF_INGRESS ? RF_EGRESS : RF_INGRESS);
}

/* Fill @inner, which the caller has zeroed; true if it can be what @error is about. */
static __noinline int parse_inner(struct __sk_buff *skb, const struct packet *error,
				  struct packet *inner)
{
	int is_to_pod;

	if (!error || !inner)
		return 0;
	is_to_pod = error->direction == RF_INGRESS;
	inner->direction = RF_EGRESS;
	inner->end = error->end;
	inner->transport = error->transport + ICMP_ERROR_SIZE;
	if (error->flow.protocol == IPPROTO_ICMP ? !parse_inner_v4(skb, inner)
						 : !parse_inner_v6(skb, inner))
		return 0;
	if (!parse_inner_transport(skb, inner) ||
	    !is_same_address(&inner->flow.pod, is_to_pod ? &error->flow.pod : &error->flow.peer))
		return 0;
	if (!is_to_pod) {
		inner->direction = RF_INGRESS;
		turn_round(&inner->flow);
	}
	return 1;
}

/* The live session of the flow of @inner in @map. */
static __always_inline struct rf_session *find_live(void *map, struct packet *inner,
						    const struct rf_pod_state *pod,
						    const struct decision *decision)
{
	struct rf_session *session = bpf_map_lookup_elem(map, &inner->flow);
	__u64 now = bpf_jiffies64();

	/* Said once more, so that the compiler knows that this opens no flow. */
	inner->tcp_flags = 0;
	return session && is_member(inner, session, pod, decision, now) ? session : NULL;
}

/*
 * True if the flow of @inner has a live session that the current policy allows. Anyone can forge an
 * error, so the session stays as it is; but one that the policy denies ends here, too, unless
 * @is_dry, a constant.
 */
static __always_inline int has_session(struct packet *inner, const struct rf_pod_state *pod,
				       struct decision *decision, int is_dry)
{
	struct rf_session *session = find_live(&sessions, inner, pod, decision), judged;
	struct decision again = *decision;
	int is_half_open = !session;

	if (is_half_open)
		session = find_live(&half_open, inner, pod, decision);
	if (!session)
		return 0;
	judged = *session;
	if (judged.policy != pod->policy && !judge_again(inner, &judged, pod, &again)) {
		__u32 current = slice_of(bpf_jiffies64());

		if (is_dry)
			return 0;
		if (is_half_open)
			forget_session(&half_open, RF_CENSUS_HALF_OPEN, &inner->flow, current);
		else
			forget_session(&sessions, RF_CENSUS_SESSIONS, &inner->flow, current);
		return 0;
	}
	decision->rule = judged.rule;
	return 1;
}

/* True if @error is about a flow that is allowed: then the decision is made. */
static __noinline int is_related(struct __sk_buff *skb, const struct packet *error,
				 const struct rf_pod_state *pod, struct decision *decision)
{
	struct slow_packet *slow = slow_packet();

	if (!slow || !error || !pod || !decision)
		return 0;
	__builtin_memset(&slow->inner, 0, sizeof(slow->inner));
	if (!parse_inner(skb, error, &slow->inner) || !has_session(&slow->inner, pod, decision, 0))
		return 0;
	decision->reason = RF_REASON_RELATED;
	return 1;
}

#endif
