// SPDX-License-Identifier: Apache-2.0
#include "bpf/tcp.h"
#include "ctl/output/clock.h"
#include "ctl/event/event_text.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"
#include "dataplane/counters.h"

#include <arpa/inet.h>
#include <stdio.h>

static void add_end(cJSON *row, const char *key, const struct rf_address *address, uint16_t port_be,
		    bool has_port)
{
	cJSON *end = cJSON_AddObjectToObject(row, key);
	char text[TEXT_ENDPOINT];

	/* As of a protocol without ports. */
	cJSON_AddStringToObject(end, "address", text_endpoint(address, 0, 0, text));
	if (has_port)
		row_add_number(end, "port", ntohs(port_be));
}

static bool bears_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

static void add_tcp_flags(cJSON *row, uint8_t flags)
{
	static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
	cJSON *list = cJSON_AddArrayToObject(row, "tcpFlags");

	for (int bit = 0; bit < 8; bit++)
		if (flags >> bit & 1)
			cJSON_AddItemToArray(list, cJSON_CreateString(names[bit]));
}

static void add_flow(cJSON *row, const struct rf_event *event)
{
	const struct rf_flow_key *flow = &event->flow;
	bool has_ports = event_has_ports(event) && bears_ports(flow->protocol);
	char protocol[8];

	if (!event_has_addresses(event))
		return;
	cJSON_AddStringToObject(row, "protocol", text_protocol(flow->protocol, protocol));
	add_end(row, "podEnd", &flow->pod, flow->pod_port, has_ports);
	add_end(row, "peerEnd", &flow->peer, flow->peer_port, has_ports);
	if (!event_has_ports(event))
		return;
	if (flow->protocol == IPPROTO_TCP)
		add_tcp_flags(row, event->tcp_flags);
	if (flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6) {
		row_add_number(row, "icmpType", ntohs(event->service) >> 8);
		row_add_number(row, "icmpCode", ntohs(event->service) & 0xff);
	}
}

/* As hexadecimal digits. */
static void add_packet(cJSON *row, const struct rf_event *event)
{
	char text[2 * RF_EVENT_BYTES + 1] = "";

	for (size_t i = 0; i < event->captured && i < RF_EVENT_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", event->bytes[i]);
	cJSON_AddStringToObject(row, "packet", text);
}

cJSON *event_row(const struct rf_event *event, struct names *names)
{
	cJSON *row = cJSON_CreateObject();
	char text[CLOCK_TEXT];

	cJSON_AddStringToObject(row, "time", clock_rfc3339(event->time, text));
	row_add_number(row, "monotonicNanoseconds", event->time);
	cJSON_AddStringToObject(row, "verdict", event_verdicts[event_verdict(event)]);
	cJSON_AddStringToObject(row, "reason", rf_reason_name(event->reason));
	names_add_rule(names, row, event->rule, RF_POLICY_ID(event->policy));
	names_add_pod(names, row, event->pod, event->incarnation);
	row_add_number(row, "ifindex", event->ifindex);
	cJSON_AddStringToObject(row, "direction", text_direction(event->direction));
	cJSON_AddStringToObject(row, "opener", text_direction(event->opener));
	snprintf(text, sizeof(text), "0x%04x", ntohs(event->ether_type));
	cJSON_AddStringToObject(row, "etherType", text);
	row_add_number(row, "length", event->length);
	add_flow(row, event);
	add_packet(row, event);
	return row;
}
