// SPDX-License-Identifier: Apache-2.0
#include "netconf/cleanup.h"
#include "netconf/policy_internal.h"

#include <string.h>

/* NULL of no items is no failure. */
static void *copy_list(const void *items, size_t count, size_t size, bool *failed)
{
	void *copy = count ? malloc(count * size) : NULL;

	if (copy)
		memcpy(copy, items, count * size);
	*failed |= count && !copy;
	return copy;
}

static bool copy_text(const char *text, char **out)
{
	*out = text ? strdup(text) : NULL;
	return *out || !text;
}

static bool copy_rule(const struct rf_rule *rule, struct rf_rule *out)
{
	bool failed = false;

	*out = *rule;
	out->peers = copy_list(rule->peers, rule->peer_count, sizeof(*rule->peers), &failed);
	out->except = copy_list(rule->except, rule->except_count, sizeof(*rule->except), &failed);
	out->ports = copy_list(rule->ports, rule->port_count, sizeof(*rule->ports), &failed);
	return copy_text(rule->document, &out->document) && !failed;
}

static bool copy_ruleset(const struct rf_ruleset *ruleset, struct rf_ruleset *out)
{
	out->restricted = ruleset->restricted;
	out->default_action = ruleset->default_action;
	out->rules = calloc(ruleset->rule_count + 1, sizeof(*out->rules));
	if (!out->rules || !copy_text(ruleset->document, &out->document))
		return false;
	for (size_t i = 0; i < ruleset->rule_count; i++) {
		out->rule_count++;
		if (!copy_rule(&ruleset->rules[i], &out->rules[i]))
			return false;
	}
	return true;
}

int rf_policy_copy(const struct rf_policy *policy, struct rf_policy *out, struct rf_error *error)
{
	struct rf_policy copy = {0};

	if (!copy_text(policy->name, &copy.name) ||
	    !copy_text(policy->selector_namespace, &copy.selector_namespace) ||
	    !copy_text(policy->selector_pod, &copy.selector_pod) ||
	    !copy_ruleset(&policy->ingress, &copy.ingress) ||
	    !copy_ruleset(&policy->egress, &copy.egress)) {
		rf_policy_free(&copy);
		return rf_fail_memory(error);
	}
	*out = copy;
	return 0;
}
