// SPDX-License-Identifier: Apache-2.0
#include "ctl/policy/policy_pods.h"
#include "ctl/output/error_stream.h"
#include "dataplane/pod.h"
#include "dataplane/policy/store.h"
#include "netconf/cleanup.h"

#include <errno.h>
#include <stdio.h>

#define ROUNDS_MAX 5 /* of those that look for what came into force meanwhile */

struct use {
	uint32_t policy;
	uint32_t pod;
};

static int compare_uses(const void *a, const void *b)
{
	const struct use *first = a, *second = b;

	if (first->policy != second->policy)
		return first->policy < second->policy ? -1 : 1;
	return (first->pod > second->pod) - (first->pod < second->pod);
}

/* Sorted by policy; malloc()ed. */
static struct use *find_uses(const struct rf_objects *objects, size_t *count)
{
	uint32_t slots = objects->max_entries[RF_MAP_POD_STATE];
	struct use *uses = calloc(slots, sizeof(*uses));

	*count = 0;
	for (uint32_t pod = 1; uses && pod < slots; pod++) {
		uint32_t policy = rf_pod_policy(objects, pod);

		if (policy)
			uses[(*count)++] = (struct use){policy, pod};
	}
	if (uses)
		qsort(uses, *count, sizeof(*uses), compare_uses);
	return uses;
}

/* A reading of all policies, one after the other. */
struct reading {
	const struct rf_objects *objects;
	uint32_t wanted; /* 0: all */
	uint32_t last;   /* the policy that was read last */
	bool has_missed; /* one went before it was read */
	size_t unread;
};

static bool is_in_force(const struct reading *reading, const struct policy_in_use *in_use)
{
	for (size_t i = 0; i < in_use->pod_count; i++)
		if (rf_pod_policy(reading->objects, in_use->pods[i]) == in_use->id)
			return true;
	return false;
}

/* One that cannot be read is not the others' fault; with its last pod its file goes. */
static int load(struct reading *reading, const struct policy_in_use *in_use,
		struct rf_policy *policy)
{
	struct rf_error error = {};
	int ret = rf_policy_load(reading->objects, in_use->id, policy, &error);

	if (ret == -ENOENT && !is_in_force(reading, in_use)) {
		reading->has_missed = true;
		return ret;
	}
	if (!ret)
		return 0;
	fprintf(error_stream(), "ringfencectl: policy %u: %s\n", in_use->id,
		ret == -ENOENT ? "its file is gone" : error.message);
	reading->unread++;
	return ret;
}

/* Those with a higher id than the last one. */
static int read_on(struct reading *reading,
		   int (*visit)(const struct policy_in_use *in_use, const struct rf_policy *policy,
				struct rf_error *error, void *context),
		   void *context, struct rf_error *error)
{
	size_t count, next;
	_cleanup_free_ struct use *uses = find_uses(reading->objects, &count);
	_cleanup_free_ uint32_t *pods = calloc(count + 1, sizeof(*pods));
	int ret = 0;

	if (!uses || !pods)
		return rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
	reading->has_missed = false;
	for (size_t i = 0; i < count && !ret; i = next) {
		struct policy_in_use in_use = {.id = uses[i].policy, .pods = pods};
		struct rf_policy policy = {};

		for (next = i; next < count && uses[next].policy == in_use.id; next++)
			pods[in_use.pod_count++] = uses[next].pod;
		if (in_use.id <= reading->last || (reading->wanted && reading->wanted != in_use.id))
			continue;
		reading->last = in_use.id;
		if (load(reading, &in_use, &policy))
			continue;
		ret = visit(&in_use, &policy, error, context);
		rf_policy_free(&policy);
	}
	return ret;
}

int policies_each(const struct rf_objects *objects, uint32_t wanted,
		  int (*visit)(const struct policy_in_use *in_use, const struct rf_policy *policy,
			       struct rf_error *error, void *context),
		  void *context, struct rf_error *error)
{
	struct reading reading = {.objects = objects, .wanted = wanted};
	int ret = read_on(&reading, visit, context, error);

	/* What is in force in the place of one that went has a later id. */
	for (int i = 0; i < ROUNDS_MAX && !ret && reading.has_missed; i++)
		ret = read_on(&reading, visit, context, error);
	if (ret || !reading.unread)
		return ret;
	rf_error_hint(error, "what is in the maps holds all the same; a document is there again "
			     "when a pod that has it is added again");
	return rf_fail(error, RF_CODE_RECORD, -EIO, "%zu document%s could not be read",
		       reading.unread, reading.unread == 1 ? "" : "s");
}

int policy_of_pod(const struct pods *pods, const char *text, uint32_t *policy,
		  struct rf_error *error)
{
	const struct pod *pod;
	int ret = pods_resolve(pods, text, &pod, error);

	if (ret)
		return ret;
	if (!pod->is_loaded)
		return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
			       "pod %s is not in the maps that are pinned", text);
	*policy = rf_pod_policy(pods->objects, pod->record.pod_id);
	if (*policy && pods_is_there(pods, pod))
		return 0;
	return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
		       "no policy is in force for pod %s: it is going, or not yet added", text);
}
