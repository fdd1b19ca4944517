/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From bytes to a flow: Ethernet, IPv4 and IPv6 with its extension headers. */
#ifndef RINGFENCE_BPF_PARSE_H
#define RINGFENCE_BPF_PARSE_H

#include "bpf/neighbour.h"
#include "bpf/transport.h"

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#define EXTENSION_FRAGMENT 44
#define EXTENSIONS_MAX     6

static __always_inline void set_v4(struct rf_address *address, __be32 v4)
{
	address->word[0] = 0;
	address->word[1] = 0;
	address->word[2] = bpf_htonl(0xffff);
	address->word[3] = v4;
}

static __always_inline void set_v6(struct rf_address *address, const struct in6_addr *v6)
{
	__builtin_memcpy(address, v6, sizeof(*address));
}

static __always_inline int is_mapped(const struct in6_addr *v6)
{
	const __be32 *word = (const __be32 *)v6;

	return !word[0] && !word[1] && word[2] == bpf_htonl(0xffff);
}

static __always_inline int parse_v4(struct __sk_buff *skb, struct packet *packet)
{
	struct iphdr *ip = header_at(skb, ETH_HLEN, sizeof(*ip));
	__u32 header_length, total;

	if (!ip)
		return PACKET_MALFORMED;
	header_length = ip->ihl * 4;
	total = bpf_ntohs(ip->tot_len);
	/* A super-packet of more than 64 KiB has no length in its header (BIG TCP). */
	if (unlikely(!total) && skb->gso_size)
		total = packet->length - ETH_HLEN;
	if (ip->version != 4 || header_length < sizeof(*ip) || total < header_length ||
	    ETH_HLEN + total > packet->length)
		return PACKET_MALFORMED;
	packet->end = ETH_HLEN + total;

	set_v4(packet->direction == RF_EGRESS ? &packet->flow.pod : &packet->flow.peer, ip->saddr);
	set_v4(packet->direction == RF_EGRESS ? &packet->flow.peer : &packet->flow.pod, ip->daddr);
	packet->flow.protocol = ip->protocol;
	if (ip->frag_off & bpf_htons(0x3fff))
		return PACKET_FRAGMENT;
	/* A protocol that cannot be over this family must not borrow the other's rules. */
	if (ip->protocol == IPPROTO_ICMPV6)
		return PACKET_MALFORMED;
	return parse_transport(skb, packet, ETH_HLEN + header_length);
}

/*
 * Step over the extension headers (RFC 8200, 4) from @offset; @next is the type of the first.
 * Returns the offset of the transport header and leaves its type in packet->flow.protocol; 0:
 * malformed, or more of them than anyone sends; packet->kind is set for a fragment.
 */
static __noinline __u32 skip_extensions(struct __sk_buff *skb, struct packet *packet, __u32 offset)
{
	for (int i = 0; i <= EXTENSIONS_MAX; i++) {
		__u8 *header;

		switch (packet->flow.protocol) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
		case IPPROTO_AH:
		case EXTENSION_FRAGMENT:
			break;
		default:
			return offset <= packet->end ? offset : 0;
		}
		header = transport_at(skb, packet, offset, 8);
		if (!header)
			return 0;
		if (packet->flow.protocol == EXTENSION_FRAGMENT) {
			/* An atomic fragment (RFC 6946) is whole. */
			if (*(__be16 *)(header + 2) & bpf_htons(0xfff9)) {
				packet->kind = PACKET_FRAGMENT;
				return offset;
			}
			offset += 8;
		} else if (packet->flow.protocol == IPPROTO_AH) {
			offset += (header[1] + 2) * 4;
		} else {
			offset += (header[1] + 1) * 8;
		}
		packet->flow.protocol = header[0];
	}
	return 0;
}

static __always_inline int parse_v6(struct __sk_buff *skb, struct packet *packet)
{
	__u32 offset = ETH_HLEN + sizeof(struct ipv6hdr);
	struct ipv6hdr *ip = header_at(skb, ETH_HLEN, sizeof(*ip));
	__u8 hop_limit;
	int kind;

	if (!ip || ip->version != 6)
		return PACKET_MALFORMED;
	packet->end = offset + bpf_ntohs(ip->payload_len);
	/* A super-packet has no length in its header (BIG TCP). */
	if (unlikely(!ip->payload_len) && skb->gso_size)
		packet->end = packet->length;
	if (packet->end > packet->length)
		return PACKET_MALFORMED;
	/* A mapped address stands for IPv4 here; on the wire it stands for nothing (RFC
	 * 4291, 2.5.5.2). */
	if (is_mapped(&ip->saddr) || is_mapped(&ip->daddr))
		return PACKET_MALFORMED;
	set_v6(packet->direction == RF_EGRESS ? &packet->flow.pod : &packet->flow.peer, &ip->saddr);
	set_v6(packet->direction == RF_EGRESS ? &packet->flow.peer : &packet->flow.pod, &ip->daddr);
	packet->flow.protocol = ip->nexthdr;
	hop_limit = ip->hop_limit;

	if (packet->flow.protocol != IPPROTO_TCP && packet->flow.protocol != IPPROTO_UDP) {
		offset = skip_extensions(skb, packet, offset);
		if (!offset)
			return PACKET_MALFORMED;
		if (packet->kind == PACKET_FRAGMENT)
			return PACKET_FRAGMENT;
	}
	if (packet->flow.protocol == IPPROTO_ICMP)
		return PACKET_MALFORMED;
	kind = parse_transport(skb, packet, offset);
	if (kind == PACKET_FLOW && is_discovery(packet, hop_limit))
		return PACKET_NEIGHBOUR;
	return kind;
}

/* Fill @packet, which the caller has zeroed and given its direction. */
static __always_inline void parse(struct __sk_buff *skb, struct packet *packet)
{
	struct ethhdr *ethernet = header_at(skb, 0, ETH_HLEN);

	packet->length = skb->len;
	packet->bytes = packet->length;
	packet->segments = 1;
	packet->kind = PACKET_MALFORMED;
	if (!ethernet)
		return;
	packet->network = ETH_HLEN;
	packet->to_group = ethernet->h_dest[0] & 1;
	packet->ether_type = ethernet->h_proto;
	if (packet->ether_type == bpf_htons(ETH_P_IP))
		packet->kind = parse_v4(skb, packet);
	else if (packet->ether_type == bpf_htons(ETH_P_IPV6))
		packet->kind = parse_v6(skb, packet);
	else
		packet->kind = PACKET_NOT_IP;
}

#endif
