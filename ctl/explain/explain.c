// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/explain/explain_leg.h"
#include "ctl/explain/explain_question.h"
#include "ctl/output/style.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"
#include "dataplane/lock.h"
#include "netconf/cleanup.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>

/* Who opens a flow does it from one of these; where Linux begins to choose. */
#define FIRST_PORT 32768
#define LAST_PORT  60999

struct explained_flow {
	struct names names;
	struct explain_question question;
	uint32_t from_pod; /* 0: none */
	uint32_t to_pod;
	bool is_from_node;
	bool is_to_node;
	struct explain_leg legs[RF_DIRECTIONS];
	size_t leg_count;
};

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

/* A source port that no session has, as whatever opens a flow would get one. */
static int assume_port(const struct rf_objects *objects, struct explained_flow *flow,
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

static int find_ends(const struct rf_objects *objects, struct explained_flow *flow,
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

static int ask_leg(const struct explain_asker *asker, struct explained_flow *flow, uint32_t pod,
		   uint32_t question, struct rf_error *error)
{
	int ret;

	if (!pod)
		return 0;
	ret = explain_leg_ask(asker, &flow->question.opening, pod, question,
			      &flow->legs[flow->leg_count], error);
	if (!ret)
		flow->leg_count++;
	return ret;
}

static int ask(const struct rf_objects *objects, struct explained_flow *flow,
	       struct rf_error *error)
{
	_cleanup_close_ int program = -1, lock = -1;
	struct explain_asker asker = {.objects = objects, .names = &flow->names};
	int ret = rf_explain_open(&program, error);

	asker.program = program;
	if (!ret)
		ret = names_read(objects, &flow->names, error);
	if (!ret)
		ret = rf_lock(&lock, error);
	if (!ret)
		ret = find_ends(objects, flow, error);
	if (!ret)
		ret = assume_port(objects, flow, error);
	if (!ret)
		ret = ask_leg(&asker, flow, flow->from_pod, RF_EXPLAIN_EGRESS, error);
	return ret ? ret
		   : ask_leg(&asker, flow, flow->to_pod,
			     flow->is_from_node ? RF_EXPLAIN_FROM_NODE : 0, error);
}

static bool passes(const struct explained_flow *flow)
{
	bool all = true;

	for (size_t i = 0; i < flow->leg_count; i++)
		all = all && explain_leg_passes(&flow->legs[i]);
	return all;
}

static bool agrees(const struct explained_flow *flow)
{
	bool all = true;

	for (size_t i = 0; i < flow->leg_count; i++)
		all = all && flow->legs[i].agrees;
	return all;
}

static void endpoint(const struct in6_addr *address, uint16_t port,
		     const struct rf_opening *opening, char text[RF_PREFIX_TEXT + 8])
{
	struct rf_address copy;

	memcpy(&copy, address, sizeof(copy));
	text_endpoint(&copy, htons(port), opening->protocol, text);
}

static void print_flow(const struct explained_flow *flow)
{
	const struct rf_opening *opening = &flow->question.opening;
	bool has_port = rf_opening_has_ports(opening), is_echo = rf_opening_is_echo(opening);
	char from[RF_PREFIX_TEXT + 8], to[RF_PREFIX_TEXT + 8], protocol[8];

	endpoint(&opening->from, opening->source_port, opening, from);
	endpoint(&opening->to, opening->service, opening, to);
	printf("%s > %s %s", from, to, text_protocol(opening->protocol, protocol));
	if (rf_opening_is_icmp(opening))
		printf(" type %d code %d", opening->service >> 8, opening->service & 0xff);
	if (is_echo)
		printf(" identifier %u", opening->source_port);
	if ((has_port || is_echo) && !flow->question.has_source_port)
		printf(" (%s assumed: no session has it)", has_port ? "source port" : "identifier");
	putchar('\n');
	if (flow->is_from_node)
		printf("from this node itself\n");
	if (flow->is_to_node)
		printf("to this node itself\n");
}

static void print(const struct explained_flow *flow)
{
	print_flow(flow);
	for (size_t i = 0; i < flow->leg_count; i++)
		explain_leg_print(&flow->legs[i], &flow->question.opening);
	printf("%s\n", passes(flow) ? "allowed" : "denied");
}

static void add_packet(cJSON *json, const struct explained_flow *flow)
{
	const struct rf_opening *opening = &flow->question.opening;
	bool has_ports = rf_opening_has_ports(opening), is_icmp = rf_opening_is_icmp(opening);
	bool is_echo = rf_opening_is_echo(opening);
	char protocol[8];

	cJSON_AddStringToObject(json, "protocol", text_protocol(opening->protocol, protocol));
	row_add_number_if(json, "port", opening->service, has_ports);
	row_add_number_if(json, "sourcePort", opening->source_port, has_ports);
	row_add_number_if(json, "type", opening->service >> 8, is_icmp);
	row_add_number_if(json, "code", opening->service & 0xff, is_icmp);
	row_add_number_if(json, "identifier", opening->source_port, is_echo);
	cJSON_AddBoolToObject(json, "assumed",
			      (has_ports || is_echo) && !flow->question.has_source_port);
}

static void print_json(const struct explained_flow *flow)
{
	const struct rf_opening *opening = &flow->question.opening;
	cJSON *json = cJSON_CreateObject(), *legs;
	char text[RF_PREFIX_TEXT + 8];

	endpoint(&opening->from, opening->source_port, opening, text);
	cJSON_AddStringToObject(json, "from", text);
	endpoint(&opening->to, opening->service, opening, text);
	cJSON_AddStringToObject(json, "to", text);
	cJSON_AddBoolToObject(json, "fromNode", flow->is_from_node);
	cJSON_AddBoolToObject(json, "toNode", flow->is_to_node);
	add_packet(json, flow);
	legs = cJSON_AddArrayToObject(json, "legs");
	for (size_t i = 0; i < flow->leg_count; i++)
		cJSON_AddItemToArray(legs, explain_leg_json(&flow->legs[i]));
	cJSON_AddStringToObject(json, "verdict", passes(flow) ? "allow" : "deny");
	cJSON_AddBoolToObject(json, "agrees", agrees(flow));
	json_print(json);
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	const char *from = invocation_option(invocation, "from");
	const char *to = invocation_option(invocation, "to");
	struct explained_flow flow = {};
	int ret;

	if (!from || !to) {
		invocation->status = STATUS_USAGE;
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "explain needs --from and --to");
	}
	ret = explain_question_read(from, to, &flow.question, error);
	if (ret) {
		invocation->status = STATUS_USAGE;
		return ret;
	}
	ret = ask(invocation->objects, &flow, error);
	if (!ret) {
		if (invocation->json)
			print_json(&flow);
		else
			print(&flow);
		invocation->status = passes(&flow) ? STATUS_OK : STATUS_DENIED;
		if (!agrees(&flow)) {
			invocation->status = STATUS_FAILED;
			rf_error_hint(error,
				      "please report it, with this output and `ringfencectl "
				      "policy show`; CHECK says whether entries are missing");
			ret = rf_fail(error, RF_CODE_NOT_IN_FORCE, -EIO,
				      "the loaded programs and the policy differ");
		}
	}
	for (size_t i = 0; i < flow.leg_count; i++)
		explain_leg_free(&flow.legs[i]);
	names_free(&flow.names);
	return ret;
}

static const struct command_option options[] = {
	{"from", "ADDR[:PORT]", "who opens the flow; without a port: one that no session has"},
	{"to", "ADDR:PORT/PROTO",
	 "what it is for; PROTO is tcp, udp, sctp, icmp, icmpv6 or a number. Of ICMP the type, or "
	 "TYPE/CODE, stands for the port; of a number none"},
	{},
};

const struct command command_explain = {
	.noun = "explain",
	.arguments = "--from ADDR[:PORT] --to ADDR:PORT/PROTO",
	.help = "whether a flow may begin, and which rule of which document decides",
	.details = "Asks the loaded programs by a packet that leaves no trace, and the "
		   "pod's document, rule by rule. Where\nboth ends are pods of this node, "
		   "both have to allow the flow. Exit status: 0 allowed, 4 denied, 1 if\n"
		   "programs and document differ, or it cannot be told.",
	.options = options,
	.run = run,
};
