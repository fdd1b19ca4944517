// SPDX-License-Identifier: Apache-2.0
#include "dataplane/counters.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* Every per-CPU value of one key: an array with an element a CPU, the caller's. NULL: errno says
 * why. */
static void *read_cpus(int map, uint32_t key, size_t value_size, int *cpus)
{
	_cleanup_free_ void *values = NULL;

	*cpus = libbpf_num_possible_cpus();
	if (*cpus <= 0) {
		errno = *cpus ? -*cpus : ENODEV;
		return NULL;
	}
	values = calloc(*cpus, value_size);
	if (!values || bpf_map_lookup_elem(map, &key, values))
		return NULL;
	return TAKE_PTR(values);
}

int rf_counters_read(const struct rf_objects *objects, uint32_t pod_id, struct rf_pod_counters *out)
{
	int cpus;
	_cleanup_free_ struct rf_pod_counters *values =
		read_cpus(objects->maps[RF_MAP_POD_COUNTERS], pod_id, sizeof(*values), &cpus);

	if (!values)
		return -errno;
	*out = (struct rf_pod_counters){};
	for (int cpu = 0; cpu < cpus; cpu++) {
		const struct rf_count *from = &values[cpu].count[0][0];
		struct rf_count *to = &out->count[0][0];

		for (size_t i = 0; i < sizeof(*out) / sizeof(*to); i++) {
			to[i].packets += from[i].packets;
			to[i].bytes += from[i].bytes;
		}
	}
	return 0;
}

int rf_events_lost_read(const struct rf_objects *objects, uint32_t pod_id,
			struct rf_events_lost *out)
{
	int cpus;
	_cleanup_free_ struct rf_events_lost *values =
		read_cpus(objects->maps[RF_MAP_EVENTS_LOST], pod_id, sizeof(*values), &cpus);

	if (!values)
		return -errno;
	*out = (struct rf_events_lost){};
	for (int cpu = 0; cpu < cpus; cpu++)
		for (int ring = 0; ring < RF_EVENT_RINGS; ring++) {
			out->limited[ring] += values[cpu].limited[ring];
			out->full[ring] += values[cpu].full[ring];
		}
	return 0;
}

const char *rf_reason_name(uint32_t reason)
{
	static const char *const names[RF_REASON_COUNT] = {
#define NAME(name, verdict, text) [RF_REASON_##name] = (text),
		RF_REASONS(NAME)
#undef NAME
	};

	return reason < RF_REASON_COUNT ? names[reason] : "?";
}
