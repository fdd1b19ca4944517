// SPDX-License-Identifier: Apache-2.0
#include "ctl/explain/explain_question.h"
#include "netconf/prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINT_SIZE 128

static int refuse(struct rf_error *error, const char *option, const char *text, const char *why)
{
	rf_error_hint(error, "for example --from 10.0.0.1 --to 10.0.0.2:80/tcp, "
			     "--to [fd00::2]:53/udp, --to 10.0.0.2/icmp, --to 10.0.0.2:3/1/icmp");
	return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "--%s %s: %s", option, text, why);
}

/* A whole number to @max, to the end of @text. */
static bool read_number(const char *text, unsigned long max, unsigned long *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoul(text, &end, 10);
	return !errno && !*end && *out <= max;
}

/* The address, and what stands behind its colon, which is cut off: NULL if there is none. */
static const char *split(char *text, struct in6_addr *address, char **behind)
{
	struct rf_prefix prefix;
	char *colon = strrchr(text, ':');
	const char *why;

	*behind = NULL;
	if (*text == '[') {
		char *end = strchr(text, ']');

		if (!end || (end[1] && end[1] != ':'))
			return "an address in brackets ends with ], and a port behind it follows a "
			       "colon";
		if (end[1])
			*behind = end + 2;
		*end = '\0';
		text++;
	} else if (colon && strchr(text, ':') == colon) {
		*colon = '\0';
		*behind = colon + 1;
	}
	if (strchr(text, '/') || rf_prefix_parse(text, &prefix, &why))
		return "is no address";
	*address = prefix.address;
	return NULL;
}

static bool read_protocol(const char *text, uint8_t *out)
{
	static const struct {
		const char *name;
		uint8_t number;
	} protocols[] = {
		{"tcp", IPPROTO_TCP},   {"udp", IPPROTO_UDP},       {"sctp", IPPROTO_SCTP},
		{"icmp", IPPROTO_ICMP}, {"icmpv6", IPPROTO_ICMPV6},
	};
	unsigned long number;

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (!strcmp(text, protocols[i].name)) {
			*out = protocols[i].number;
			return true;
		}
	if (!read_number(text, UINT8_MAX, &number))
		return false;
	*out = (uint8_t)number;
	return true;
}

/* TYPE or TYPE/CODE; an echo request if it is not said. */
static bool read_icmp(char *text, struct rf_opening *opening)
{
	unsigned long type, code = 0;
	char *slash = text ? strchr(text, '/') : NULL;

	if (!text) {
		opening->service =
			(opening->protocol == IPPROTO_ICMP ? ICMP_ECHO : ICMP6_ECHO_REQUEST) << 8;
		return true;
	}
	if (slash)
		*slash = '\0';
	if (!read_number(text, UINT8_MAX, &type) ||
	    (slash && !read_number(slash + 1, UINT8_MAX, &code)))
		return false;
	opening->service = (uint16_t)(type << 8 | code);
	return true;
}

static const char *read_service(char *text, struct rf_opening *opening)
{
	unsigned long port;

	if (rf_opening_is_icmp(opening))
		return read_icmp(text, opening) ? NULL : "expected ADDR:TYPE[/CODE]/PROTO";
	if (!rf_opening_has_ports(opening))
		return text ? "the protocol has no ports" : NULL;
	if (!text || !read_number(text, UINT16_MAX, &port))
		return "expected ADDR:PORT/PROTO, with a port from 0 to 65535";
	opening->service = (uint16_t)port;
	return NULL;
}

static const char *read_to(char *text, struct rf_opening *opening)
{
	char *slash = strrchr(text, '/'), *service;
	const char *why;

	if (!slash)
		return "expected ADDR:PORT/PROTO";
	*slash = '\0';
	if (!read_protocol(slash + 1, &opening->protocol))
		return "the protocol is tcp, udp, sctp, icmp, icmpv6 or a number to 255";
	why = split(text, &opening->to, &service);
	return why ? why : read_service(service, opening);
}

static const char *read_from(char *text, struct explain_question *question)
{
	struct rf_opening *opening = &question->opening;
	unsigned long port;
	char *behind;
	const char *why = split(text, &opening->from, &behind);

	if (why || !behind)
		return why;
	if (!rf_opening_has_ports(opening) && !rf_opening_is_echo(opening))
		return "the protocol has no ports";
	if (!read_number(behind, UINT16_MAX, &port))
		return "expected a port from 0 to 65535 behind the colon";
	opening->source_port = (uint16_t)port;
	question->has_source_port = true;
	return NULL;
}

static const char *check_families(const struct rf_opening *opening)
{
	bool is_v4 = IN6_IS_ADDR_V4MAPPED(&opening->to);

	if (is_v4 != !!IN6_IS_ADDR_V4MAPPED(&opening->from))
		return "both addresses must be of one family";
	if (opening->protocol == (is_v4 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		return is_v4 ? "icmpv6 is not for IPv4" : "icmp is not for IPv6";
	return NULL;
}

int explain_question_read(const char *from, const char *to, struct explain_question *out,
			  struct rf_error *error)
{
	struct explain_question question = {};
	char text[ENDPOINT_SIZE];
	const char *why;

	if (strlen(from) >= sizeof(text) || strlen(to) >= sizeof(text))
		return refuse(error, strlen(to) >= sizeof(text) ? "to" : "from", "...", "too long");
	snprintf(text, sizeof(text), "%s", to);
	why = read_to(text, &question.opening);
	if (why)
		return refuse(error, "to", to, why);
	snprintf(text, sizeof(text), "%s", from);
	why = read_from(text, &question);
	if (!why)
		why = check_families(&question.opening);
	if (why)
		return refuse(error, "from", from, why);
	*out = question;
	return 0;
}
