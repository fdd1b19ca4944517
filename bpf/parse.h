/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From bytes to a flow: Ethernet, IPv4 and IPv6, and what of TCP, UDP, SCTP and ICMP makes a flow.
 */
#ifndef RINGFENCE_BPF_PARSE_H
#define RINGFENCE_BPF_PARSE_H

#include "bpf/abi.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define likely(condition)   __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* linux/icmp.h and linux/icmpv6.h pull in libc headers; RFC 792, 4443, 4861, 2710, 3810. */
#define ICMP_ECHO_REPLY          0
#define ICMP_ECHO_REQUEST        8
#define ICMPV6_ECHO_REQUEST      128
#define ICMPV6_ECHO_REPLY        129
#define ICMPV6_LISTENER_QUERY    130
#define ICMPV6_LISTENER_DONE     132
#define ICMPV6_ROUTER_SOLICIT    133
#define ICMPV6_ROUTER_ADVERT     134
#define ICMPV6_NEIGHBOUR_SOLICIT 135
#define ICMPV6_NEIGHBOUR_ADVERT  136
#define ICMPV6_REDIRECT          137
#define ICMPV6_LISTENER_REPORT_2 143

#define EXTENSION_FRAGMENT 44
#define EXTENSIONS_MAX     6
#define HEADERS_MAX        2048 /* bytes before the transport header */

enum packet_kind {
	PACKET_FLOW,      /* flow is filled */
	PACKET_NEIGHBOUR, /* neighbour or listener discovery, valid by its hop limit */
	PACKET_NOT_IP,
	PACKET_FRAGMENT,
	PACKET_MALFORMED,
};

struct packet {
	struct rf_flow_key flow;
	__u32 length; /* bytes, with the Ethernet header */
	__u32 end;    /* offset behind the IP packet: padding is not part of it */
	__be16 ether_type;
	__be16 icmp;    /* type and code */
	__u8 kind;      /* enum packet_kind */
	__u8 direction; /* enum rf_direction */
	__u8 tcp_flags;
	__u8 to_group;  /* Ethernet broadcast or multicast: no session can come of it */
	__u8 stateless; /* judged each by itself: ICMP that is no echo request */
};

/* By assembly, since the compiler moves these fields through 32-bit registers, which no pointer
 * survives. */
#define PACKET_POINTER(skb, field)                                                                 \
	({                                                                                         \
		void *pointer;                                                                     \
		asm volatile("%0 = *(u32 *)(%1 + %2)"                                              \
			     : "=r"(pointer)                                                       \
			     : "r"(skb), "i"(__builtin_offsetof(struct __sk_buff, field)));        \
		pointer;                                                                           \
	})

/*
 * @size bytes at @offset in the linear part. The empty assembly keeps the pointer that is checked
 * and the one that is used the same register, as the verifier wants it.
 */
static __always_inline void *linear_at(struct __sk_buff *skb, __u32 offset, __u32 size)
{
	void *header = PACKET_POINTER(skb, data) + offset;

	asm volatile("" : "+r"(header));
	return header + size > PACKET_POINTER(skb, data_end) ? NULL : header;
}

/*
 * As linear_at(), pulled into the linear part if need be. Pulling is the exception: it may copy a
 * cloned skb. Invalidates all earlier pointers into the packet.
 */
static __always_inline void *header_at(struct __sk_buff *skb, __u32 offset, __u32 size)
{
	void *header = linear_at(skb, offset, size);

	if (likely(header))
		return header;
	return bpf_skb_pull_data(skb, offset + size) ? NULL : linear_at(skb, offset, size);
}

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

/* As header_at(), for a header that must lie within the IP packet. */
static __always_inline void *transport_at(struct __sk_buff *skb, const struct packet *packet,
					  __u32 offset, __u32 size)
{
	if (offset > HEADERS_MAX || offset + size > packet->end)
		return NULL;
	return header_at(skb, offset, size);
}

static __always_inline int parse_tcp(struct __sk_buff *skb, struct packet *packet, __u32 offset,
				     __be16 *source, __be16 *destination)
{
	__u8 *tcp = transport_at(skb, packet, offset, 20);

	/* The data offset, in words, must cover the fixed header and lie within the packet. */
	if (!tcp || (tcp[12] >> 4) < 5 || offset + (tcp[12] >> 4) * 4 > packet->end)
		return PACKET_MALFORMED;
	*source = *(__be16 *)tcp;
	*destination = *(__be16 *)(tcp + 2);
	packet->tcp_flags = tcp[13];
	return PACKET_FLOW;
}

static __always_inline int parse_ports(struct __sk_buff *skb, const struct packet *packet,
				       __u32 offset, __u32 header_size, __be16 *source,
				       __be16 *destination)
{
	__be16 *ports = transport_at(skb, packet, offset, header_size);

	if (!ports)
		return PACKET_MALFORMED;
	*source = ports[0];
	*destination = ports[1];
	return PACKET_FLOW;
}

/*
 * Only an echo makes a flow. Its identifier is the port of the side that pings, which is the sender
 * of a request and the receiver of a reply.
 */
static __always_inline int parse_icmp(struct __sk_buff *skb, struct packet *packet, __u32 offset,
				      __u8 request, __u8 reply)
{
	__u8 *icmp = transport_at(skb, packet, offset, 8);
	__u8 pinging;

	if (!icmp)
		return PACKET_MALFORMED;
	packet->icmp = *(__be16 *)icmp;
	packet->stateless = icmp[0] != request || icmp[1];
	if (icmp[1] || (icmp[0] != request && icmp[0] != reply))
		return PACKET_FLOW;
	pinging = icmp[0] == request ? packet->direction : !packet->direction;
	packet->flow.echo = 1 + pinging;
	if (pinging == RF_EGRESS)
		packet->flow.pod_port = *(__be16 *)(icmp + 4);
	else
		packet->flow.peer_port = *(__be16 *)(icmp + 4);
	return PACKET_FLOW;
}

static __always_inline int parse_transport(struct __sk_buff *skb, struct packet *packet,
					   __u32 offset)
{
	__be16 source = 0, destination = 0;
	int kind = PACKET_FLOW;

	switch (packet->flow.protocol) {
	case IPPROTO_TCP:
		kind = parse_tcp(skb, packet, offset, &source, &destination);
		break;
	case IPPROTO_UDP:
		kind = parse_ports(skb, packet, offset, 8, &source, &destination);
		break;
	case IPPROTO_SCTP:
		kind = parse_ports(skb, packet, offset, 12, &source, &destination);
		break;
	case IPPROTO_ICMP:
		return parse_icmp(skb, packet, offset, ICMP_ECHO_REQUEST, ICMP_ECHO_REPLY);
	case IPPROTO_ICMPV6:
		return parse_icmp(skb, packet, offset, ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY);
	}
	packet->flow.pod_port = packet->direction == RF_EGRESS ? source : destination;
	packet->flow.peer_port = packet->direction == RF_EGRESS ? destination : source;
	return kind;
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

/*
 * Neighbour discovery is valid only with hop limit 255 (RFC 4861, 6.1 and 7.1), listener discovery
 * only with 1 and to a group (RFC 3810, 5). A pod is no router: it may not advertise itself as one
 * or redirect.
 */
static __always_inline int is_discovery(const struct packet *packet, __u8 hop_limit)
{
	__u8 type = bpf_ntohs(packet->icmp) >> 8;

	if (packet->flow.protocol != IPPROTO_ICMPV6 || (packet->icmp & bpf_htons(0xff)))
		return 0;
	switch (type) {
	case ICMPV6_NEIGHBOUR_SOLICIT:
	case ICMPV6_NEIGHBOUR_ADVERT:
	case ICMPV6_ROUTER_SOLICIT:
		return hop_limit == 255;
	case ICMPV6_ROUTER_ADVERT:
	case ICMPV6_REDIRECT:
		return hop_limit == 255 && packet->direction == RF_INGRESS;
	case ICMPV6_LISTENER_QUERY ... ICMPV6_LISTENER_DONE:
	case ICMPV6_LISTENER_REPORT_2:
		return hop_limit == 1 && packet->to_group;
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
	packet->kind = PACKET_MALFORMED;
	if (!ethernet)
		return;
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
