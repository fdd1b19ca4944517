// SPDX-License-Identifier: Apache-2.0
#include "ctl/event/event_text.h"
#include "ctl/output/clock.h"
#include "ctl/output/display.h"
#include "ctl/output/style.h"
#include "ctl/output/text.h"
#include "dataplane/counters.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <stdio.h>

#define LINE_SIZE 2048

const char *const event_verdicts[] = {[EVENT_DENY] = "deny",
				      [EVENT_AUDIT] = "audit",
				      [EVENT_LOG] = "log",
				      [EVENT_ALLOW] = "allow",
				      NULL};

enum event_verdict event_verdict(const struct rf_event *event)
{
	if (event->flags & RF_EVENT_AUDIT)
		return EVENT_AUDIT;
	if (!rf_reason_allows(event->reason))
		return EVENT_DENY;
	return event->flags & RF_EVENT_LOG ? EVENT_LOG : EVENT_ALLOW;
}

bool event_has_addresses(const struct rf_event *event)
{
	return event->reason != RF_REASON_MALFORMED &&
	       (event->ether_type == htons(ETH_P_IP) || event->ether_type == htons(ETH_P_IPV6));
}

bool event_has_ports(const struct rf_event *event)
{
	return event_has_addresses(event) && event->reason != RF_REASON_FRAGMENT &&
	       event->reason != RF_REASON_SOURCE_ROUTE;
}

static void describe_flow(const struct rf_event *event, char *text, size_t size)
{
	const struct rf_flow_key *flow = &event->flow;
	char peer[TEXT_ENDPOINT], pod[TEXT_ENDPOINT], protocol[8], icmp[32] = "";
	uint8_t ports_of = event_has_ports(event) ? flow->protocol : 0;
	bool out = event->direction == RF_EGRESS;

	if (!event_has_addresses(event)) {
		snprintf(text, size, "ether type 0x%04x, %u bytes", ntohs(event->ether_type),
			 event->length);
		return;
	}
	text_endpoint(&flow->pod, flow->pod_port, ports_of, pod);
	text_endpoint(&flow->peer, flow->peer_port, ports_of, peer);
	if (ports_of == IPPROTO_ICMP || ports_of == IPPROTO_ICMPV6)
		snprintf(icmp, sizeof(icmp), " type %u code %u", ntohs(event->service) >> 8,
			 ntohs(event->service) & 0xff);
	snprintf(text, size, "%s %s > %s%s", text_protocol(flow->protocol, protocol),
		 out ? pod : peer, out ? peer : pod, icmp);
}

const char *event_document(const struct rf_event *event, struct names *names)
{
	return names_judge(names, RF_POLICY_ID(event->policy), event->opener, event->rule,
			   event->reason);
}

void event_print(const struct rf_event *event, struct names *names)
{
	static const enum style styles[] = {[EVENT_DENY] = STYLE_BAD,
					    [EVENT_AUDIT] = STYLE_WARNING,
					    [EVENT_LOG] = STYLE_GOOD,
					    [EVENT_ALLOW] = STYLE_GOOD};
	enum event_verdict verdict = event_verdict(event);
	bool has_judge = event->rule || event->reason == RF_REASON_DEFAULT_DENY;
	const char *document = has_judge ? event_document(event, names) : NULL;
	char time[CLOCK_TEXT], flow[256], rule[16] = "", line[LINE_SIZE];

	describe_flow(event, flow, sizeof(flow));
	if (event->rule)
		snprintf(rule, sizeof(rule), " %u", event->rule);
	snprintf(line, sizeof(line), "%s %s %s: %s%s%s%s%s",
		 names_pod(names, event->pod, event->incarnation), text_direction(event->direction),
		 flow, rf_reason_name(event->reason), rule, document ? " (" : "",
		 !document   ? ""
		 : *document ? document
			     : "no name",
		 document ? ")" : "");
	display_clean(line);
	printf("%s%s%s %s%s%s %s\n", style_on(STYLE_FAINT), clock_time_of_day(event->time, time),
	       style_off(STYLE_FAINT), style_on(styles[verdict]), event_verdicts[verdict],
	       style_off(styles[verdict]), line);
}
