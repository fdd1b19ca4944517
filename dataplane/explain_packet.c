// SPDX-License-Identifier: Apache-2.0
#include "dataplane/explain_packet.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#define SCTP_HEADER 12
#define ICMP_HEADER 8
#define OTHER_DATA  8 /* of a protocol without a header that is known */
#define HOP_LIMIT   64

bool rf_opening_has_ports(const struct rf_opening *opening)
{
	return opening->protocol == IPPROTO_TCP || opening->protocol == IPPROTO_UDP ||
	       opening->protocol == IPPROTO_SCTP;
}

bool rf_opening_is_icmp(const struct rf_opening *opening)
{
	return opening->protocol == IPPROTO_ICMP || opening->protocol == IPPROTO_ICMPV6;
}

bool rf_opening_is_echo(const struct rf_opening *opening)
{
	if (opening->protocol == IPPROTO_ICMP)
		return opening->service == ICMP_ECHO << 8;
	return opening->protocol == IPPROTO_ICMPV6 && opening->service == ICMP6_ECHO_REQUEST << 8;
}

/* What answers an echo without having been asked. */
static bool is_reply(const struct rf_opening *opening)
{
	if (opening->protocol == IPPROTO_ICMP)
		return opening->service == ICMP_ECHOREPLY << 8;
	return opening->protocol == IPPROTO_ICMPV6 && opening->service == ICMP6_ECHO_REPLY << 8;
}

/* The programs take a reply for one to the other side's echo, of the identifier 0 here. */
static uint8_t echo_of(const struct rf_opening *opening, enum rf_direction direction)
{
	if (rf_opening_is_echo(opening))
		return 1 + direction;
	return is_reply(opening) ? 1 + !direction : 0;
}

struct rf_flow_key rf_opening_key(const struct rf_opening *opening, enum rf_direction direction)
{
	bool out = direction == RF_EGRESS;
	bool is_echo = rf_opening_is_echo(opening), has_ports = rf_opening_has_ports(opening);
	uint16_t source = has_ports || is_echo ? htons(opening->source_port) : 0;
	uint16_t destination = has_ports ? htons(opening->service) : 0;
	struct rf_flow_key key = {
		.pod_port = out ? source : destination,
		.peer_port = out ? destination : source,
		.protocol = opening->protocol,
		.echo = echo_of(opening, direction),
	};

	memcpy(&key.pod, out ? &opening->from : &opening->to, sizeof(key.pod));
	memcpy(&key.peer, out ? &opening->to : &opening->from, sizeof(key.peer));
	return key;
}

static size_t write_tcp(const struct rf_opening *opening, unsigned char *out)
{
	const struct tcphdr tcp = {
		.source = htons(opening->source_port),
		.dest = htons(opening->service),
		.seq = htonl(1),
		.doff = sizeof(tcp) / 4,
		.syn = 1,
		.window = htons(UINT16_MAX),
	};

	memcpy(out, &tcp, sizeof(tcp));
	return sizeof(tcp);
}

static size_t write_icmp(const struct rf_opening *opening, unsigned char *out)
{
	uint16_t identifier = htons(opening->source_port);

	out[0] = opening->service >> 8;
	out[1] = (unsigned char)opening->service;
	if (rf_opening_is_echo(opening))
		memcpy(out + 4, &identifier, sizeof(identifier));
	return ICMP_HEADER;
}

/* SCTP begins as UDP does. */
static size_t write_ports(const struct rf_opening *opening, unsigned char *out)
{
	bool is_udp = opening->protocol == IPPROTO_UDP;
	const struct udphdr udp = {
		.source = htons(opening->source_port),
		.dest = htons(opening->service),
		.len = is_udp ? htons(sizeof(udp)) : 0,
	};

	memcpy(out, &udp, sizeof(udp));
	return is_udp ? sizeof(udp) : SCTP_HEADER;
}

static size_t write_transport(const struct rf_opening *opening, unsigned char *out)
{
	if (opening->protocol == IPPROTO_TCP)
		return write_tcp(opening, out);
	if (rf_opening_has_ports(opening))
		return write_ports(opening, out);
	return rf_opening_is_icmp(opening) ? write_icmp(opening, out) : OTHER_DATA;
}

static size_t write_v4(const struct rf_opening *opening, unsigned char *out)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.ttl = HOP_LIMIT,
		.protocol = opening->protocol,
		.saddr = opening->from.s6_addr32[3],
		.daddr = opening->to.s6_addr32[3],
	};
	size_t size = sizeof(ip) + write_transport(opening, out + sizeof(ip));

	ip.tot_len = htons(size);
	memcpy(out, &ip, sizeof(ip));
	return size;
}

static size_t write_v6(const struct rf_opening *opening, unsigned char *out)
{
	size_t size = write_transport(opening, out + sizeof(struct ip6_hdr));
	struct ip6_hdr ip = {
		.ip6_flow = htonl(6u << 28),
		.ip6_plen = htons(size),
		.ip6_nxt = opening->protocol,
		.ip6_hlim = HOP_LIMIT,
		.ip6_src = opening->from,
		.ip6_dst = opening->to,
	};

	memcpy(out, &ip, sizeof(ip));
	return sizeof(ip) + size;
}

/* Multicast, or the limited broadcast: it goes to more than one. */
static bool is_to_group(const struct rf_opening *opening)
{
	if (IN6_IS_ADDR_V4MAPPED(&opening->to))
		return opening->to.s6_addr[12] >= 224;
	return IN6_IS_ADDR_MULTICAST(&opening->to);
}

size_t rf_opening_build(const struct rf_opening *opening, unsigned char frame[RF_OPENING_MAX])
{
	bool is_v4 = IN6_IS_ADDR_V4MAPPED(&opening->to);
	struct ethhdr ethernet = {.h_proto = htons(is_v4 ? ETH_P_IP : ETH_P_IPV6)};

	memset(frame, 0, RF_OPENING_MAX);
	ethernet.h_dest[0] = is_to_group(opening) ? 0xff : 0x02; /* locally administered */
	ethernet.h_source[0] = 0x02;
	memcpy(frame, &ethernet, sizeof(ethernet));
	return sizeof(ethernet) + (is_v4 ? write_v4(opening, frame + sizeof(ethernet))
					 : write_v6(opening, frame + sizeof(ethernet)));
}
