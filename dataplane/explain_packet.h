/* SPDX-License-Identifier: Apache-2.0 */
/* The packet that opens a flow, for the programs to be asked about. */
#ifndef RINGFENCE_DATAPLANE_EXPLAIN_PACKET_H
#define RINGFENCE_DATAPLANE_EXPLAIN_PACKET_H

#include "bpf/abi.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers are in host byte order, addresses of one family, IPv4 as mapped. */
struct rf_opening {
	struct in6_addr from;
	struct in6_addr to;
	uint8_t protocol;
	uint16_t source_port; /* TCP, UDP, SCTP; of an ICMP echo request its identifier */
	uint16_t service;     /* destination port; ICMP: type << 8 | code; else 0 */
};

/* True for TCP, UDP and SCTP. */
bool rf_opening_has_ports(const struct rf_opening *opening);

/* True for ICMP and ICMPv6. */
bool rf_opening_is_icmp(const struct rf_opening *opening);

/* True for an ICMP echo request, which has an identifier. */
bool rf_opening_is_echo(const struct rf_opening *opening);

/* The key of its session in the maps, where @direction is that of the packet at the pod. */
struct rf_flow_key rf_opening_key(const struct rf_opening *opening, enum rf_direction direction);

#define RF_OPENING_MAX 96 /* bytes of the longest frame */

/*
 * Write the Ethernet frame: of TCP the SYN. No checksum is filled: the programs leave them to those
 * who receive the packet. Returns its length.
 */
size_t rf_opening_build(const struct rf_opening *opening, unsigned char frame[RF_OPENING_MAX]);

#endif
