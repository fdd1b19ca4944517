/* SPDX-License-Identifier: Apache-2.0 */
/* A policy as JSON in canonical form. Every function returns NULL or false if memory is out. */
#include "netconf/cleanup.h"
#include "netconf/policy_internal.h"

#include <stdio.h>
#include <string.h>

static bool add_string(cJSON *array, const char *text)
{
	cJSON *string = cJSON_CreateString(text);

	if (string && cJSON_AddItemToArray(array, string))
		return true;
	cJSON_Delete(string);
	return false;
}

/* Nothing is written for none: absent peers are every peer, but [] would be refused. */
static bool add_prefixes(cJSON *rule, const char *key, const struct rf_prefix *prefixes,
			 size_t count)
{
	char text[RF_PREFIX_TEXT];
	cJSON *array;

	if (count == 0)
		return true;
	array = cJSON_AddArrayToObject(rule, key);
	for (size_t i = 0; i < count; i++) {
		if (!array || !add_string(array, rf_prefix_format(&prefixes[i], text)))
			return false;
	}
	return true;
}

static bool add_protocol(cJSON *json, int protocol)
{
	const char *name = rf_protocol_name(protocol);

	if (name)
		return cJSON_AddStringToObject(json, "protocol", name);
	return cJSON_AddNumberToObject(json, "protocol", protocol);
}

static void format_port(const struct rf_port_range *port, bool is_icmp, char *text, size_t size)
{
	if (is_icmp && port->first == port->last)
		snprintf(text, size, "%d/%d", port->first >> 8, port->first & 255);
	else if (is_icmp)
		snprintf(text, size, "%d", port->first >> 8);
	else if (port->first == port->last)
		snprintf(text, size, "%d", port->first);
	else
		snprintf(text, size, "%d-%d", port->first, port->last);
}

static bool add_ports(cJSON *json, const struct rf_rule *rule)
{
	bool is_icmp = rf_protocol_is_icmp(rule->protocol);
	char text[16];
	cJSON *array;

	if (rule->port_count == 0)
		return true;
	array = cJSON_AddArrayToObject(json, "ports");
	for (size_t i = 0; i < rule->port_count; i++) {
		format_port(&rule->ports[i], is_icmp, text, sizeof(text));
		if (!array || !add_string(array, text))
			return false;
	}
	return true;
}

static bool add_qos(cJSON *json, const struct rf_qos *qos)
{
	cJSON *object;

	if (!qos->has_priority && !qos->has_dscp)
		return true;
	object = cJSON_AddObjectToObject(json, "qos");
	if (qos->has_priority && !cJSON_AddNumberToObject(object, "priorityClass", qos->priority))
		return false;
	return !qos->has_dscp || cJSON_AddNumberToObject(object, "dscp", qos->dscp);
}

static cJSON *write_rule(const struct rf_rule *rule)
{
	_cleanup_json_ cJSON *json = cJSON_CreateObject();

	if (!cJSON_AddNumberToObject(json, "id", rule->id) ||
	    !cJSON_AddStringToObject(json, "action", rf_action_names[rule->action]) ||
	    !cJSON_AddNumberToObject(json, "priority", rule->priority) ||
	    !add_prefixes(json, "peers", rule->peers, rule->peer_count) ||
	    !add_prefixes(json, "except", rule->except, rule->except_count) ||
	    !add_protocol(json, rule->protocol) || !add_ports(json, rule) ||
	    !cJSON_AddBoolToObject(json, "log", rule->is_logged) || !add_qos(json, &rule->qos))
		return NULL;
	return TAKE_PTR(json);
}

static int compare_rules(const void *a, const void *b)
{
	const struct rf_rule *const *first = a;
	const struct rf_rule *const *second = b;

	return rf_rule_compare(*first, *second);
}

static bool add_rules(cJSON *json, const struct rf_ruleset *ruleset)
{
	_cleanup_free_ const struct rf_rule **sorted = NULL;
	cJSON *array = cJSON_AddArrayToObject(json, "rules");

	sorted = calloc(ruleset->rule_count + 1, sizeof(*sorted));
	if (!array || !sorted)
		return false;
	for (size_t i = 0; i < ruleset->rule_count; i++)
		sorted[i] = &ruleset->rules[i];
	qsort(sorted, ruleset->rule_count, sizeof(*sorted), compare_rules);
	for (size_t i = 0; i < ruleset->rule_count; i++) {
		cJSON *rule = write_rule(sorted[i]);

		if (!rule || !cJSON_AddItemToArray(array, rule)) {
			cJSON_Delete(rule);
			return false;
		}
	}
	return true;
}

static bool add_ruleset(cJSON *json, const char *key, const struct rf_ruleset *ruleset)
{
	cJSON *direction;

	if (!ruleset->restricted)
		return true;
	direction = cJSON_AddObjectToObject(json, key);
	return cJSON_AddStringToObject(direction, "default",
				       rf_action_names[ruleset->default_action]) &&
	       add_rules(direction, ruleset);
}

static bool add_text(cJSON *json, const char *key, const char *text)
{
	return !text || cJSON_AddStringToObject(json, key, text);
}

static bool add_selector(cJSON *json, const struct rf_policy *policy)
{
	cJSON *selector;

	if (!policy->selector_namespace && !policy->selector_pod)
		return true;
	selector = cJSON_AddObjectToObject(json, "selector");
	return selector && add_text(selector, "namespace", policy->selector_namespace) &&
	       add_text(selector, "pod", policy->selector_pod);
}

struct cJSON *rf_policy_to_json(const struct rf_policy *policy)
{
	_cleanup_json_ cJSON *json = cJSON_CreateObject();

	if (!json || !add_text(json, "name", policy->name) || !add_selector(json, policy) ||
	    !add_ruleset(json, "ingress", &policy->ingress) ||
	    !add_ruleset(json, "egress", &policy->egress))
		return NULL;
	return TAKE_PTR(json);
}
