// SPDX-License-Identifier: Apache-2.0
#include "dataplane/census.h"
#include "dataplane/sessions.h"

#include <bpf/bpf.h>
#include <errno.h>

struct removal {
	const struct rf_objects *objects;
	int map;
	enum rf_census_subject subject; /* the map's */
	struct rf_census *census;       /* the node's elements */
	struct rf_census_all pods;      /* with those of the pods: empty until they are needed */
	bool (*choose)(const struct rf_flow_key *flow, const struct rf_session *session,
		       void *context);
	void *context;
	size_t count;
	int result;
};

static bool is_of_pod(const struct removal *removal, const struct rf_session *session)
{
	const struct rf_pod_state *pod;

	if (!session->pod || session->pod >= removal->objects->max_entries[RF_MAP_POD_STATE])
		return false;
	pod = &removal->objects->pod_state[session->pod];
	return __atomic_load_n(&pod->incarnation, __ATOMIC_ACQUIRE) == session->incarnation;
}

/*
 * Without a lock: the id may be given to another pod, whose count begins at zero, just now. Then it
 * is put back. If that was counted and not yet cleared, the new pod has one too many for as long as
 * the session would have lived, and never one too few.
 */
static void leave_pod(const struct removal *removal, const struct rf_session *session,
		      uint32_t current)
{
	struct rf_census *counts;

	if (!removal->pods.subjects || !is_of_pod(removal, session))
		return;
	counts = &removal->pods.subjects[RF_CENSUS_POD(session->pod)];
	rf_census_leave(counts, session->expires, current);
	if (!is_of_pod(removal, session))
		rf_census_return(counts, session->expires, current);
}

/* All elements are four megabytes to map, and a pod that is gone, as DEL's, is counted in none. */
static int prepare_pods(struct removal *removal, const struct rf_session *session)
{
	if (removal->pods.subjects || !is_of_pod(removal, session))
		return 0;
	return rf_census_open_all(removal->objects, &removal->pods);
}

static void remove_one(const struct rf_flow_key *flow, const struct rf_session *read, void *context)
{
	struct removal *removal = context;
	struct rf_session session;
	uint32_t current;
	int ret;

	if (!removal->choose(flow, read, removal->context))
		return;
	/* It was read with many others: another may be there by now, or a packet may have come. */
	if (bpf_map_lookup_elem(removal->map, flow, &session)) {
		if (errno != ENOENT)
			removal->result = -errno;
		return;
	}
	if (!removal->choose(flow, &session, removal->context))
		return;
	ret = prepare_pods(removal, &session);
	if (ret) {
		removal->result = ret;
		return;
	}
	if (bpf_map_delete_elem(removal->map, flow)) {
		if (errno != ENOENT)
			removal->result = -errno;
		return;
	}
	/* Anew for each: to remove many takes long, and the programs drop slices meanwhile. */
	current = rf_census_current();
	rf_census_leave(&removal->census[removal->subject], session.expires, current);
	leave_pod(removal, &session, current);
	removal->count++;
}

int rf_sessions_remove(const struct rf_objects *objects,
		       bool (*choose)(const struct rf_flow_key *flow,
				      const struct rf_session *session, void *context),
		       void *context, size_t *count)
{
	static const struct {
		enum rf_map map;
		enum rf_census_subject subject;
	} places[] = {
		{RF_MAP_HALF_OPEN, RF_CENSUS_HALF_OPEN},
		{RF_MAP_SESSIONS, RF_CENSUS_SESSIONS},
	};
	struct removal removal = {
		.objects = objects,
		.choose = choose,
		.context = context,
	};
	int ret = rf_census_open(objects, &removal.census);

	for (size_t i = 0; i < 2 && !ret; i++) {
		removal.map = objects->maps[places[i].map];
		removal.subject = places[i].subject;
		ret = rf_sessions_each(objects, places[i].map, remove_one, &removal);
	}
	rf_census_close(&removal.census);
	rf_census_close_all(&removal.pods);
	*count = removal.count;
	return ret ? ret : removal.result;
}
