// SPDX-License-Identifier: Apache-2.0
#include "ctl/policy/policy_usage.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A policy has a class. */
struct has {
	uint32_t class_id;
	uint32_t policy;
};

struct policy_usages {
	uint32_t *peers; /* the policy of each entry, sorted */
	size_t peer_count;
	struct has *has; /* sorted, each once */
	size_t has_count;
	uint32_t *services; /* the class of each entry, sorted */
	size_t service_count;
};

static int compare_numbers(const void *a, const void *b)
{
	uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;

	return (first > second) - (first < second);
}

static int compare_has(const void *a, const void *b)
{
	const struct has *first = a, *second = b;

	if (first->class_id != second->class_id)
		return first->class_id < second->class_id ? -1 : 1;
	return (first->policy > second->policy) - (first->policy < second->policy);
}

static void note_class(struct policy_usages *usages, uint32_t class_id, uint32_t policy)
{
	if (class_id)
		usages->has[usages->has_count++] = (struct has){class_id, policy};
}

static void read_peers(int map, size_t most, struct policy_usages *usages)
{
	struct rf_peer_key key, next, *previous = NULL;
	struct rf_peer_class value;

	while (usages->peer_count < most && !bpf_map_get_next_key(map, previous, &next)) {
		key = next;
		previous = &key;
		if (bpf_map_lookup_elem(map, &key, &value))
			continue;
		usages->peers[usages->peer_count++] = key.scope >> 1;
		note_class(usages, value.own, key.scope >> 1);
		note_class(usages, value.common, key.scope >> 1);
	}
}

static void read_services(int map, size_t most, struct policy_usages *usages)
{
	struct rf_service_key key, next, *previous = NULL;

	while (usages->service_count < most && !bpf_map_get_next_key(map, previous, &next)) {
		key = next;
		previous = &key;
		usages->services[usages->service_count++] = key.class_id;
	}
}

static void sort(struct policy_usages *usages)
{
	size_t kept = 0;

	qsort(usages->peers, usages->peer_count, sizeof(*usages->peers), compare_numbers);
	qsort(usages->services, usages->service_count, sizeof(*usages->services), compare_numbers);
	qsort(usages->has, usages->has_count, sizeof(*usages->has), compare_has);
	for (size_t i = 0; i < usages->has_count; i++)
		if (!kept || compare_has(&usages->has[kept - 1], &usages->has[i]))
			usages->has[kept++] = usages->has[i];
	usages->has_count = kept;
}

int policy_usages_read(const struct rf_objects *objects, struct policy_usages **out)
{
	size_t peers = objects->max_entries[RF_MAP_PEERS];
	size_t services = objects->max_entries[RF_MAP_SERVICES];
	struct policy_usages *usages = calloc(1, sizeof(*usages));

	if (!usages)
		return -ENOMEM;
	usages->peers = calloc(peers, sizeof(*usages->peers));
	usages->has = calloc(peers, 2 * sizeof(*usages->has));
	usages->services = calloc(services, sizeof(*usages->services));
	if (!usages->peers || !usages->has || !usages->services) {
		policy_usages_free(usages);
		return -ENOMEM;
	}
	read_peers(objects->maps[RF_MAP_PEERS], peers, usages);
	read_services(objects->maps[RF_MAP_SERVICES], services, usages);
	sort(usages);
	*out = usages;
	return 0;
}

/* How often @wanted is among the sorted @numbers. */
static size_t count_equal(const uint32_t *numbers, size_t count, uint32_t wanted)
{
	size_t low = 0, high = count, first;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (numbers[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	first = low;
	while (low < count && numbers[low] == wanted)
		low++;
	return low - first;
}

struct policy_usage policy_usage_of(const struct policy_usages *usages, uint32_t policy)
{
	struct policy_usage usage = {
		.peers = count_equal(usages->peers, usages->peer_count, policy)};

	for (size_t i = 0; i < usages->has_count; i++) {
		const struct has *has = &usages->has[i];
		bool is_shared = (i && has[-1].class_id == has->class_id) ||
				 (i + 1 < usages->has_count && has[1].class_id == has->class_id);
		size_t entries;

		if (has->policy != policy)
			continue;
		entries = count_equal(usages->services, usages->service_count, has->class_id);
		usage.classes++;
		*(is_shared ? &usage.shared : &usage.own) += entries;
	}
	return usage;
}

void policy_usages_free(struct policy_usages *usages)
{
	free(usages->peers);
	free(usages->has);
	free(usages->services);
	free(usages);
}
