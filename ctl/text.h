/* SPDX-License-Identifier: Apache-2.0 */
/* How ringfencectl writes what the maps hold. Each returns its buffer, or a static text. */
#ifndef RINGFENCE_CTL_TEXT_H
#define RINGFENCE_CTL_TEXT_H

#include "bpf/abi.h"
#include "netconf/prefix.h"

#include <stddef.h>

/* Without a length; IPv4 in its own form. */
const char *text_address(const struct in6_addr *address, char text[RF_PREFIX_TEXT]);

/* "tcp", "udp", …, or the number. */
const char *text_protocol(uint8_t protocol, char text[8]);

/* "10.0.0.1:80", "[fd00::1]:80", or the address alone where there are no ports. */
const char *text_endpoint(const struct rf_address *address, uint16_t port_be, uint8_t protocol,
			  char text[RF_PREFIX_TEXT + 8]);

/* "ingress" or "egress". */
const char *text_direction(int direction);

#endif
