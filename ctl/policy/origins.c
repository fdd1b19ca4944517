// SPDX-License-Identifier: Apache-2.0
#include "ctl/policy/origins.h"
#include "netconf/cleanup.h"

#include <stdlib.h>

struct rule_origin {
	uint32_t rule;
	char *document;
};

static int compare(const void *a, const void *b)
{
	const struct rule_origin *first = a, *second = b;

	return (first->rule > second->rule) - (first->rule < second->rule);
}

static size_t count_rules(const struct rf_ruleset *ruleset)
{
	size_t count = 0;

	for (size_t i = 0; i < ruleset->rule_count; i++)
		count += !!ruleset->rules[i].document;
	return count;
}

static void take_rules(struct rf_ruleset *ruleset, struct origins *out)
{
	for (size_t i = 0; i < ruleset->rule_count; i++) {
		struct rf_rule *rule = &ruleset->rules[i];

		if (!rule->document)
			continue;
		out->rules[out->rule_count].rule = rule->id;
		out->rules[out->rule_count++].document = TAKE_PTR(rule->document);
	}
}

void origins_take(struct rf_policy *policy, struct origins *out)
{
	size_t count = count_rules(&policy->ingress) + count_rules(&policy->egress);
	struct origins origins = {};

	origins.policy = TAKE_PTR(policy->name);
	origins.defaults[RF_INGRESS] = TAKE_PTR(policy->ingress.document);
	origins.defaults[RF_EGRESS] = TAKE_PTR(policy->egress.document);
	if (count) {
		origins.rules = calloc(count, sizeof(*origins.rules));
		if (!origins.rules)
			abort();
		take_rules(&policy->ingress, &origins);
		take_rules(&policy->egress, &origins);
		qsort(origins.rules, count, sizeof(*origins.rules), compare);
	}
	*out = origins;
}

const char *origins_find(const struct origins *origins, enum rf_direction direction, uint32_t rule)
{
	const struct rule_origin wanted = {.rule = rule}, *found = NULL;
	const char *own = origins->defaults[direction];

	if (rule) {
		if (origins->rule_count)
			found = bsearch(&wanted, origins->rules, origins->rule_count,
					sizeof(*origins->rules), compare);
		own = found ? found->document : NULL;
	}
	return own ? own : origins->policy;
}

void origins_free(struct origins *origins)
{
	for (size_t i = 0; i < origins->rule_count; i++)
		free(origins->rules[i].document);
	free(origins->rules);
	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		free(origins->defaults[direction]);
	free(origins->policy);
	*origins = (struct origins){};
}
