/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/packet_parts.h"

#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#define SCTP_HEADER_SIZE 12
#define ICMP_HEADER_SIZE 8

bool packet_is_v4(const struct packet_spec *spec)
{
	return !spec->force_v6 && IN6_IS_ADDR_V4MAPPED(&spec->source) &&
	       IN6_IS_ADDR_V4MAPPED(&spec->destination);
}

size_t packet_transport_size(const struct packet_spec *spec)
{
	if (spec->fragment_offset)
		return 0;
	switch (spec->protocol) {
	case IPPROTO_TCP:
		return sizeof(struct tcphdr) + (size_t)4 * spec->tcp_option_words;
	case IPPROTO_UDP:
		return sizeof(struct udphdr);
	case IPPROTO_SCTP:
		return SCTP_HEADER_SIZE;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return ICMP_HEADER_SIZE;
	default:
		return 0;
	}
}

uint64_t packet_sum(const uint8_t *bytes, size_t size, uint64_t sum)
{
	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? bytes[i] : bytes[i] << 8;
	return sum;
}

uint16_t packet_checksum(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* The pseudo header of RFC 9293, 3.1 and RFC 8200, 8.1; equal sums for both families. */
static uint64_t sum_pseudo_header(const struct packet_spec *spec, size_t size)
{
	size_t skip = packet_is_v4(spec) ? 12 : 0;
	uint64_t sum = spec->protocol + size;

	sum = packet_sum(spec->source.s6_addr + skip, 16 - skip, sum);
	return packet_sum(spec->destination.s6_addr + skip, 16 - skip, sum);
}

/* CRC32c as SCTP has it (RFC 9260, appendix A). */
static uint32_t sctp_checksum(const uint8_t *bytes, size_t size)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

uint8_t packet_tcp_flags(const struct packet_spec *spec)
{
	return spec->tcp_flags ? spec->tcp_flags : TH_SYN;
}

static void write_tcp(const struct packet_spec *spec, uint8_t *out, size_t size)
{
	size_t header = packet_transport_size(spec);
	uint8_t flags = packet_tcp_flags(spec);
	struct tcphdr tcp = {
		.th_sport = htons(spec->source_port),
		.th_dport = htons(spec->destination_port),
		.th_seq = htonl(spec->tcp_initial + !(flags & TH_SYN)),
		.th_ack = htonl((flags & TH_ACK) ? spec->tcp_acknowledged + 1 : 0),
		.th_off = header / 4,
		.th_flags = flags,
		.th_win = htons(65535),
	};

	memset(out + sizeof(tcp), TCPOPT_NOP, header - sizeof(tcp));
	memcpy(out, &tcp, sizeof(tcp));
	tcp.th_sum = packet_checksum(packet_sum(out, size, sum_pseudo_header(spec, size)));
	memcpy(out, &tcp, sizeof(tcp));
}

static void write_udp(const struct packet_spec *spec, uint8_t *out, size_t size)
{
	struct udphdr udp = {
		.uh_sport = htons(spec->source_port),
		.uh_dport = htons(spec->destination_port),
		.uh_ulen = htons((uint16_t)size),
	};

	memcpy(out, &udp, sizeof(udp));
	udp.uh_sum = packet_checksum(packet_sum(out, size, sum_pseudo_header(spec, size)));
	/* 0 says "no checksum". */
	if (!udp.uh_sum)
		udp.uh_sum = 0xffff;
	memcpy(out, &udp, sizeof(udp));
}

static void write_sctp(const struct packet_spec *spec, uint8_t *out, size_t size)
{
	uint16_t ports[] = {htons(spec->source_port), htons(spec->destination_port)};
	uint32_t checksum;

	memset(out, 0, SCTP_HEADER_SIZE);
	memcpy(out, ports, sizeof(ports));
	checksum = htole32(sctp_checksum(out, size));
	memcpy(out + 8, &checksum, sizeof(checksum));
}

static void write_icmp(const struct packet_spec *spec, uint8_t *out, size_t size)
{
	uint16_t rest[] = {htons(spec->icmp_identifier), htons(spec->icmp_sequence)};
	uint64_t sum = spec->protocol == IPPROTO_ICMPV6 ? sum_pseudo_header(spec, size) : 0;
	uint16_t checksum;

	out[0] = spec->icmp_type;
	out[1] = spec->icmp_code;
	memset(out + 2, 0, 2);
	memcpy(out + 4, rest, sizeof(rest));
	checksum = packet_checksum(packet_sum(out, size, sum));
	memcpy(out + 2, &checksum, sizeof(checksum));
}

void packet_write_transport(const struct packet_spec *spec, uint8_t *out, size_t size)
{
	if (!packet_transport_size(spec))
		return;
	switch (spec->protocol) {
	case IPPROTO_TCP:
		write_tcp(spec, out, size);
		break;
	case IPPROTO_UDP:
		write_udp(spec, out, size);
		break;
	case IPPROTO_SCTP:
		write_sctp(spec, out, size);
		break;
	default:
		write_icmp(spec, out, size);
		break;
	}
}
