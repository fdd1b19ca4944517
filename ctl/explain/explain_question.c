// SPDX-License-Identifier: Apache-2.0
#include "ctl/explain/explain_question.h"
#include "ctl/explain/explain_end.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINT_SIZE 640 /* of a pod by its longest name */

static int refuse(struct rf_error *error, const char *option, const char *text, const char *why)
{
	rf_error_hint(error, "for example --from 10.0.0.1 --to 10.0.0.2:80/tcp, "
			     "--to [fd00::2]:53/udp, --to shop/db:5432/tcp, --to 10.0.0.2/icmp, "
			     "--to 10.0.0.2:3/1/icmp");
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

/* Cut *@text off at its colon; what stands behind that is *@behind: NULL if there is none. */
static const char *split(char **text, char **behind)
{
	char *colon = strrchr(*text, ':');

	*behind = NULL;
	if (**text == '[') {
		char *end = strchr(*text, ']');

		if (!end || (end[1] && end[1] != ':'))
			return "an address in brackets ends with ], and a port behind it follows a "
			       "colon";
		if (end[1])
			*behind = end + 2;
		*end = '\0';
		++*text;
	} else if (colon && strchr(*text, ':') == colon) {
		*colon = '\0';
		*behind = colon + 1;
	}
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

/* *@text is left as the end alone. */
static const char *read_to(char **text, struct rf_opening *opening)
{
	char *slash = strrchr(*text, '/'), *service;
	const char *why;

	if (!slash)
		return "expected ADDR:PORT/PROTO";
	*slash = '\0';
	if (!read_protocol(slash + 1, &opening->protocol))
		return "the protocol is tcp, udp, sctp, icmp, icmpv6 or a number to 255";
	why = split(text, &service);
	return why ? why : read_service(service, opening);
}

/* The same. */
static const char *read_from(char **text, struct explain_question *question)
{
	struct rf_opening *opening = &question->opening;
	unsigned long port;
	char *behind;
	const char *why = split(text, &behind);

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

/* What the programs step over to find the protocol of an IPv6 packet (bpf/extension.h). */
static bool is_extension(uint8_t protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_FRAGMENT || protocol == IPPROTO_AH ||
	       protocol == IPPROTO_DSTOPTS;
}

/* True of what a pod may send, and be sent. */
static bool is_discovery(const struct rf_opening *opening)
{
	return opening->protocol == IPPROTO_ICMPV6 &&
	       (opening->service == ND_ROUTER_SOLICIT << 8 ||
		opening->service == ND_NEIGHBOR_SOLICIT << 8 ||
		opening->service == ND_NEIGHBOR_ADVERT << 8);
}

static const char *check_family(const struct rf_opening *opening)
{
	bool is_v4 = IN6_IS_ADDR_V4MAPPED(&opening->to);

	if (opening->protocol == (is_v4 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		return is_v4 ? "icmpv6 is not for IPv4" : "icmp is not for IPv6";
	if (!is_v4 && is_extension(opening->protocol))
		return "that number is an extension header's in IPv6, and no protocol's";
	if (is_discovery(opening))
		return "neighbour discovery is no flow: if it is valid it passes, whatever the "
		       "rules say";
	return NULL;
}

/* The first addresses that go with each other, and with the protocol. */
static const char *choose(const struct explain_end *from, const struct explain_end *to,
			  struct rf_opening *opening)
{
	const char *why = "the two ends must have addresses of one family";

	for (size_t i = 0; i < to->count * from->count; i++) {
		opening->to = to->addresses[i / from->count];
		opening->from = from->addresses[i % from->count];
		if (!IN6_IS_ADDR_V4MAPPED(&opening->to) != !IN6_IS_ADDR_V4MAPPED(&opening->from))
			continue;
		why = check_family(opening);
		if (!why)
			break;
	}
	return why;
}

static int read_end(const struct pods *pods, const char *option, const char *text, const char *name,
		    struct explain_end *out, struct rf_error *error)
{
	const char *why;
	int ret = explain_end_read(pods, name, out, &why, error);

	return ret == -ENOENT ? refuse(error, option, text, why) : ret;
}

int explain_question_read(const struct pods *pods, const char *from, const char *to,
			  struct explain_question *out, struct rf_error *error)
{
	char from_text[ENDPOINT_SIZE], to_text[ENDPOINT_SIZE], *from_name = from_text,
							       *to_name = to_text;
	struct explain_question question = {};
	struct explain_end from_end, to_end;
	const char *why;
	int ret;

	if (strlen(from) >= sizeof(from_text) || strlen(to) >= sizeof(to_text))
		return refuse(error, strlen(to) >= sizeof(to_text) ? "to" : "from", "...",
			      "too long");
	snprintf(from_text, sizeof(from_text), "%s", from);
	snprintf(to_text, sizeof(to_text), "%s", to);
	why = read_to(&to_name, &question.opening);
	if (why)
		return refuse(error, "to", to, why);
	why = read_from(&from_name, &question);
	if (why)
		return refuse(error, "from", from, why);
	ret = read_end(pods, "to", to, to_name, &to_end, error);
	if (!ret)
		ret = read_end(pods, "from", from, from_name, &from_end, error);
	if (ret)
		return ret;
	why = choose(&from_end, &to_end, &question.opening);
	if (why)
		return refuse(error, "to", to, why);
	*out = question;
	return 0;
}
