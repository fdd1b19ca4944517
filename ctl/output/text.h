/* SPDX-License-Identifier: Apache-2.0 */
/* How ringfencectl writes what the maps hold. Each returns its buffer, or a static text. */
#ifndef RINGFENCE_CTL_OUTPUT_TEXT_H
#define RINGFENCE_CTL_OUTPUT_TEXT_H

#include "bpf/abi.h"
#include "netconf/prefix.h"

#include <stdbool.h>
#include <stddef.h>

/* Without a length; IPv4 in its own form. */
const char *text_address(const struct in6_addr *address, char text[RF_PREFIX_TEXT]);

/* "tcp", "udp", …, or the number. */
const char *text_protocol(uint8_t protocol, char text[8]);

/* True of "tcp", "udp" and "sctp". */
bool text_has_ports(uint8_t protocol);

#define TEXT_ENDPOINT (RF_PREFIX_TEXT + 8)

/* "10.0.0.1:80", "[fd00::1]:80", or the address alone where there are no ports. */
const char *text_endpoint(const struct rf_address *address, uint16_t port_be, uint8_t protocol,
			  char text[TEXT_ENDPOINT]);

/* By enum rf_session_state; ended by NULL. */
extern const char *const text_states[];

/* By enum rf_direction; ended by NULL. */
extern const char *const text_directions[];

/* By enum rf_reason; ended by NULL. */
const char *const *text_reasons(void);

/* "12", "3.4k", "56M": three digits at most. Returns @text. */
const char *text_quantity(uint64_t number, char text[8]);

/* "ingress" or "egress". */
const char *text_direction(int direction);

#endif
