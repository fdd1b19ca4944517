// SPDX-License-Identifier: Apache-2.0
#include "ctl/policy/policy_names.h"
#include "dataplane/policy/store.h"
#include "netconf/cleanup.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 64

struct named_policy {
	uint32_t id;
	struct origins origins;
};

/* Where the policy is, or belongs. */
static size_t place_of(const struct policy_names *names, uint32_t id)
{
	size_t first = 0, end = names->count;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (names->items[middle].id < id)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

static bool is_at(const struct policy_names *names, size_t place, uint32_t id)
{
	return place < names->count && names->items[place].id == id;
}

static size_t weight_of(const struct named_policy *policy)
{
	return 1 + policy->origins.rule_count;
}

/* Without memory all are kept. */
static void forget_unused(struct policy_names *names, const struct rf_objects *objects)
{
	_cleanup_free_ bool *used = calloc(names->count + 1, sizeof(*used));
	size_t kept = 0;

	for (uint32_t pod = 1; used && pod < objects->max_entries[RF_MAP_POD_STATE]; pod++) {
		uint32_t id = RF_POLICY_ID(objects->pod_state[pod].policy);
		size_t place = place_of(names, id);

		used[place] = used[place] || is_at(names, place, id);
	}
	for (size_t i = 0; used && i < names->count; i++) {
		if (used[i]) {
			names->items[kept++] = names->items[i];
			continue;
		}
		names->weight -= weight_of(&names->items[i]);
		origins_free(&names->items[i].origins);
	}
	names->count = used ? kept : names->count;
	/* Many pods may have many policies: it is not worth while to look again at once. */
	names->limit =
		names->weight > POLICY_NAMES_KEPT / 2 ? 2 * names->weight : POLICY_NAMES_KEPT;
}

static bool grow(struct policy_names *names)
{
	size_t capacity = names->capacity ? names->capacity * 2 : CAPACITY_FIRST;
	struct named_policy *items = reallocarray(names->items, capacity, sizeof(*names->items));

	if (!items)
		return false;
	names->items = items;
	names->capacity = capacity;
	return true;
}

static struct origins read_origins(const struct rf_objects *objects, uint32_t id)
{
	struct origins origins = {};
	struct rf_policy policy = {};

	if (!rf_policy_load(objects, id, &policy, NULL))
		origins_take(&policy, &origins);
	rf_policy_free(&policy);
	return origins;
}

const struct origins *policy_names_find(struct policy_names *names,
					const struct rf_objects *objects, uint32_t id)
{
	size_t place = place_of(names, id);
	struct named_policy *policy;

	if (!id)
		return NULL;
	if (is_at(names, place, id))
		return &names->items[place].origins;
	if (names->weight >= (names->limit ? names->limit : POLICY_NAMES_KEPT)) {
		forget_unused(names, objects);
		place = place_of(names, id);
	}
	if (names->count == names->capacity && !grow(names))
		return NULL;
	policy = &names->items[place];
	memmove(policy + 1, policy, (names->count++ - place) * sizeof(*policy));
	*policy = (struct named_policy){id, read_origins(objects, id)};
	names->weight += weight_of(policy);
	return &policy->origins;
}

void policy_names_free(struct policy_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		origins_free(&names->items[i].origins);
	free(names->items);
	*names = (struct policy_names){};
}
