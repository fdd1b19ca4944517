// SPDX-License-Identifier: Apache-2.0
#include "ctl/explain/explain_flow.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

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

void explain_flow_print(const struct explained_flow *flow)
{
	print_flow(flow);
	for (size_t i = 0; i < flow->leg_count; i++)
		explain_leg_print(&flow->legs[i], &flow->question.opening);
	printf("%s\n", explain_flow_passes(flow) ? "allowed" : "denied");
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

void explain_flow_print_json(const struct explained_flow *flow)
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
	cJSON_AddStringToObject(json, "verdict", explain_flow_passes(flow) ? "allow" : "deny");
	cJSON_AddBoolToObject(json, "agrees", explain_flow_agrees(flow));
	json_print(json);
}
