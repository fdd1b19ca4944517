// SPDX-License-Identifier: Apache-2.0
#include "dataplane/sessions.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>

/* A batch holds whole buckets of the kernel's table, so it must hold the fullest. */
#define BATCH 4096

int rf_sessions_each(const struct rf_objects *objects, enum rf_map map,
		     void (*visit)(const struct rf_flow_key *flow, const struct rf_session *session,
				   void *context),
		     void *context)
{
	_cleanup_free_ struct rf_flow_key *keys = calloc(BATCH, sizeof(*keys));
	_cleanup_free_ struct rf_session *values = calloc(BATCH, sizeof(*values));
	__u32 position = 0, count;
	bool first = true, more = true;

	if (!keys || !values)
		return -ENOMEM;
	while (more) {
		count = BATCH;
		if (bpf_map_lookup_batch(objects->maps[map], first ? NULL : &position, &position,
					 keys, values, &count, NULL)) {
			if (errno != ENOENT)
				return -errno;
			more = false;
		}
		first = false;
		for (__u32 i = 0; i < count; i++)
			visit(&keys[i], &values[i], context);
	}
	return 0;
}

struct flush {
	int map;
	uint32_t pod_id;
	uint32_t incarnation;
	size_t count;
};

static void flush_one(const struct rf_flow_key *flow, const struct rf_session *session,
		      void *context)
{
	struct flush *flush = context;

	if (session->pod == flush->pod_id && session->incarnation == flush->incarnation &&
	    !bpf_map_delete_elem(flush->map, flow))
		flush->count++;
}

int rf_sessions_flush(const struct rf_objects *objects, uint32_t pod_id, uint32_t incarnation,
		      size_t *count)
{
	static const enum rf_map maps[] = {RF_MAP_HALF_OPEN, RF_MAP_SESSIONS};
	struct flush flush = {.pod_id = pod_id, .incarnation = incarnation};

	for (size_t i = 0; i < 2; i++) {
		int ret;

		flush.map = objects->maps[maps[i]];
		ret = rf_sessions_each(objects, maps[i], flush_one, &flush);
		if (ret)
			return ret;
	}
	if (count)
		*count = flush.count;
	return 0;
}
