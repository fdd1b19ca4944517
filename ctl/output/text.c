// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/text.h"
#include "dataplane/counters.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

const char *const text_states[RF_STATE_COUNT + 1] = {
	[RF_STATE_SYN] = "syn",         [RF_STATE_ESTABLISHED] = "established",
	[RF_STATE_FIN] = "fin",         [RF_STATE_TIME_WAIT] = "time-wait",
	[RF_STATE_CLOSED] = "closed",   [RF_STATE_ONE_WAY] = "one-way",
	[RF_STATE_REPLIED] = "replied",
};

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

bool text_has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

const char *text_endpoint(const struct rf_address *address, uint16_t port_be, uint8_t protocol,
			  char text[TEXT_ENDPOINT])
{
	char address_text[RF_PREFIX_TEXT];
	struct in6_addr copy;

	memcpy(&copy, address, sizeof(copy));
	text_address(&copy, address_text);
	if (!text_has_ports(protocol))
		snprintf(text, TEXT_ENDPOINT, "%s", address_text);
	else if (IN6_IS_ADDR_V4MAPPED(&copy))
		snprintf(text, TEXT_ENDPOINT, "%s:%u", address_text, ntohs(port_be));
	else
		snprintf(text, TEXT_ENDPOINT, "[%s]:%u", address_text, ntohs(port_be));
	return text;
}

const char *const text_directions[RF_DIRECTIONS + 1] = {
	[RF_INGRESS] = "ingress", [RF_EGRESS] = "egress"};

const char *text_direction(int direction)
{
	return text_directions[direction == RF_EGRESS];
}

const char *const *text_reasons(void)
{
	static const char *names[RF_REASON_COUNT + 1];

	for (uint32_t reason = 0; reason < RF_REASON_COUNT; reason++)
		names[reason] = rf_reason_name(reason);
	return names;
}

const char *text_quantity(uint64_t number, char text[8])
{
	static const char units[] = " kMGTPE";
	unsigned int unit = 0;
	uint64_t tenths;

	if (number < 1000) {
		snprintf(text, 8, "%u", (unsigned int)number);
		return text;
	}
	/* The last division keeps a tenth. */
	for (tenths = number; tenths >= 10000; tenths /= 1000)
		unit++;
	if (tenths >= 1000) {
		tenths /= 100;
		unit++;
	} else {
		tenths *= 10;
	}
	if (tenths < 100)
		snprintf(text, 8, "%u.%u%c", (unsigned int)tenths / 10, (unsigned int)tenths % 10,
			 units[unit]);
	else
		snprintf(text, 8, "%u%c", (unsigned int)tenths / 10, units[unit]);
	return text;
}
