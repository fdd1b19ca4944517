/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From bytes to a flow: Ethernet with its tags, IPv4 and IPv6. */
#ifndef RINGFENCE_BPF_PARSE_H
#define RINGFENCE_BPF_PARSE_H

#include "bpf/extension.h"
#include "bpf/neighbour.h"
#include "bpf/segments.h"
#include "bpf/transport.h"
#include "bpf/vlan.h"

#include <linux/ip.h>
#include <linux/ipv6.h>

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

/* What few packets have: options, or, by their @field, fragments. */
static __noinline int check_v4(struct __sk_buff *skb, struct packet *packet, __u32 header_length,
			       __be16 id, __be16 field)
{
	__u32 options = packet->network + sizeof(struct iphdr);
	int kind = check_options(skb, options, packet->network + header_length);

	if (is_v4_fragment(field)) {
		take_v4_fragment(packet, id, field, header_length);
		if (kind == PACKET_FLOW)
			kind = check_fragment(packet, header_length);
	}
	return kind;
}

static __always_inline int parse_v4(struct __sk_buff *skb, struct packet *packet, __u32 network)
{
	struct iphdr *ip = header_at(skb, network, sizeof(*ip));
	__u32 header_length, total;
	int kind;

	if (!ip)
		return PACKET_MALFORMED;
	header_length = ip->ihl * 4;
	total = bpf_ntohs(ip->tot_len);
	/* A super-packet of more than 64 KiB has no length in its header (BIG TCP). */
	if (unlikely(!total) && skb->gso_size)
		total = packet->length - network;
	if (ip->version != 4 || header_length < sizeof(*ip) || total < header_length ||
	    network + total > packet->length)
		return PACKET_MALFORMED;
	packet->end = network + total;

	set_v4(packet->direction == RF_EGRESS ? &packet->flow.pod : &packet->flow.peer, ip->saddr);
	set_v4(packet->direction == RF_EGRESS ? &packet->flow.peer : &packet->flow.pod, ip->daddr);
	packet->flow.protocol = ip->protocol;
	/* A protocol that cannot be over this family must not borrow the other's rules. */
	if (ip->protocol == IPPROTO_ICMPV6)
		return PACKET_MALFORMED;
	if (unlikely(is_v4_fragment(ip->frag_off) || header_length > sizeof(*ip))) {
		kind = check_v4(skb, packet, header_length, ip->id, ip->frag_off);
		if (kind != PACKET_FLOW)
			return kind;
	}
	return parse_transport(skb, packet, network + header_length);
}

static __always_inline int parse_v6(struct __sk_buff *skb, struct packet *packet, __u32 network)
{
	struct ipv6hdr *ip = header_at(skb, network, sizeof(*ip));
	__u32 extensions = network + sizeof(*ip), offset = extensions;
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
		offset = skip_extensions(skb, packet, extensions);
		if (!offset)
			return packet->kind;
		if (packet->fragment > FRAGMENT_ATOMIC) {
			kind = check_fragment(packet,
					      packet->fragmented - V6_FRAGMENT_SIZE - extensions);
			if (kind != PACKET_FLOW)
				return kind;
		}
	}
	if (packet->flow.protocol == IPPROTO_ICMP)
		return PACKET_MALFORMED;
	kind = parse_transport(skb, packet, offset);
	if (kind == PACKET_FLOW && is_discovery(packet, hop_limit))
		return PACKET_NEIGHBOUR;
	return kind;
}

static __always_inline int parse_network(struct __sk_buff *skb, struct packet *packet,
					 __u32 network)
{
	packet->network = network;
	if (packet->ether_type == bpf_htons(ETH_P_IP))
		return parse_v4(skb, packet, network);
	if (packet->ether_type == bpf_htons(ETH_P_IPV6))
		return parse_v6(skb, packet, network);
	return PACKET_NOT_IP;
}

/* Apart, so that the offsets of packets without tags are constants. */
static __noinline int parse_tagged(struct __sk_buff *skb, struct packet *packet)
{
	__u32 network = skip_tags(skb);
	__be16 ether_type;

	if (network < ETH_HLEN || network > ETH_HLEN + TAGS_MAX * TAG_SIZE ||
	    bpf_skb_load_bytes(skb, network - sizeof(ether_type), &ether_type, sizeof(ether_type)))
		return PACKET_MALFORMED;
	packet->ether_type = ether_type;
	return parse_network(skb, packet, network);
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
	packet->to_group = ethernet->h_dest[0] & 1;
	packet->ether_type = ethernet->h_proto;
	packet->kind = parse_network(skb, packet, ETH_HLEN);
	if (unlikely(packet->kind == PACKET_NOT_IP) && is_tag(packet->ether_type))
		packet->kind = parse_tagged(skb, packet);
	if (unlikely(skb->gso_size) && packet->kind == PACKET_FLOW)
		count_segments(skb, packet);
}

#endif
