// SPDX-License-Identifier: Apache-2.0
#include "dataplane/lock.h"
#include "dataplane/policy/apply.h"
#include "dataplane/policy/file.h"
#include "dataplane/policy/reload_internal.h"
#include "dataplane/policy/room.h"
#include "dataplane/record_policy.h"
#include "netconf/cleanup.h"

#include <string.h>

/* What the pods of a group have in common. */
struct group {
	const struct rf_objects *objects;
	struct rf_policy policy;
	struct rf_policy_plan plan;
	uint32_t equal; /* the id of an equal policy that is in the maps; of a dry run */
	bool is_dry_run;
};

static void free_group(struct group *group)
{
	rf_policy_free(&group->policy);
	rf_policy_plan_free(&group->plan);
}

/* Where the policy is not in the maps yet, it must fit. */
static int foresee(struct group *group, struct rf_error *error)
{
	_cleanup_policy_file_ struct rf_policy_file equal = {};
	int ret = rf_policy_file_by_document(group->objects->set, group->plan.document,
					     group->plan.digest, &equal, error);

	if (!ret)
		group->equal = equal.name.id;
	else if (ret == -ENOENT)
		ret = group->plan.is_compiled
			      ? rf_policy_check_room(group->objects, &group->plan.image, error)
			      : 0;
	return ret;
}

static int make_policy(struct group *group, const struct rf_reload *reload,
		       const struct rf_reload_pod *pod, struct rf_error *error)
{
	const struct rf_reload_directory *directory = &reload->directories[pod->directory];
	int ret = rf_record_policy_read(&pod->record, &group->policy, error);

	if (!ret)
		ret = rf_policy_documents_join(&directory->documents, pod->chosen, &group->policy,
					       error);
	if (!ret)
		ret = rf_policy_prepare(group->objects, &group->policy, &group->plan, error);
	return ret || !group->is_dry_run ? ret : foresee(group, error);
}

static int change(struct group *group, struct rf_reload_pod *pod, struct rf_error *error)
{
	bool changed = false;
	int ret = group->is_dry_run
			  ? rf_policy_foresee(group->objects, &pod->record, group->equal, &changed,
					      error)
			  : rf_policy_exchange(group->objects, &pod->record, &group->policy,
					       &group->plan, &changed, error);

	/* It was added again: once more, with what is so now. */
	if (ret == -ESTALE)
		return 0;
	/* Without its record it is gone; without something else, which is said, it is not in force.
	 */
	if (ret && (ret != -ENOENT || error->code)) {
		rf_reload_fail(pod, error);
		return ret;
	}
	pod->is_settled = true;
	pod->result = ret ? RF_RELOAD_GONE : changed ? RF_RELOAD_CHANGED : RF_RELOAD_UNCHANGED;
	if (group->policy.name)
		pod->policy = strdup(group->policy.name);
	return 0;
}

/* The policy's file is missing because the pod is, or was added again: then it is looked at once
 * more. Under the lock, as an ADD writes its file behind its record. */
static bool is_outdated(const struct rf_reload_pod *pod)
{
	struct rf_attachment_key key = rf_record_key(&pod->record);
	_cleanup_record_ struct rf_record now = {};
	_cleanup_close_ int lock = -1;
	struct rf_policy policy = {};
	int ret;

	if (rf_lock(&lock, NULL))
		return false;
	ret = rf_record_read(&key, &now, NULL);
	if (ret)
		return ret == -ENOENT;
	ret = now.configured.is_known ? rf_record_policy_read(&now, &policy, NULL) : 0;
	rf_policy_free(&policy);
	return ret != -ENOENT;
}

void rf_reload_group(const struct rf_objects *objects, const struct rf_reload *reload,
		     struct rf_reload_pod *const *pods, size_t count, bool is_dry_run)
{
	__attribute__((cleanup(free_group))) struct group group = {
		.objects = objects,
		.is_dry_run = is_dry_run,
	};
	struct rf_error error = {};
	int ret = make_policy(&group, reload, pods[0], &error);
	bool is_refused = ret;

	for (size_t i = 0; i < count; i++) {
		if (ret == -ENOENT && is_outdated(pods[i]))
			continue;
		/* What does not fit for one of them fits for none. */
		if (is_refused) {
			rf_reload_fail(pods[i], &error);
			continue;
		}
		error = (struct rf_error){};
		is_refused = change(&group, pods[i], &error) == -ENOSPC;
	}
}
