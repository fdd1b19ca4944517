// SPDX-License-Identifier: Apache-2.0
#include "ctl/pod/pod_show_print.h"
#include "ctl/pod/counter_rows.h"
#include "ctl/output/display.h"
#include "ctl/event/event_lost.h"
#include "ctl/pod/pod_row.h"
#include "ctl/policy/rule_text.h"
#include "ctl/output/text.h"
#include "dataplane/counters.h"
#include "netconf/cleanup.h"
#include "netconf/ether_type.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

#define RULES_SHOWN 20 /* of a direction */

static void print_record(const struct pod *pod)
{
	const struct rf_record *record = &pod->record;
	char address[RF_PREFIX_TEXT];

	display_field("pod", "%s", pod->name);
	display_field("network", "%s", record->network);
	display_field("container", "%s", record->container);
	display_field("interface", "%s", record->interface);
	for (size_t i = 0; i < record->address_count; i++)
		display_field(i ? "" : "addresses", "%s",
			      text_address(&record->addresses[i], address));
	display_field("host interface", "%s, ifindex %u", record->host_interface,
		      record->point.ifindex);
	display_field("attached", "%s", rf_attach_mode_name(record->point.mode));
	display_field("mode", "%s", rf_mode_names[record->treatment.mode]);
}

static void print_limit(const char *text, void *context)
{
	size_t *count = context;

	display_field((*count)++ ? "" : "limits", "%s", text);
}

static void print_state(const struct rf_pod_state *state)
{
	char types[RF_POD_ETHER_TYPES * 8 + 1] = "";
	size_t length = 0;

	for (int i = 0; i < RF_POD_ETHER_TYPES && state->ether_types[i]; i++) {
		uint16_t type = ntohs(state->ether_types[i]);
		const char *name = rf_ether_type_name(type);
		char number[8];

		snprintf(number, sizeof(number), "0x%04x", type);
		length += (size_t)snprintf(types + length, sizeof(types) - length, "%s%s",
					   i ? " " : "", name ? name : number);
	}
	display_field("anti-spoofing", "%s", state->flags & RF_POD_ANTI_SPOOF ? "on" : "off");
	display_field("host access", "%s",
		      state->flags & RF_POD_HOST_BY_POLICY ? "by the policy" : "allowed");
	display_field("ether types", "%s", *types ? types : "none but IP");
}

static void print_ruleset(const struct rf_policy *policy, enum rf_direction direction)
{
	size_t count;
	_cleanup_free_ const struct rf_rule **rules = rules_sorted(policy, direction, &count);
	char text[48];

	display_field(text_direction(direction), "%s",
		      pod_ruleset_text(rules_of(policy, direction), text));
	for (size_t i = 0; i < count && i < RULES_SHOWN; i++) {
		_cleanup_free_ char *line = rule_text(rules[i], direction);
		_cleanup_free_ char *origin = rule_origin(policy->name, rules[i]->document);

		display_field("", "  %u %s%s", rules[i]->id, line, origin);
	}
	if (count > RULES_SHOWN)
		display_field("", "  … and %zu more", count - RULES_SHOWN);
}

static void print_policy(const struct pod_picture *picture)
{
	if (picture->fault.message[0]) {
		display_field("policy", "id %u: %s", picture->pod->record.policy_id,
			      picture->fault.message);
		return;
	}
	display_field("policy", "%s, id %u", picture->policy.name ? picture->policy.name : "-",
		      picture->pod->record.policy_id);
	print_ruleset(&picture->policy, RF_INGRESS);
	print_ruleset(&picture->policy, RF_EGRESS);
}

static void print_denied(int direction, uint32_t reason, const struct rf_count *count,
			 void *context)
{
	(void)context;
	if (!rf_reason_allows(reason))
		display_field("", "  %s %s: %" PRIu64 " packets, %" PRIu64 " bytes",
			      text_direction(direction), rf_reason_name(reason),
			      (uint64_t)count->packets, (uint64_t)count->bytes);
}

static void print_counters(const struct pod_picture *picture)
{
	const struct counter_filter all = {};
	struct counter_sums sums = {};
	uint64_t denied = 0;

	counters_sum(&sums, &picture->counters, &all);
	for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
		const struct rf_count *passed = &sums.count[direction][RF_ALLOW];

		display_field(direction == RF_INGRESS ? "to the pod" : "from the pod",
			      "%" PRIu64 " packets, %" PRIu64 " bytes", (uint64_t)passed->packets,
			      (uint64_t)passed->bytes);
		denied += sums.count[direction][RF_DENY].packets;
	}
	display_field("denied", "%" PRIu64 " packets", denied);
	counters_each(&picture->counters, &all, print_denied, NULL);
	if (lost_sum(&picture->lost))
		display_field("events lost", "%" PRIu64, lost_sum(&picture->lost));
}

void pod_picture_print(const struct pod_picture *picture)
{
	size_t limits = 0;

	print_record(picture->pod);
	pod_each_limit(&picture->pod->record.treatment, print_limit, &limits);
	if (picture->pod->is_loaded)
		print_state(&picture->state);
	print_policy(picture);
	if (!picture->pod->is_loaded)
		return;
	display_field("sessions", "%u", picture->sessions);
	print_counters(picture);
}
