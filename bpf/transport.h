/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What of TCP, UDP, SCTP and ICMP makes a flow. */
#ifndef RINGFENCE_BPF_TRANSPORT_H
#define RINGFENCE_BPF_TRANSPORT_H

#include "bpf/packet.h"

#include <linux/in.h>
#include <linux/in6.h>
#include <bpf/bpf_endian.h>

/* linux/icmp.h and linux/icmpv6.h pull in libc headers; RFC 792, 4443, 4861, 2710, 3810. */
#define ICMP_ECHO_REPLY          0
#define ICMP_UNREACHABLE         3
#define ICMP_SOURCE_QUENCH       4
#define ICMP_ECHO_REQUEST        8
#define ICMP_TIME_EXCEEDED       11
#define ICMP_PARAMETER_PROBLEM   12
#define ICMPV6_UNREACHABLE       1
#define ICMPV6_PARAMETER_PROBLEM 4
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

static __always_inline __u8 icmp_type(const struct packet *packet)
{
	return bpf_ntohs(packet->icmp) >> 8;
}

/*
 * A redirect is none: nothing went wrong. Nor is a later fragment: what stands where its header
 * would be is data.
 */
static __always_inline int is_icmp_error(const struct packet *packet)
{
	__u8 type = icmp_type(packet);

	if (packet->fragment == FRAGMENT_LATER)
		return 0;
	if (packet->flow.protocol == IPPROTO_ICMPV6)
		return type >= ICMPV6_UNREACHABLE && type <= ICMPV6_PARAMETER_PROBLEM;
	return packet->flow.protocol == IPPROTO_ICMP &&
	       (type == ICMP_UNREACHABLE || type == ICMP_SOURCE_QUENCH ||
		type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER_PROBLEM);
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
	packet->tcp_sequence = *(__be32 *)(tcp + 4);
	packet->tcp_acknowledgement = *(__be32 *)(tcp + 8);
	packet->tcp_flags = tcp[13];
	packet->payload = offset + (tcp[12] >> 4) * 4;
	return PACKET_FLOW;
}

/*
 * The packet may be longer than what UDP has of it (RFC 9868), never shorter; of a first fragment
 * the rest is to come. Of a super-packet it is the whole, and 0 stands for what no 16 bits can tell
 * (RFC 2675, 4).
 */
static __always_inline int is_udp_length(const struct packet *packet, __u32 offset, __u32 length)
{
	if (length < 8)
		return !length && packet->end - offset > 0xffff;
	return packet->fragment == FRAGMENT_FIRST || offset + length <= packet->end;
}

static __always_inline int parse_udp(struct __sk_buff *skb, struct packet *packet, __u32 offset,
				     __be16 *source, __be16 *destination)
{
	__be16 *udp = transport_at(skb, packet, offset, 8);

	if (!udp || !is_udp_length(packet, offset, bpf_ntohs(udp[2])))
		return PACKET_MALFORMED;
	*source = udp[0];
	*destination = udp[1];
	packet->payload = offset + 8;
	return PACKET_FLOW;
}

static __always_inline int parse_sctp(struct __sk_buff *skb, struct packet *packet, __u32 offset,
				      __be16 *source, __be16 *destination)
{
	__be16 sctp[6];

	if (!load_at(skb, packet, offset, sctp, sizeof(sctp)))
		return PACKET_MALFORMED;
	*source = sctp[0];
	*destination = sctp[1];
	packet->payload = offset + 12;
	return PACKET_FLOW;
}

/*
 * Only an echo makes a flow. Its identifier is the port of the side that pings, which is the sender
 * of a request and the receiver of a reply.
 */
static __always_inline void take_icmp(struct packet *packet, const __u8 *icmp, __u8 request,
				      __u8 reply)
{
	__u8 pinging;

	packet->icmp = *(__be16 *)icmp;
	packet->stateless = icmp[0] != request || icmp[1];
	if (icmp[1] || (icmp[0] != request && icmp[0] != reply))
		return;
	pinging = icmp[0] == request ? packet->direction : !packet->direction;
	packet->flow.echo = 1 + pinging;
	if (pinging == RF_EGRESS)
		packet->flow.pod_port = *(__be16 *)(icmp + 4);
	else
		packet->flow.peer_port = *(__be16 *)(icmp + 4);
}

static __always_inline int parse_icmp(struct __sk_buff *skb, struct packet *packet, __u32 offset,
				      __u8 request, __u8 reply)
{
	__u8 icmp[8];

	if (!load_at(skb, packet, offset, icmp, sizeof(icmp)))
		return PACKET_MALFORMED;
	packet->payload = offset + sizeof(icmp);
	take_icmp(packet, icmp, request, reply);
	return PACKET_FLOW;
}

static __always_inline int parse_transport(struct __sk_buff *skb, struct packet *packet,
					   __u32 offset)
{
	__be16 source = 0, destination = 0;
	int kind = PACKET_FLOW;

	packet->transport = offset;
	packet->payload = offset;
	switch (packet->flow.protocol) {
	case IPPROTO_TCP:
		kind = parse_tcp(skb, packet, offset, &source, &destination);
		break;
	case IPPROTO_UDP:
		kind = parse_udp(skb, packet, offset, &source, &destination);
		break;
	case IPPROTO_SCTP:
		kind = parse_sctp(skb, packet, offset, &source, &destination);
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

#endif
