/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/compile/fold.h"

#include <errno.h>
#include <stdlib.h>

#define PORTS          65536u
#define PORT_LENGTH    16
#define RANGE_PREFIXES 30 /* of the worst range, 1 to 65534 */

/* The port prefixes that make up @range. Returns how many. */
static size_t split_range(uint8_t protocol, const struct rf_port_range *range,
			  uint32_t keys[RANGE_PREFIXES])
{
	uint32_t first = range->first;
	size_t count = 0;

	while (first <= range->last) {
		/* The largest block that begins here is aligned to its size. */
		uint32_t size = first ? first & -first : PORTS;

		while (first + size - 1 > range->last)
			size /= 2;
		keys[count++] = RF_SERVICE_KEY(protocol, first,
					       PORT_LENGTH - (uint32_t)__builtin_ctz(size));
		first += size;
	}
	return count;
}

static size_t rule_services(const struct rf_rule *rule, uint32_t *keys)
{
	size_t count = 0;

	if (rule->protocol == RF_PROTOCOL_ANY) {
		keys[0] = RF_SERVICE_KEY_ANY;
		return 1;
	}
	if (!rule->port_count) {
		keys[0] = RF_SERVICE_KEY(rule->protocol, 0, 0);
		return 1;
	}
	for (size_t i = 0; i < rule->port_count; i++)
		count += split_range((uint8_t)rule->protocol, &rule->ports[i], keys + count);
	return count;
}

static int collect_services(struct rf_fold_direction *direction)
{
	size_t used = 0, capacity = 0;

	for (uint32_t rank = 0; rank < direction->rule_count; rank++) {
		const struct rf_rule *rule = direction->rules[rank];
		size_t most = rule->port_count ? rule->port_count * RANGE_PREFIXES : 1;
		uint32_t *services = rf_fold_grow(direction->services, &capacity, used + most,
						  sizeof(*services));

		if (!services)
			return rf_fold_no_memory(direction->fold);
		direction->services = services;
		if (rule->protocol == RF_PROTOCOL_ANY && rule->port_count)
			return rf_fail(direction->fold->error, RF_CODE_INTERNAL, -EINVAL,
				       "rule %u has ports but no protocol", rule->id);
		used += rule_services(rule, services + used);
		direction->first_service[rank + 1] = used;
	}
	return 0;
}

static int compare_rules(const void *left, const void *right)
{
	return rf_rule_compare(*(const struct rf_rule *const *)left,
			       *(const struct rf_rule *const *)right);
}

int rf_fold_rules(struct rf_fold_direction *direction, const struct rf_ruleset *ruleset)
{
	size_t count = ruleset->restricted ? ruleset->rule_count : 0;

	direction->default_reason = ruleset->restricted && ruleset->default_action == RF_ACTION_DENY
					    ? RF_REASON_DEFAULT_DENY
					    : RF_REASON_DEFAULT_ALLOW;
	direction->rules = calloc(count + 1, sizeof(*direction->rules));
	direction->first_service = calloc(count + 1, sizeof(*direction->first_service));
	if (!direction->rules || !direction->first_service)
		return rf_fold_no_memory(direction->fold);
	for (size_t i = 0; i < count; i++)
		direction->rules[i] = &ruleset->rules[i];
	qsort(direction->rules, count, sizeof(*direction->rules), compare_rules);
	direction->rule_count = (uint32_t)count;
	return collect_services(direction);
}

void rf_fold_rules_free(struct rf_fold_direction *direction)
{
	free(direction->rules);
	free(direction->services);
	free(direction->first_service);
}
