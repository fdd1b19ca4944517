// SPDX-License-Identifier: Apache-2.0
#include "dataplane/sessions.h"
#include "dataplane/map_batch.h"

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

/* One use of a pod id. */
struct use {
	uint32_t pod_id;
	uint32_t incarnation;
};

static bool is_of_use(const struct rf_flow_key *flow, const struct rf_session *session,
		      void *context)
{
	const struct use *use = context;

	(void)flow;
	return session->pod == use->pod_id && session->incarnation == use->incarnation;
}

int rf_sessions_flush(const struct rf_objects *objects, uint32_t pod_id, uint32_t incarnation,
		      size_t *count)
{
	struct use use = {pod_id, incarnation};
	size_t removed = 0;
	int ret = rf_sessions_remove(objects, is_of_use, &use, &removed);

	if (count)
		*count = removed;
	return ret;
}
