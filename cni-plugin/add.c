// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/call.h"
#include "cni-plugin/request.h"
#include "dataplane/capabilities.h"
#include "dataplane/heal.h"
#include "dataplane/other_abis.h"
#include "dataplane/policy/directory.h"
#include "dataplane/policy/generation.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES_MAX 10

static void report_size(const char *key, uint32_t asked, uint32_t actual)
{
	fprintf(stderr,
		"ringfence: maps.%s is %u since the maps were loaded, not %u: it is taken when "
		"they are "
		"next loaded\n",
		key, actual, asked);
}

/* Pods are protected by what is there: no reason for another one not to start. */
static void report_upgrade(const struct rf_error *warning)
{
	fprintf(stderr, "ringfence: %s%s%s\n", warning->message, warning->details[0] ? "; " : "",
		warning->details);
}

/* More than all pods together can have limits nothing: no weaker policy, but not what was meant. */
static void report_limit(const struct rf_objects *objects, uint32_t sessions)
{
	uint64_t room = (uint64_t)objects->max_entries[RF_MAP_SESSIONS] +
			objects->max_entries[RF_MAP_HALF_OPEN];

	if (sessions > room)
		fprintf(stderr,
			"ringfence: limits.sessions is %u, and the maps have room for %" PRIu64
			" sessions of all pods together (maps.sessions and maps.halfOpen): it "
			"limits nothing\n",
			sessions, room);
}

/* The configuration's policy, with the documents of a generation. */
struct joining {
	struct timespec generation;
	char *own; /* what the configuration itself says; NULL: nothing was joined to it */
};

static void free_joining(struct joining *joining)
{
	free(joining->own);
}

static int restore_own(struct call *call, const struct joining *joining, struct rf_error *error)
{
	struct rf_policy own;
	int ret;

	if (!joining->own)
		return 0;
	ret = rf_policy_read(joining->own, strlen(joining->own), &own, error);
	if (ret)
		return ret;
	rf_policy_free(&call->netconf.policy);
	call->netconf.policy = own;
	return 0;
}

/* Join the documents as they are now, also if others were joined before. */
static int join(struct call *call, struct joining *joining, struct rf_error *error)
{
	int ret = restore_own(call, joining, error);

	if (ret)
		return ret;
	free(joining->own);
	joining->generation = rf_policy_generation();
	return rf_policy_directory_join(call->netconf.policy_directory,
					call->environment.pod_namespace, call->environment.pod_name,
					&call->netconf.policy, &joining->own, error);
}

/* Of a reload that begins meanwhile the documents are taken, or the pod would have missed it. */
static int put_in_force(struct call *call, const struct rf_objects *objects,
			struct rf_attachment_request *request, struct joining *joining,
			struct rf_error *error)
{
	int ret;

	for (int tries = 0; tries < TRIES_MAX; tries++) {
		request->own_policy = joining->own;
		request->generation = joining->generation;
		ret = rf_attachment_add(objects, request, error);
		if (ret != -ESTALE)
			return ret;
		ret = join(call, joining, error);
		if (ret)
			return ret;
	}
	return rf_fail(error, RF_CODE_TRY_AGAIN, -EAGAIN,
		       "the policies were reloaded %d times meanwhile", TRIES_MAX);
}

int verb_add(struct call *call, struct rf_error *error)
{
	__attribute__((cleanup(free_joining))) struct joining joining = {};
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	struct rf_attachment_request request;
	int ret = join(call, &joining, error);

	if (!ret)
		ret = rf_capabilities_check(error);
	if (!ret)
		ret = request_make(call, &request, error);
	if (!ret)
		ret = rf_objects_ensure(&call->netconf.maps, &objects, report_upgrade, error);
	if (ret)
		return ret;
	rf_objects_compare_sizes(&objects, &call->netconf.maps, report_size);
	report_limit(&objects, call->netconf.treatment.limits.sessions);
	ret = put_in_force(call, &objects, &request, &joining, error);
	if (ret)
		return ret;
	rf_heal(&objects, RF_HEAL_SOME);
	rf_other_abis_retire();
	puts(call->netconf.previous_result.text);
	return 0;
}
