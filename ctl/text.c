// SPDX-License-Identifier: Apache-2.0
#include "ctl/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

const char *text_address(const struct in6_addr *address, char text[RF_PREFIX_TEXT])
{
	struct rf_prefix prefix = {
		.address = *address,
		.length = 128,
		.is_v4 = IN6_IS_ADDR_V4MAPPED(address),
	};

	return rf_prefix_format(&prefix, text);
}

const char *text_protocol(uint8_t protocol, char text[8])
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmpv6";
	}
	snprintf(text, 8, "%u", protocol);
	return text;
}

const char *text_endpoint(const struct rf_address *address, uint16_t port_be, uint8_t protocol,
			  char text[RF_PREFIX_TEXT + 8])
{
	char address_text[RF_PREFIX_TEXT];
	struct in6_addr copy;

	memcpy(&copy, address, sizeof(copy));
	text_address(&copy, address_text);
	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP && protocol != IPPROTO_SCTP)
		snprintf(text, RF_PREFIX_TEXT + 8, "%s", address_text);
	else if (IN6_IS_ADDR_V4MAPPED(&copy))
		snprintf(text, RF_PREFIX_TEXT + 8, "%s:%u", address_text, ntohs(port_be));
	else
		snprintf(text, RF_PREFIX_TEXT + 8, "[%s]:%u", address_text, ntohs(port_be));
	return text;
}

const char *text_direction(int direction)
{
	return direction == RF_EGRESS ? "egress" : "ingress";
}
