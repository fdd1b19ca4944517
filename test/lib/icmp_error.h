/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP errors, which carry the beginning of the packet that they are about. */
#ifndef RINGFENCE_TEST_LIB_ICMP_ERROR_H
#define RINGFENCE_TEST_LIB_ICMP_ERROR_H

#include "test/lib/packet.h"

struct icmp_error {
	struct packet_spec packet; /* its payload is the one below */
	uint8_t inner[PACKET_MAX];
};

/*
 * The error of @type about the packet @cause, to whoever sent that, from @sender. @inner_length
 * cuts what it carries of the cause; 0: all of it.
 */
void icmp_error_about(struct icmp_error *error, const struct packet_spec *cause, const char *sender,
		      uint8_t type, size_t inner_length);

#endif
