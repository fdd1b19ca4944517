// SPDX-License-Identifier: Apache-2.0
#include "dataplane/rule_counters.h"
#include "dataplane/map_batch.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>

int rf_rule_counters_read(const struct rf_objects *objects, const struct rf_rule_key *key,
			  struct rf_rule_counters *out)
{
	_cleanup_free_ struct rf_rule_counters *values = NULL;
	int cpus = libbpf_num_possible_cpus();

	if (cpus < 0)
		return cpus;
	values = calloc(cpus, sizeof(*values));
	if (!values)
		return -ENOMEM;
	*out = (struct rf_rule_counters){};
	if (bpf_map_lookup_elem(objects->maps[RF_MAP_RULE_COUNTERS], key, values))
		return errno == ENOENT ? 0 : -errno;
	for (int cpu = 0; cpu < cpus; cpu++) {
		out->flows += values[cpu].flows;
		out->denied += values[cpu].denied;
		out->audited += values[cpu].audited;
		if (values[cpu].last_hit > out->last_hit)
			out->last_hit = values[cpu].last_hit;
	}
	return 0;
}

static int compare_ids(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* The policy of each pod, in order; malloc()ed. NULL if memory is out. */
static uint32_t *list_policies(const struct rf_objects *objects, size_t *count)
{
	uint32_t slots = objects->max_entries[RF_MAP_POD_STATE];
	uint32_t *ids = calloc(slots, sizeof(*ids));

	for (uint32_t pod = 0; ids && pod < slots; pod++)
		ids[pod] = RF_POLICY_ID(objects->pod_state[pod].policy);
	*count = slots;
	if (ids)
		qsort(ids, slots, sizeof(*ids), compare_ids);
	return ids;
}

/* The keys of policies that no pod is judged under; malloc()ed. NULL if memory is out. */
static struct rf_rule_key *find_unused(const struct rf_objects *objects, size_t *count)
{
	int map = objects->maps[RF_MAP_RULE_COUNTERS];
	uint32_t most = objects->max_entries[RF_MAP_RULE_COUNTERS];
	struct rf_rule_key *keys = calloc(most, sizeof(*keys));
	struct rf_rule_key key, next, *previous = NULL;
	size_t pods;
	_cleanup_free_ uint32_t *ids = list_policies(objects, &pods);

	*count = 0;
	if (!ids) {
		free(keys);
		return NULL;
	}
	while (keys && *count < most && !bpf_map_get_next_key(map, previous, &next)) {
		uint32_t policy = next.scope >> 1;

		key = next;
		previous = &key;
		if (!bsearch(&policy, ids, pods, sizeof(*ids), compare_ids))
			keys[(*count)++] = key;
	}
	return keys;
}

int rf_rule_counters_sweep(const struct rf_objects *objects)
{
	size_t count;
	_cleanup_free_ struct rf_rule_key *keys = find_unused(objects, &count);
	const struct rf_map_entries entries = {
		.keys = keys,
		.key_size = sizeof(*keys),
		.count = count,
	};

	return keys ? rf_map_delete_all(objects->maps[RF_MAP_RULE_COUNTERS], &entries) : -ENOMEM;
}
