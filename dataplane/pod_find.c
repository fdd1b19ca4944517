// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pod.h"
#include "dataplane/pod_internal.h"

#include <bpf/bpf.h>
#include <errno.h>

uint32_t rf_pod_find(const struct rf_objects *objects, uint64_t owner)
{
	for (uint32_t id = 1; id < objects->max_entries[RF_MAP_POD_STATE]; id++)
		if (objects->pod_state[id].owner == owner)
			return id;
	return 0;
}

int rf_pod_look_up(const struct rf_objects *objects, enum rf_map map, const void *key,
		   uint32_t pod_id)
{
	uint32_t value;

	if (bpf_map_lookup_elem(objects->maps[map], key, &value))
		return -errno;
	return value == pod_id ? 0 : -ENOENT;
}
