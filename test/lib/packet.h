/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets for the tests, as they stand on the wire: Ethernet, IPv4 or IPv6, transport header and
 * payload, with right lengths and checksums. A fault is made by changing the bytes or cutting them.
 */
#ifndef RINGFENCE_TEST_LIB_PACKET_H
#define RINGFENCE_TEST_LIB_PACKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX      9728 /* a jumbo frame */
#define PACKET_TAGS_MAX 4

/* Zero is the usual value of every field. Numbers are in host byte order. */
struct packet_spec {
	uint16_t tags[PACKET_TAGS_MAX]; /* ether types of VLAN tags, from the outer one on */
	uint16_t ether_type;            /* not 0: neither IP nor transport, only @payload follows */
	bool to_group;                  /* multicast destination MAC */

	struct in6_addr source; /* both mapped: an IPv4 packet */
	struct in6_addr destination;
	bool force_v6;         /* IPv6 even if both are mapped */
	uint8_t hop_limit;     /* 0: 64 */
	uint8_t option_words;  /* IPv4 options, in 4 bytes: 0 to 10 */
	uint8_t extensions[8]; /* IPv6 extension headers, by type; of hop-by-hop only the first */
	uint8_t extension_count;

	/* A fragment; for IPv6 its header is the last extension if not listed. */
	uint16_t
		fragment_offset; /* in bytes, a multiple of 8; not 0: no transport header follows */
	bool more_fragments;
	uint32_t fragment_id;

	uint8_t protocol;
	uint16_t source_port; /* TCP, UDP, SCTP */
	uint16_t destination_port;
	uint8_t tcp_flags;    /* byte 13 of the header, e.g. RF_TCP_SYN, which 0 stands for */
	uint32_t tcp_initial; /* initial sequence number: the SYN's; all else comes behind it */
	uint32_t tcp_acknowledged; /* the same of the other side, if there is an ACK */
	uint8_t tcp_option_words;  /* 0 to 10 */
	uint8_t icmp_type;         /* ICMP, ICMPv6 */
	uint8_t icmp_code;
	uint16_t icmp_identifier; /* the 4 bytes behind the checksum */
	uint16_t icmp_sequence;

	const void *payload; /* NULL: a pattern */
	size_t payload_size;
};

/* Write the packet to @buffer. Returns its length in bytes, 0 if @size is too small. */
size_t packet_build(const struct packet_spec *spec, uint8_t *buffer, size_t size);

/*
 * As packet_build(), without Ethernet header: what an ICMP error carries as its payload. @length
 * cuts it, 0: not cut.
 */
size_t packet_build_inner(const struct packet_spec *spec, uint8_t *buffer, size_t size,
			  size_t length);

/* Offset of the transport header in what packet_build() writes for @spec. */
size_t packet_transport_offset(const struct packet_spec *spec);

/* Byte 13 of its TCP header. */
uint8_t packet_tcp_flags(const struct packet_spec *spec);

/* The address of a text such as "10.0.0.1" (mapped) or "fd00::1"; aborts if it is none. */
struct in6_addr packet_address(const char *text);

#endif
