/* SPDX-License-Identifier: Apache-2.0 */
/* A policy as JSON in canonical form: its text is written as it is, since policies can be large. */
#include "netconf/cleanup.h"
#include "netconf/policy_internal.h"
#include "netconf/text.h"

#include <string.h>

/* As JSON, with its quotes. */
static void add_string(struct rf_text *text, const char *string)
{
	_cleanup_json_ cJSON *json = cJSON_CreateString(string);
	char *quoted = json ? cJSON_PrintUnformatted(json) : NULL;

	text->failed |= !quoted;
	rf_text_add(text, quoted ? quoted : "");
	cJSON_free(quoted);
}

/* @separator is what stands between this member and the one before, if there is one. */
static const char *add_member(struct rf_text *text, const char *separator, const char *key,
			      const char *string)
{
	if (!string)
		return separator;
	rf_text_add(text, separator);
	rf_text_add(text, key);
	add_string(text, string);
	return ",";
}

/* Nothing is written for none: absent peers are every peer, but [] would be refused. */
static void add_prefixes(struct rf_text *text, const char *key, const struct rf_prefix *prefixes,
			 size_t count)
{
	char prefix[RF_PREFIX_TEXT];

	for (size_t i = 0; i < count; i++) {
		rf_text_add(text, i ? ",\"" : key);
		rf_text_add(text, rf_prefix_format(&prefixes[i], prefix));
		rf_text_add(text, "\"");
	}
	rf_text_add(text, count ? "]" : "");
}

static void add_protocol(struct rf_text *text, int protocol)
{
	const char *name = rf_protocol_name(protocol);

	rf_text_add(text, name ? ",\"protocol\":\"" : ",\"protocol\":");
	if (name)
		rf_text_add(text, name);
	else
		rf_text_add_number(text, (uint32_t)protocol);
	rf_text_add(text, name ? "\"" : "");
}

static void add_port(struct rf_text *text, const struct rf_port_range *port, bool is_icmp)
{
	rf_text_add_number(text, is_icmp ? port->first >> 8 : port->first);
	if (is_icmp ? port->first != port->last : port->first == port->last)
		return;
	rf_text_add(text, is_icmp ? "/" : "-");
	rf_text_add_number(text, is_icmp ? port->first & 255 : port->last);
}

static void add_ports(struct rf_text *text, const struct rf_rule *rule)
{
	for (size_t i = 0; i < rule->port_count; i++) {
		rf_text_add(text, i ? ",\"" : ",\"ports\":[\"");
		add_port(text, &rule->ports[i], rf_protocol_is_icmp(rule->protocol));
		rf_text_add(text, "\"");
	}
	rf_text_add(text, rule->port_count ? "]" : "");
}

static void add_number(struct rf_text *text, const char *key, uint32_t number)
{
	rf_text_add(text, key);
	rf_text_add_number(text, number);
}

static void add_qos(struct rf_text *text, const struct rf_qos *qos)
{
	if (!qos->has_priority && !qos->has_dscp)
		return;
	rf_text_add(text, ",\"qos\":{");
	if (qos->has_priority)
		add_number(text, "\"priorityClass\":", qos->priority);
	if (qos->has_dscp)
		add_number(text, qos->has_priority ? ",\"dscp\":" : "\"dscp\":", qos->dscp);
	rf_text_add(text, "}");
}

static void add_rule(struct rf_text *text, const struct rf_rule *rule)
{
	add_number(text, "{\"id\":", rule->id);
	rf_text_add(text, ",\"action\":\"");
	rf_text_add(text, rf_action_names[rule->action]);
	add_number(text, "\",\"priority\":", rule->priority);
	add_prefixes(text, ",\"peers\":[\"", rule->peers, rule->peer_count);
	add_prefixes(text, ",\"except\":[\"", rule->except, rule->except_count);
	add_protocol(text, rule->protocol);
	add_ports(text, rule);
	rf_text_add(text, rule->is_logged ? ",\"log\":true" : ",\"log\":false");
	add_qos(text, &rule->qos);
	add_member(text, ",", "\"document\":", rule->document);
	rf_text_add(text, "}");
}

static int compare_rules(const void *a, const void *b)
{
	const struct rf_rule *const *first = a;
	const struct rf_rule *const *second = b;

	return rf_rule_compare(*first, *second);
}

static void add_rules(struct rf_text *text, const struct rf_ruleset *ruleset)
{
	_cleanup_free_ const struct rf_rule **sorted =
		calloc(ruleset->rule_count + 1, sizeof(*sorted));

	if (!sorted) {
		text->failed = true;
		return;
	}
	for (size_t i = 0; i < ruleset->rule_count; i++)
		sorted[i] = &ruleset->rules[i];
	qsort(sorted, ruleset->rule_count, sizeof(*sorted), compare_rules);
	for (size_t i = 0; i < ruleset->rule_count; i++) {
		rf_text_add(text, i ? "," : "");
		add_rule(text, sorted[i]);
	}
}

static const char *add_ruleset(struct rf_text *text, const char *separator, const char *key,
			       const struct rf_ruleset *ruleset)
{
	if (!ruleset->restricted)
		return separator;
	rf_text_add(text, separator);
	rf_text_add(text, key);
	rf_text_add(text, rf_action_names[ruleset->default_action]);
	rf_text_add(text, "\"");
	add_member(text, ",", "\"document\":", ruleset->document);
	rf_text_add(text, ",\"rules\":[");
	add_rules(text, ruleset);
	rf_text_add(text, "]}");
	return ",";
}

static const char *add_selector(struct rf_text *text, const char *separator,
				const struct rf_policy *policy)
{
	if (!policy->selector_namespace && !policy->selector_pod)
		return separator;
	rf_text_add(text, separator);
	rf_text_add(text, "\"selector\":{");
	separator = add_member(text, "", "\"namespace\":", policy->selector_namespace);
	add_member(text, separator, "\"pod\":", policy->selector_pod);
	rf_text_add(text, "}");
	return ",";
}

char *rf_policy_text(const struct rf_policy *policy)
{
	struct rf_text text = {0};
	const char *separator = "";

	rf_text_add(&text, "{");
	separator = add_member(&text, separator, "\"name\":", policy->name);
	separator = add_selector(&text, separator, policy);
	separator = add_ruleset(&text, separator, "\"ingress\":{\"default\":\"", &policy->ingress);
	add_ruleset(&text, separator, "\"egress\":{\"default\":\"", &policy->egress);
	rf_text_add(&text, "}");
	return rf_text_take(&text);
}

struct cJSON *rf_policy_to_json(const struct rf_policy *policy)
{
	_cleanup_free_ char *text = rf_policy_text(policy);

	return text ? cJSON_Parse(text) : NULL;
}
