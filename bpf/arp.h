/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ARP (RFC 826): a pod may say only of its own addresses where they are. */
#ifndef RINGFENCE_BPF_ARP_H
#define RINGFENCE_BPF_ARP_H

#include "bpf/address.h"
#include "bpf/parse.h"

struct arp {
	__be16 hardware;
	__be16 protocol;
	__u8 hardware_size;
	__u8 protocol_size;
	__be16 operation;
	__u8 sender_hardware[ETH_ALEN];
	__u8 sender[4];
	__u8 target_hardware[ETH_ALEN];
	__u8 target[4];
};

_Static_assert(sizeof(struct arp) == 28, "ARP of Ethernet and IPv4");

#define ARP_ETHERNET 1

/*
 * Every ARP packet, request or reply, says where its sender is. A probe (RFC 5227, 2.1.1) names no
 * sender: it claims its target. To the pod anything may be said: a neighbour may answer for others.
 */
static __noinline __u32 judge_arp(struct __sk_buff *skb, const struct packet *packet,
				  const struct rf_pod_state *pod, const struct decision *decision)
{
	struct rf_address claimed;
	struct arp arp;
	__be32 address;

	if (!packet || !pod || !decision ||
	    bpf_skb_load_bytes(skb, packet->network, &arp, sizeof(arp)))
		return RF_REASON_MALFORMED;
	if (arp.hardware != bpf_htons(ARP_ETHERNET) || arp.protocol != bpf_htons(ETH_P_IP) ||
	    arp.hardware_size != ETH_ALEN || arp.protocol_size != sizeof(address))
		return RF_REASON_MALFORMED;
	if (packet->direction == RF_INGRESS)
		return RF_REASON_ETHER_TYPE_ALLOW;
	__builtin_memcpy(&address, arp.sender, sizeof(address));
	if (!address)
		__builtin_memcpy(&address, arp.target, sizeof(address));
	set_v4(&claimed, address);
	return may_claim(&claimed, pod, decision) ? RF_REASON_ETHER_TYPE_ALLOW : RF_REASON_SPOOFED;
}

#endif
