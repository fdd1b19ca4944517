// SPDX-License-Identifier: Apache-2.0
#include "dataplane/sessions.h"
#include "dataplane/census.h"
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
	struct rf_census *counts; /* of the map's sessions */
	uint32_t current;         /* slice of the census */
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
	if (!bpf_map_delete_elem(flush->map, flow)) {
		/* Not out of its pod's, which may be another's by now: it began at zero. */
		rf_census_leave(flush->counts, session->expires, flush->current);
		flush->count++;
	} else if (errno != ENOENT) { /* it may have given way to another */
		flush->result = -errno;
	}
}

int rf_sessions_flush(const struct rf_objects *objects, uint32_t pod_id, uint32_t incarnation,
		      size_t *count)
{
	static const struct {
		enum rf_map map;
		enum rf_census_subject subject;
	} places[] = {
		{RF_MAP_HALF_OPEN, RF_CENSUS_HALF_OPEN},
		{RF_MAP_SESSIONS, RF_CENSUS_SESSIONS},
	};
	_cleanup_census_ struct rf_census *subjects = NULL;
	struct flush flush = {
		.current = rf_census_current(),
		.pod_id = pod_id,
		.incarnation = incarnation,
	};
	int ret = rf_census_open(objects, &subjects);

	for (size_t i = 0; i < 2 && !ret; i++) {
		flush.map = objects->maps[places[i].map];
		flush.counts = &subjects[places[i].subject];
		ret = rf_sessions_each(objects, places[i].map, flush_one, &flush);
	}
	if (ret)
		return ret;
	if (count)
		*count = flush.count;
	return flush.result;
}
