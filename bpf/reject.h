/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The sender of what a rule rejects is told at once: by a reset of TCP, else by an ICMP error. The
 * packet itself becomes the reply and goes back the way it came.
 */
#ifndef RINGFENCE_BPF_REJECT_H
#define RINGFENCE_BPF_REJECT_H

#include "bpf/constants.h"
#include "bpf/count.h"
#include "bpf/decision.h"
#include "bpf/parse.h"
#include "bpf/reject_icmp.h"
#include "bpf/reject_tcp.h"

#include <linux/if_packet.h>
#include <linux/pkt_cls.h>

/* RFC 1122, 3.2.2; RFC 4443, 2.4 (e). */
static __always_inline int may_reply(const struct packet *packet)
{
	if (packet->kind != PACKET_FLOW || packet->fragment == FRAGMENT_LATER || packet->to_group)
		return 0;
	return packet->flow.protocol == IPPROTO_TCP ? may_reset(packet) : may_prohibit(packet);
}

/*
 * To the pod it goes right into its network namespace, past our own program: as a packet for this
 * host, though it was sent to another. To anyone else it goes as if the pod had sent it, through
 * our program, which knows it by its mark.
 */
static __always_inline int send_back(struct __sk_buff *skb, const struct packet *packet,
				     const struct decision *decision)
{
	if (packet->direction == RF_INGRESS) {
		skb->mark = reply_mark;
		return (int)bpf_redirect(skb->ifindex, BPF_F_INGRESS);
	}
	count(decision->pod, RF_INGRESS, RF_REASON_REJECT_REPLY, 1, skb->len);
	bpf_skb_change_type(skb, PACKET_HOST);
	return (int)bpf_redirect_peer(skb->ifindex, 0);
}

/* Returns what the program has to: the packet is dropped, or goes back as a reply. */
static __noinline int reject(struct __sk_buff *skb, const struct packet *packet,
			     const struct decision *decision)
{
	if (!packet || !decision || !may_reply(packet))
		return TC_ACT_SHOT;
	if (packet->flow.protocol == IPPROTO_TCP
		    ? reset_flow(skb, decision->pod, packet->network, packet->transport,
				 segment_length(packet))
		    : prohibit_flow(skb, decision->pod, packet->network, packet->transport,
				    packet->end))
		return TC_ACT_SHOT;
	return send_back(skb, packet, decision);
}

/* A reply that comes from the pod's side: nobody else can mark a packet so. */
static __always_inline int is_looped_reply(struct __sk_buff *skb)
{
	return skb->mark == reply_mark;
}

static __noinline int pass_looped_reply(struct __sk_buff *skb)
{
	__u32 ifindex = skb->ifindex;
	__u32 *pod = bpf_map_lookup_elem(&interfaces, &ifindex);

	skb->mark = 0;
	count(pod ? *pod : 0, RF_EGRESS, RF_REASON_REJECT_REPLY, 1, skb->len);
	return TC_ACT_UNSPEC;
}

#endif
