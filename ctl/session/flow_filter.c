// SPDX-License-Identifier: Apache-2.0
#include "ctl/session/flow_filter.h"
#include "ctl/option_value.h"
#include "ctl/output/flow_end.h"
#include "ctl/output/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_pod(const struct pods *pods, const char *text, struct flow_filter *filter,
		    struct rf_error *error)
{
	const struct pod *pod = NULL;
	int ret;

	if (!text)
		return 0;
	ret = pods_resolve(pods, text, &pod, error);
	if (ret)
		return ret;
	filter->has_pod = true;
	filter->is_nowhere = !pod->is_loaded;
	filter->pod_id = pod->record.pod_id;
	filter->incarnation = pod->record.incarnation;
	return 0;
}

static int read_peer(struct invocation *invocation, struct flow_filter *filter,
		     struct rf_error *error)
{
	const char *text = invocation_option(invocation, "peer"), *why;

	if (!text)
		return 0;
	if (rf_prefix_parse(text, &filter->peer, &why)) {
		invocation->status = STATUS_USAGE;
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "--peer \"%s\": %s", text, why);
	}
	filter->has_peer = true;
	return 0;
}

/* PORT, or FIRST-LAST. */
static bool parse_ports(struct invocation *invocation, const char *text, uint64_t *first,
			uint64_t *last)
{
	char copy[16], *dash;

	if (strlen(text) >= sizeof(copy))
		return false;
	snprintf(copy, sizeof(copy), "%s", text);
	dash = strchr(copy, '-');
	if (dash)
		*dash++ = '\0';
	if (argument_number(invocation, "--port", copy, 0, UINT16_MAX, first, NULL))
		return false;
	*last = *first;
	return !dash ||
	       !argument_number(invocation, "--port", dash, *first, UINT16_MAX, last, NULL);
}

static int read_ports(struct invocation *invocation, struct flow_filter *filter,
		      struct rf_error *error)
{
	const char *text = invocation_option(invocation, "port");
	uint64_t first, last;

	if (!text)
		return 0;
	if (!parse_ports(invocation, text, &first, &last)) {
		invocation->status = STATUS_USAGE;
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "--port \"%s\" is no port from 0 to %d, and no range of them, such "
			       "as 80-90",
			       text, UINT16_MAX);
	}
	filter->has_ports = true;
	filter->first_port = (uint16_t)first;
	filter->last_port = (uint16_t)last;
	return 0;
}

static int read_protocol(struct invocation *invocation, struct flow_filter *filter,
			 struct rf_error *error)
{
	const char *text = invocation_option(invocation, "protocol");
	char name[8], number[8];

	if (!text)
		return 0;
	for (unsigned int protocol = 0; protocol <= UINT8_MAX; protocol++) {
		snprintf(number, sizeof(number), "%u", protocol);
		if (strcmp(text, text_protocol((uint8_t)protocol, name)) && strcmp(text, number))
			continue;
		filter->has_protocol = true;
		filter->protocol = (uint8_t)protocol;
		return 0;
	}
	invocation->status = STATUS_USAGE;
	rf_fail(error, RF_CODE_CONFIG, -EINVAL, "--protocol knows no \"%s\"", text);
	rf_error_hint(error, "tcp, udp, sctp, icmp, icmpv6, or a number from 0 to 255");
	return -EINVAL;
}

static int read_rule(struct invocation *invocation, struct flow_filter *filter,
		     struct rf_error *error)
{
	uint64_t rule = UINT64_MAX;
	int ret = option_number(invocation, "rule", 0, UINT32_MAX, &rule, error);

	filter->has_rule = rule <= UINT32_MAX;
	filter->rule = (uint32_t)rule;
	return ret;
}

int flow_filter_read_pod(const struct pods *pods, const char *pod, struct flow_filter *out,
			 struct rf_error *error)
{
	struct flow_filter filter = {.is_set = pod};
	int ret = read_pod(pods, pod, &filter, error);

	if (!ret)
		*out = filter;
	return ret;
}

int flow_filter_read(struct invocation *invocation, const struct pods *pods, const char *pod,
		     struct flow_filter *out, struct rf_error *error)
{
	struct flow_filter filter = {.direction = RF_DIRECTIONS};
	int ret = read_peer(invocation, &filter, error);

	if (!ret)
		ret = read_ports(invocation, &filter, error);
	if (!ret)
		ret = read_protocol(invocation, &filter, error);
	if (!ret)
		ret = read_rule(invocation, &filter, error);
	if (!ret)
		ret = option_choice(invocation, "direction", text_directions, &filter.direction,
				    error);
	if (!ret)
		ret = read_pod(pods, pod, &filter, error);
	if (ret)
		return ret;
	filter.has_direction = filter.direction != RF_DIRECTIONS;
	filter.is_set = filter.has_pod || filter.has_peer || filter.has_ports ||
			filter.has_protocol || filter.has_rule || filter.has_direction;
	*out = filter;
	return 0;
}

static bool matches_peer(const struct flow_filter *filter, const struct rf_flow_key *flow)
{
	struct rf_prefix peer = {.length = 128};

	memcpy(&peer.address, &flow->peer, sizeof(peer.address));
	peer.is_v4 = IN6_IS_ADDR_V4MAPPED(&peer.address);
	return rf_prefix_contains(&filter->peer, &peer);
}

static bool is_in_range(const struct flow_filter *filter, uint16_t port_be)
{
	return ntohs(port_be) >= filter->first_port && ntohs(port_be) <= filter->last_port;
}

/* Where there is no port, the key has 0, which is one. */
static bool matches_ports(const struct flow_filter *filter, const struct rf_flow_key *flow)
{
	return (flow_has_port(flow, RF_EGRESS) && is_in_range(filter, flow->pod_port)) ||
	       (flow_has_port(flow, RF_INGRESS) && is_in_range(filter, flow->peer_port));
}

bool flow_filter_matches(const struct flow_filter *filter, const struct flow_facts *facts)
{
	const struct rf_flow_key *flow = facts->flow;

	if (filter->has_pod && (filter->is_nowhere || facts->pod != filter->pod_id ||
				facts->incarnation != filter->incarnation))
		return false;
	if ((filter->has_direction && facts->direction != filter->direction) ||
	    (filter->has_rule && facts->rule != filter->rule))
		return false;
	if (filter->has_protocol && (!flow || flow->protocol != filter->protocol))
		return false;
	if (filter->has_ports && (!flow || !facts->has_ports || !matches_ports(filter, flow)))
		return false;
	return !filter->has_peer || (flow && matches_peer(filter, flow));
}
