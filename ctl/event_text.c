// SPDX-License-Identifier: Apache-2.0
#include "ctl/event_text.h"
#include "ctl/text.h"
#include "dataplane/counters.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <time.h>

/* Time of day from CLOCK_MONOTONIC, which events carry. */
static void print_time(uint64_t monotonic)
{
	struct timespec now, day;
	struct tm local;
	time_t seconds;
	int64_t nanoseconds;
	char text[16];

	clock_gettime(CLOCK_MONOTONIC, &now);
	clock_gettime(CLOCK_REALTIME, &day);
	nanoseconds = (int64_t)(day.tv_sec - now.tv_sec) * 1000000000 + day.tv_nsec - now.tv_nsec +
		      (int64_t)monotonic;
	seconds = nanoseconds / 1000000000;
	localtime_r(&seconds, &local);
	strftime(text, sizeof(text), "%H:%M:%S", &local);
	printf("%s.%03d", text, (int)(nanoseconds / 1000000 % 1000));
}

static const char *verdict_text(const struct rf_event *event)
{
	if (event->flags & RF_EVENT_AUDIT)
		return "audit";
	if (!rf_reason_allows(event->reason))
		return "deny";
	return event->flags & RF_EVENT_LOG ? "log" : "allow";
}

static bool has_addresses(const struct rf_event *event)
{
	return event->reason != RF_REASON_MALFORMED &&
	       (event->ether_type == htons(ETH_P_IP) || event->ether_type == htons(ETH_P_IPV6));
}

/* What was not judged as a flow has no ports, and none that could be believed. */
static bool has_ports(const struct rf_event *event)
{
	return event->reason != RF_REASON_FRAGMENT && event->reason != RF_REASON_SOURCE_ROUTE;
}

static void print_flow(const struct rf_event *event)
{
	const struct rf_flow_key *flow = &event->flow;
	char peer[RF_PREFIX_TEXT + 8], pod[RF_PREFIX_TEXT + 8], protocol[8];
	uint8_t ports_of = has_ports(event) ? flow->protocol : 0;
	bool out = event->direction == RF_EGRESS;

	if (!has_addresses(event)) {
		printf(" ether type 0x%04x, %u bytes", ntohs(event->ether_type), event->length);
		return;
	}
	text_endpoint(&flow->pod, flow->pod_port, ports_of, pod);
	text_endpoint(&flow->peer, flow->peer_port, ports_of, peer);
	printf(" %s %s > %s", text_protocol(flow->protocol, protocol), out ? pod : peer,
	       out ? peer : pod);
	if (ports_of == IPPROTO_ICMP || ports_of == IPPROTO_ICMPV6)
		printf(" type %u code %u", ntohs(event->service) >> 8,
		       ntohs(event->service) & 0xff);
}

void event_print(const struct rf_event *event, struct pod_name *name)
{
	pod_name_find(name, event->pod, event->incarnation);
	print_time(event->time);
	printf(" %s %s %s", verdict_text(event), name->text, text_direction(event->direction));
	print_flow(event);
	printf(": %s", rf_reason_name(event->reason));
	if (event->rule)
		printf(" %u", event->rule);
	putchar('\n');
}
