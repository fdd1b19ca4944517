// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pinhole_flow.h"
#include "netconf/prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

/* Decimal digits alone, up to @max. */
static bool parse_number(const char *text, size_t length, uint32_t max, uint32_t *out)
{
	uint64_t number = 0;

	if (!length || length > 10 || (text[0] == '0' && length > 1))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(text[i] - '0');
	}
	*out = (uint32_t)number;
	return number <= max;
}

static int parse_direction(const char *text, struct rf_pinhole_flow *flow, struct rf_error *error)
{
	bool both = !strcmp(text, "both");

	flow->opened_by[RF_INGRESS] = both || !strcmp(text, "in") || !strcmp(text, "ingress");
	flow->opened_by[RF_EGRESS] = both || !strcmp(text, "out") || !strcmp(text, "egress");
	if (flow->opened_by[RF_INGRESS] || flow->opened_by[RF_EGRESS])
		return 0;
	return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
		       "\"%s\" is none of in (ingress), out (egress) and both: who opens the "
		       "flow, seen from the pod",
		       text);
}

static int parse_protocol(const char *text, struct rf_pinhole_flow *flow, struct rf_error *error)
{
	static const struct {
		const char *name;
		uint8_t protocol;
	} names[] = {
		{"tcp", IPPROTO_TCP},   {"udp", IPPROTO_UDP},       {"sctp", IPPROTO_SCTP},
		{"icmp", IPPROTO_ICMP}, {"icmpv6", IPPROTO_ICMPV6},
	};
	uint32_t number;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i].name, text)) {
			flow->protocol = names[i].protocol;
			return 0;
		}
	if (!parse_number(text, strlen(text), 255, &number))
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "\"%s\" is no protocol: tcp, udp, sctp, icmp, icmpv6, or a number "
			       "from 0 to 255",
			       text);
	flow->protocol = (uint8_t)number;
	return 0;
}

static bool is_icmp(const struct rf_pinhole_flow *flow)
{
	return flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6;
}

static bool has_ports(const struct rf_pinhole_flow *flow)
{
	return flow->protocol == IPPROTO_TCP || flow->protocol == IPPROTO_UDP ||
	       flow->protocol == IPPROTO_SCTP;
}

static int parse_port(const char *text, const struct rf_pinhole_flow *flow, uint16_t *port,
		      struct rf_error *error)
{
	uint32_t number, min = is_icmp(flow) ? 0 : 1;

	if (!parse_number(text, strlen(text), UINT16_MAX, &number) || number < min)
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "\"%s\" is no %s: %u to %u", text,
			       is_icmp(flow) ? "identifier" : "port", min, UINT16_MAX);
	*port = (uint16_t)number;
	return 0;
}

/* Split "address:port"; an IPv6 address with a port stands in brackets. NULL in *@port: none. */
static int split(const char *text, char *address, size_t size, const char **port,
		 struct rf_error *error)
{
	const char *end, *colon = strchr(text, ':');
	size_t length = strlen(text);

	*port = NULL;
	if (*text == '[') {
		end = strchr(++text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
				       "\"%s\" is no [address]:port", text - 1);
		*port = end[1] ? end + 2 : NULL;
		length = (size_t)(end - text);
	} else if (colon && !strchr(colon + 1, ':')) {
		*port = colon + 1;
		length = (size_t)(colon - text);
	}
	if (length >= size)
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "\"%s\" is no address", text);
	memcpy(address, text, length);
	address[length] = '\0';
	return 0;
}

static int parse_peer(const char *text, struct rf_pinhole_flow *flow, const char **port,
		      struct rf_error *error)
{
	struct rf_prefix prefix;
	char address[64];
	const char *why;
	int ret = split(text, address, sizeof(address), port, error);

	if (ret)
		return ret;
	if (rf_prefix_parse(address, &prefix, &why))
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "peer \"%s\": %s", address, why);
	if (prefix.length != 128)
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "peer \"%s\": a pinhole is for one address; rules have prefixes",
			       address);
	flow->peer = prefix.address;
	flow->is_v4 = prefix.is_v4;
	if ((flow->protocol == IPPROTO_ICMP && !flow->is_v4) ||
	    (flow->protocol == IPPROTO_ICMPV6 && flow->is_v4))
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "%s has no peer %s",
			       flow->is_v4 ? "icmpv6" : "icmp", address);
	return 0;
}

/* Which of the two there must be. */
static int check_ports(const struct rf_pinhole_flow *flow, const char *peer_port,
		       const char *pod_port, struct rf_error *error)
{
	bool pings = flow->opened_by[RF_EGRESS];

	if (has_ports(flow) && !(peer_port && pod_port)) {
		rf_error_hint(error, "PEER:PORT PODPORT; for a range of ports, or any, add a rule "
				     "to the policy");
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "the %s is missing: a pinhole is for one exact flow",
			       peer_port ? "pod's port" : "peer's port");
	}
	if (is_icmp(flow) && flow->opened_by[RF_INGRESS] && pings)
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "an echo is opened by one side: in or out");
	if (is_icmp(flow) && (pings ? peer_port || !pod_port : !peer_port || pod_port)) {
		rf_error_hint(error, "in: PEER:IDENTIFIER; out: PEER IDENTIFIER (of `ping -e`); "
				     "for all of ICMP, add a rule to the policy");
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "of ICMP a pinhole is for the echoes of one identifier, which "
			       "stands on the side that pings");
	}
	if (!has_ports(flow) && !is_icmp(flow) && (peer_port || pod_port))
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "protocol %u has no ports",
			       flow->protocol);
	return 0;
}

int rf_pinhole_flow_parse(const char *direction, const char *protocol, const char *peer,
			  const char *pod_port, struct rf_pinhole_flow *out, struct rf_error *error)
{
	struct rf_pinhole_flow flow = {};
	const char *peer_port = NULL;
	int ret = parse_direction(direction, &flow, error);

	if (!ret)
		ret = parse_protocol(protocol, &flow, error);
	if (!ret)
		ret = parse_peer(peer, &flow, &peer_port, error);
	if (!ret)
		ret = check_ports(&flow, peer_port, pod_port, error);
	if (!ret && peer_port)
		ret = parse_port(peer_port, &flow, &flow.peer_port, error);
	if (!ret && pod_port)
		ret = parse_port(pod_port, &flow, &flow.pod_port, error);
	if (!ret)
		*out = flow;
	return ret;
}

struct rf_pinhole_key rf_pinhole_flow_key(const struct rf_pinhole_flow *flow,
					  const struct in6_addr *address, enum rf_direction opener)
{
	struct rf_pinhole_key key = {
		.flow =
			{
				.pod_port = htons(flow->pod_port),
				.peer_port = htons(flow->peer_port),
				.protocol = flow->protocol,
				.echo = is_icmp(flow) ? 1 + opener : 0,
			},
		.direction = opener,
	};

	memcpy(&key.flow.pod, address, sizeof(key.flow.pod));
	memcpy(&key.flow.peer, &flow->peer, sizeof(key.flow.peer));
	return key;
}
