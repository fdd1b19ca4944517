// SPDX-License-Identifier: Apache-2.0
#include "ctl/explain/explain_ends.h"
#include "ctl/output/text.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <ifaddrs.h>

/* Who opens a flow does it from one of these; where Linux begins to choose. */
#define FIRST_PORT 32768
#define LAST_PORT  60999

static uint32_t find_pod(const struct rf_objects *objects, const struct in6_addr *address)
{
	uint32_t pod = 0;

	if (bpf_map_lookup_elem(objects->maps[RF_MAP_PODS], address, &pod) ||
	    pod >= objects->max_entries[RF_MAP_POD_STATE])
		return 0;
	return pod;
}

static bool is_same(const struct sockaddr *socket, const struct in6_addr *address)
{
	if (!socket)
		return false;
	if (socket->sa_family == AF_INET6)
		return IN6_ARE_ADDR_EQUAL(&((const struct sockaddr_in6 *)socket)->sin6_addr,
					  address);
	return socket->sa_family == AF_INET && IN6_IS_ADDR_V4MAPPED(address) &&
	       ((const struct sockaddr_in *)socket)->sin_addr.s_addr == address->s6_addr32[3];
}

/* True if the address is one of this host's. */
static bool is_of_node(const struct in6_addr *address)
{
	struct ifaddrs *all = NULL;
	bool found = false;

	if (getifaddrs(&all))
		return false;
	for (const struct ifaddrs *one = all; one && !found; one = one->ifa_next)
		found = is_same(one->ifa_addr, address);
	freeifaddrs(all);
	return found;
}

static bool has_session(const struct rf_objects *objects, const struct rf_opening *opening,
			enum rf_direction direction)
{
	const struct rf_flow_key key = rf_opening_key(opening, direction);
	struct rf_session session;

	return !bpf_map_lookup_elem(objects->maps[RF_MAP_SESSIONS], &key, &session) ||
	       !bpf_map_lookup_elem(objects->maps[RF_MAP_HALF_OPEN], &key, &session);
}

int explain_port_assume(const struct rf_objects *objects, struct explained_flow *flow,
			struct rf_error *error)
{
	struct rf_opening *opening = &flow->question.opening;

	if (flow->question.has_source_port ||
	    !(rf_opening_has_ports(opening) || rf_opening_is_echo(opening)))
		return 0;
	for (uint32_t port = FIRST_PORT; port <= LAST_PORT; port++) {
		opening->source_port = (uint16_t)port;
		if (!has_session(objects, opening, RF_INGRESS) &&
		    !has_session(objects, opening, RF_EGRESS))
			return 0;
	}
	return rf_fail(error, RF_CODE_CONFIG, -EADDRINUSE,
		       "all source ports from %d to %d have sessions: give one with --from",
		       FIRST_PORT, LAST_PORT);
}

int explain_ends_find(const struct rf_objects *objects, struct explained_flow *flow,
		      struct rf_error *error)
{
	const struct rf_opening *opening = &flow->question.opening;
	char from[RF_PREFIX_TEXT], to[RF_PREFIX_TEXT];

	flow->from_pod = find_pod(objects, &opening->from);
	flow->to_pod = find_pod(objects, &opening->to);
	flow->is_from_node = !flow->from_pod && is_of_node(&opening->from);
	flow->is_to_node = !flow->to_pod && is_of_node(&opening->to);
	text_address(&opening->from, from);
	text_address(&opening->to, to);
	if (!flow->from_pod && !flow->to_pod)
		return rf_fail(error, RF_CODE_CONFIG, -ENOENT,
			       "neither %s nor %s is the address of a pod (ringfencectl pod list): "
			       "ringfence does not see the flow",
			       from, to);
	if (flow->from_pod == flow->to_pod)
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "%s and %s are addresses of one pod: what it sends to itself never "
			       "leaves it",
			       from, to);
	return 0;
}
