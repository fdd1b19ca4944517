// SPDX-License-Identifier: Apache-2.0
#include "dataplane/map_batch.h"
#include "dataplane/pinhole.h"

#include <bpf/bpf.h>
#include <errno.h>

struct retraction {
	int map;
	uint32_t pod_id;
	int result;
};

static void retract_one(const void *key, const void *value, void *context)
{
	const struct rf_pinhole *pinhole = value;
	struct retraction *retraction = context;

	if (pinhole->pod == retraction->pod_id && bpf_map_delete_elem(retraction->map, key) &&
	    errno != ENOENT)
		retraction->result = -errno;
}

int rf_pinholes_retract(const struct rf_objects *objects, uint32_t pod_id)
{
	struct retraction retraction = {
		.map = objects->maps[RF_MAP_PINHOLES],
		.pod_id = pod_id,
	};
	int ret = rf_map_each(retraction.map, sizeof(struct rf_pinhole_key),
			      sizeof(struct rf_pinhole), retract_one, &retraction);

	return ret ? ret : retraction.result;
}
