// SPDX-License-Identifier: Apache-2.0
#include "bpf/tcp.h"
#include "ctl/output/clock.h"
#include "ctl/output/flow_end.h"
#include "ctl/event/event_text.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"
#include "dataplane/counters.h"

#include <arpa/inet.h>
#include <stdio.h>

/* An array. */
static cJSON *tcp_flags(uint8_t flags)
{
	static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
	cJSON *list = cJSON_CreateArray();

	for (int bit = 0; bit < 8; bit++)
		if (flags >> bit & 1)
			cJSON_AddItemToArray(list, cJSON_CreateString(names[bit]));
	return list;
}

static void add_flow(cJSON *row, const struct rf_event *event)
{
	const struct rf_flow_key *flow = &event->flow;
	bool is_known = event_has_ports(event);
	bool has_ports = is_known && text_has_ports(flow->protocol);
	bool is_tcp = is_known && flow->protocol == IPPROTO_TCP;
	bool is_icmp =
		is_known && (flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6);
	char protocol[8];

	if (event_has_addresses(event)) {
		cJSON_AddStringToObject(row, "protocol", text_protocol(flow->protocol, protocol));
		flow_add_end(row, "podEnd", &flow->pod, flow->pod_port, has_ports);
		flow_add_end(row, "peerEnd", &flow->peer, flow->peer_port, has_ports);
	} else {
		cJSON_AddNullToObject(row, "protocol");
		cJSON_AddNullToObject(row, "podEnd");
		cJSON_AddNullToObject(row, "peerEnd");
	}
	row_add_part(row, "tcpFlags", is_tcp ? tcp_flags(event->tcp_flags) : NULL);
	row_add_number_if(row, "icmpType", ntohs(event->service) >> 8, is_icmp);
	row_add_number_if(row, "icmpCode", ntohs(event->service) & 0xff, is_icmp);
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
	names_add_rule(names, row, event->rule, RF_POLICY_ID(event->policy),
		       event_document(event, names));
	names_add_pod(names, row, event->pod, event->incarnation);
	row_add_id(row, "ifindex", event->ifindex);
	cJSON_AddStringToObject(row, "direction", text_direction(event->direction));
	cJSON_AddStringToObject(row, "opener", text_direction(event->opener));
	snprintf(text, sizeof(text), "0x%04x", ntohs(event->ether_type));
	cJSON_AddStringToObject(row, "etherType", text);
	row_add_number(row, "length", event->length);
	add_flow(row, event);
	add_packet(row, event);
	return row;
}
