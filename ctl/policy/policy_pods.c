// SPDX-License-Identifier: Apache-2.0
#include "ctl/policy/policy_pods.h"
#include "ctl/output/error_stream.h"
#include "dataplane/pod.h"
#include "dataplane/policy/store.h"
#include "netconf/cleanup.h"

#include <stdio.h>

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

/* One that cannot be read is not the others' fault. */
static int load(const struct rf_objects *objects, uint32_t id, struct rf_policy *policy,
		size_t *unread)
{
	struct rf_error error = {};
	int ret = rf_policy_load(objects, id, policy, &error);

	if (!ret)
		return 0;
	fprintf(error_stream(), "ringfencectl: policy %u: %s\n", id,
		ret == -ENOENT ? "its file is gone" : error.message);
	(*unread)++;
	return ret;
}

int policies_each(const struct rf_objects *objects, uint32_t wanted,
		  int (*visit)(const struct policy_in_use *in_use, const struct rf_policy *policy,
			       struct rf_error *error, void *context),
		  void *context, struct rf_error *error)
{
	size_t count, next, unread = 0;
	_cleanup_free_ struct use *uses = find_uses(objects, &count);
	_cleanup_free_ uint32_t *pods = calloc(count + 1, sizeof(*pods));
	int ret = 0;

	if (!uses || !pods)
		return rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count && !ret; i = next) {
		struct policy_in_use in_use = {.id = uses[i].policy, .pods = pods};
		struct rf_policy policy = {};

		for (next = i; next < count && uses[next].policy == in_use.id; next++)
			pods[in_use.pod_count++] = uses[next].pod;
		if ((wanted && wanted != in_use.id) || load(objects, in_use.id, &policy, &unread))
			continue;
		ret = visit(&in_use, &policy, error, context);
		rf_policy_free(&policy);
	}
	if (ret || !unread)
		return ret;
	rf_error_hint(error, "what is in the maps holds all the same; a document is there again "
			     "when a pod that has it is added again");
	return rf_fail(error, RF_CODE_RECORD, -EIO, "%zu document%s could not be read", unread,
		       unread == 1 ? "" : "s");
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
	return 0;
}
