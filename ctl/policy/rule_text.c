// SPDX-License-Identifier: Apache-2.0
#include "ctl/policy/rule_text.h"
#include "ctl/output/display.h"
#include "ctl/output/text.h"
#include "netconf/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *rule_action(const struct rf_rule *rule)
{
	static const char *const names[] = {
		[RF_ACTION_ALLOW] = "allow",
		[RF_ACTION_DENY] = "deny",
		[RF_ACTION_LOG] = "log",
		[RF_ACTION_REJECT] = "reject",
	};

	return names[rule->action];
}

static bool is_icmp(int protocol)
{
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

const char *rule_ports(const struct rf_port_range *ports, int protocol, char text[RULE_PORTS_TEXT])
{
	if (is_icmp(protocol) && ports->first == ports->last)
		snprintf(text, RULE_PORTS_TEXT, "%d/%d", ports->first >> 8, ports->first & 255);
	else if (is_icmp(protocol))
		snprintf(text, RULE_PORTS_TEXT, "%d", ports->first >> 8);
	else if (ports->first == ports->last)
		snprintf(text, RULE_PORTS_TEXT, "%d", ports->first);
	else
		snprintf(text, RULE_PORTS_TEXT, "%d-%d", ports->first, ports->last);
	return text;
}

static void write_prefixes(FILE *stream, const char *word, const struct rf_prefix *prefixes,
			   size_t count)
{
	char text[RF_PREFIX_TEXT];

	for (size_t i = 0; i < count; i++)
		fprintf(stream, "%s%s", i ? "," : word, rf_prefix_format(&prefixes[i], text));
}

static void write_service(FILE *stream, const struct rf_rule *rule)
{
	char protocol[8], ports[RULE_PORTS_TEXT];

	if (rule->protocol == RF_PROTOCOL_ANY)
		return;
	fprintf(stream, " %s", text_protocol((uint8_t)rule->protocol, protocol));
	for (size_t i = 0; i < rule->port_count; i++)
		fprintf(stream, "%s%s", i ? "," : " ",
			rule_ports(&rule->ports[i], rule->protocol, ports));
}

char *rule_text(const struct rf_rule *rule, enum rf_direction direction)
{
	const char *word = direction == RF_INGRESS ? " from " : " to ";
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		abort();
	fputs(rule_action(rule), stream);
	write_service(stream, rule);
	write_prefixes(stream, word, rule->peers, rule->peer_count);
	write_prefixes(stream, " except ", rule->except, rule->except_count);
	if (rule->priority != RF_PRIORITY_WHEN_ABSENT)
		fprintf(stream, ", priority %u", rule->priority);
	if (rule->is_logged && rule->action != RF_ACTION_LOG)
		fprintf(stream, ", log");
	if (rule->qos.has_priority)
		fprintf(stream, ", class %u:%u", rule->qos.priority >> 16,
			rule->qos.priority & 0xffff);
	if (rule->qos.has_dscp)
		fprintf(stream, ", dscp %u", rule->qos.dscp);
	fclose(stream);
	return text;
}

char *rule_origin(const char *policy, const char *own)
{
	bool differs = own && (!policy || strcmp(own, policy) != 0);
	char *text;

	if (asprintf(&text, "%s%s%s", differs ? " (" : "",
		     !differs ? ""
		     : *own   ? own
			      : "no name",
		     differs ? ")" : "") < 0)
		abort();
	display_clean(text);
	return text;
}

static int compare_rules(const void *a, const void *b)
{
	return rf_rule_compare(*(const struct rf_rule *const *)a,
			       *(const struct rf_rule *const *)b);
}

const struct rf_rule **rules_sorted(const struct rf_policy *policy, enum rf_direction direction,
				    size_t *count)
{
	const struct rf_ruleset *ruleset = rules_of(policy, direction);
	const struct rf_rule **rules = calloc(ruleset->rule_count + 1, sizeof(*rules));

	if (!rules)
		abort();
	for (size_t i = 0; i < ruleset->rule_count; i++)
		rules[i] = &ruleset->rules[i];
	qsort(rules, ruleset->rule_count, sizeof(*rules), compare_rules);
	*count = ruleset->rule_count;
	return rules;
}

const struct rf_ruleset *rules_of(const struct rf_policy *policy, enum rf_direction direction)
{
	return direction == RF_INGRESS ? &policy->ingress : &policy->egress;
}

const char *rules_default(const struct rf_ruleset *ruleset)
{
	return ruleset->default_action == RF_ACTION_ALLOW ? "allow" : "deny";
}
