// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/pod/counter_rows.h"
#include "ctl/pod/pod_row.h"
#include "ctl/pod/pod_show_print.h"
#include "ctl/output/table.h"
#include "dataplane/census.h"
#include "dataplane/counters.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>

static int read_sessions(const struct rf_objects *objects, uint32_t pod_id, uint32_t *sessions,
			 struct rf_error *error)
{
	uint32_t subject = RF_CENSUS_POD(pod_id);
	struct rf_census census;
	int ret = bpf_map_lookup_elem(objects->maps[RF_MAP_CENSUS], &subject, &census);

	if (!ret)
		ret = rf_census_live(objects, subject, &census, sessions);
	return ret ? rf_fail_system(error, RF_CODE_LOAD, ret, "read map census") : 0;
}

/* What the maps hold of the pod. */
static int read_maps(struct pod_picture *picture, struct rf_error *error)
{
	const struct rf_objects *objects = picture->pods->objects;
	uint32_t id = picture->pod->record.pod_id;
	int ret;

	if (!picture->pod->is_loaded)
		return 0;
	picture->state = objects->pod_state[id];
	ret = rf_counters_read(objects, id, &picture->counters);
	if (!ret)
		ret = rf_events_lost_read(objects, id, &picture->lost);
	if (ret)
		return rf_fail_system(error, RF_CODE_LOAD, ret, "read the counters of %s",
				      picture->pod->name);
	ret = read_sessions(objects, id, &picture->sessions, error);
	if (!ret && !pods_is_there(picture->pods, picture->pod))
		ret = rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT, "pod %s has gone meanwhile",
			      picture->pod->name);
	return ret;
}

static void add_state(cJSON *row, const struct rf_pod_state *state)
{
	cJSON *types;
	char text[8];

	cJSON_AddBoolToObject(row, "antiSpoof", !!(state->flags & RF_POD_ANTI_SPOOF));
	cJSON_AddStringToObject(row, "hostAccess",
				state->flags & RF_POD_HOST_BY_POLICY ? "policy" : "allow");
	types = cJSON_AddArrayToObject(row, "etherTypes");
	for (int i = 0; i < RF_POD_ETHER_TYPES && state->ether_types[i]; i++) {
		snprintf(text, sizeof(text), "0x%04x", ntohs(state->ether_types[i]));
		cJSON_AddItemToArray(types, cJSON_CreateString(text));
	}
}

static cJSON *picture_to_json(struct pod_picture *picture)
{
	/* What there is of a pod in the maps only. */
	static const char *const of_maps[] = {"antiSpoof", "hostAccess", "etherTypes",
					      "sessions",  "counters",   "eventsLost"};
	const struct counter_filter all = {};
	bool is_known = !picture->fault.message[0];
	cJSON *row = cJSON_CreateObject();

	pod_add_record(row, picture->pod);
	pod_add_policy(row, picture->pod, is_known ? &picture->policy : NULL, &picture->fault);
	row_add_part(row, "policyDocument", is_known ? rf_policy_to_json(&picture->policy) : NULL);
	if (!picture->pod->is_loaded) {
		for (size_t i = 0; i < sizeof(of_maps) / sizeof(of_maps[0]); i++)
			cJSON_AddNullToObject(row, of_maps[i]);
		return row;
	}
	add_state(row, &picture->state);
	row_add_number(row, "sessions", picture->sessions);
	cJSON_AddItemToObject(row, "counters", counters_array(&picture->counters, &all));
	counters_add_lost(row, &picture->lost);
	return row;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_pods_ struct pods pods = {};
	struct pod_picture picture = {.pods = &pods};
	int ret = pods_read(invocation->objects, &pods, error);

	if (!ret)
		ret = pods_resolve(&pods, invocation->arguments[0], &picture.pod, error);
	if (!ret)
		ret = read_maps(&picture, error);
	if (ret)
		return ret;
	/* A document that cannot be read is in force all the same: say so, and go on. */
	if (pod_policy(&pods, picture.pod, &picture.policy, &picture.fault))
		invocation->status = STATUS_FAILED;
	if (invocation->json)
		json_print(picture_to_json(&picture));
	else
		pod_picture_print(&picture);
	rf_policy_free(&picture.policy);
	return 0;
}

const struct command command_pod_show = {
	.noun = "pod",
	.verb = "show",
	.arguments = "POD",
	.help = "everything of one pod: addresses, attachment, policy, limits, counters",
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
