/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the packet builder (packet.h) share. */
#ifndef RINGFENCE_TEST_LIB_PACKET_PARTS_H
#define RINGFENCE_TEST_LIB_PACKET_PARTS_H

#include "test/lib/packet.h"

bool packet_is_v4(const struct packet_spec *spec);

/* Of the transport header: 0 for a later fragment or a protocol that is not known. */
size_t packet_transport_size(const struct packet_spec *spec);

/* Write the header for @size bytes of header and payload; the payload is already there. */
void packet_write_transport(const struct packet_spec *spec, uint8_t *out, size_t size);

/* The Internet checksum (RFC 1071): add bytes to a sum, and finish it, in network byte order. */
uint64_t packet_sum(const uint8_t *bytes, size_t size, uint64_t sum);
uint16_t packet_checksum(uint64_t sum);

#endif
