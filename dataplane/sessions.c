// SPDX-License-Identifier: Apache-2.0
#include "dataplane/sessions.h"
#include "dataplane/map_batch.h"

#include <bpf/bpf.h>
#include <errno.h>

struct visitor {
	void (*visit)(const struct rf_flow_key *flow, const struct rf_session *session,
		      void *context);
	void *context;
};

static void pass_on(const void *key, const void *value, void *context)
{
	const struct visitor *visitor = context;

	visitor->visit(key, value, visitor->context);
}

int rf_sessions_each(const struct rf_objects *objects, enum rf_map map,
		     void (*visit)(const struct rf_flow_key *flow, const struct rf_session *session,
				   void *context),
		     void *context)
{
	struct visitor visitor = {.visit = visit, .context = context};

	return rf_map_each(objects->maps[map], sizeof(struct rf_flow_key),
			   sizeof(struct rf_session), pass_on, &visitor);
}

struct flush {
	int map;
	uint32_t pod_id;
	uint32_t incarnation;
	size_t count;
	int result;
};

static void flush_one(const struct rf_flow_key *flow, const struct rf_session *session,
		      void *context)
{
	struct flush *flush = context;

	if (session->pod != flush->pod_id || session->incarnation != flush->incarnation)
		return;
	if (!bpf_map_delete_elem(flush->map, flow))
		flush->count++;
	else if (errno != ENOENT) /* it may have given way to another */
		flush->result = -errno;
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
	return flush.result;
}
