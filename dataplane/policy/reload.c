// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/reload.h"
#include "dataplane/lock.h"
#include "dataplane/policy/generation.h"
#include "dataplane/policy/reload_internal.h"
#include "dataplane/policy/store.h"
#include "netconf/cleanup.h"

#include <string.h>

/* Pods that are added again while their policy is made are looked at so often. */
#define ROUNDS_MAX 5

struct listing {
	struct rf_reload *reload;
	bool (*chooses)(const struct rf_record *record, void *context);
	void *context;
};

static struct rf_reload_pod *add_pod(struct rf_reload *reload)
{
	struct rf_reload_pod *longer;

	/* In steps of a power of two. */
	if (!(reload->pod_count & (reload->pod_count - 1))) {
		longer = reallocarray(reload->pods, reload->pod_count ? 2 * reload->pod_count : 1,
				      sizeof(*longer));
		if (!longer)
			return NULL;
		reload->pods = longer;
	}
	longer = &reload->pods[reload->pod_count++];
	*longer = (struct rf_reload_pod){.directory = SIZE_MAX};
	return longer;
}

static int read_record(const struct rf_record *record, struct rf_reload_pod *pod,
		       struct rf_error *error)
{
	struct rf_attachment_key key = rf_record_key(record);
	int ret = rf_record_read(&key, &pod->record, error);

	if (ret == -ENOENT) {
		pod->result = RF_RELOAD_GONE;
		pod->is_settled = true;
	} else if (ret) {
		rf_reload_fail(pod, error);
	}
	return ret;
}

static int list_pod(const struct rf_record *record, struct rf_error *error, void *context)
{
	const struct listing *listing = context;
	struct rf_reload_pod *pod;

	/* What cannot be read may be one of those. */
	if (record && listing->chooses && !listing->chooses(record, listing->context))
		return 0;
	pod = add_pod(listing->reload);
	if (!pod)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "records");
	if (record)
		read_record(record, pod, error);
	else
		rf_reload_fail(pod, error);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	const struct rf_reload_pod *first = a, *second = b;
	char one[600], other[600];

	/* What could not be read comes last. */
	if (!first->record.container || !second->record.container)
		return !first->record.container - !second->record.container;
	return strcmp(rf_record_pod_text(&first->record, one),
		      rf_record_pod_text(&second->record, other));
}

/* The policy of such a pod can be anything: only an ADD knows. */
static void refuse_unknown(struct rf_reload_pod *pod)
{
	struct rf_error error = {};

	rf_fail(&error, RF_CODE_RECORD, -ENODATA,
		"added by an earlier version, which did not keep the configuration's policy");
	rf_error_hint(&error, "add the pod again: until then, it keeps the policy that it has");
	rf_reload_fail(pod, &error);
}

/* The pods that have no result yet know their directory and documents then, or have one. */
static int select_all(struct rf_reload *reload, struct rf_error *error)
{
	int ret = 0;

	for (size_t i = 0; i < reload->pod_count && !ret; i++) {
		struct rf_reload_pod *pod = &reload->pods[i];

		if (pod->is_settled)
			continue;
		if (pod->record.configured.is_known)
			ret = rf_reload_select(reload, pod, error);
		else
			refuse_unknown(pod);
	}
	return ret;
}

static int compare_policies(const void *a, const void *b, void *context)
{
	struct rf_reload_pod *const *first = a, *const *second = b;

	return rf_reload_compare(context, *first, *second);
}

/* One policy after the other, so that only one is in memory. */
static int change_all(const struct rf_objects *objects, struct rf_reload *reload, bool is_dry_run,
		      struct rf_error *error)
{
	_cleanup_free_ struct rf_reload_pod **order =
		calloc(reload->pod_count + 1, sizeof(struct rf_reload_pod *));
	size_t count = 0, end;

	if (!order)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "pods");
	for (size_t i = 0; i < reload->pod_count; i++)
		if (!reload->pods[i].is_settled)
			order[count++] = &reload->pods[i];
	qsort_r(order, count, sizeof(struct rf_reload_pod *), compare_policies, reload);
	for (size_t start = 0; start < count; start = end) {
		for (end = start + 1; end < count; end++)
			if (rf_reload_compare(reload, order[start], order[end]))
				break;
		rf_reload_group(objects, reload, order + start, end - start, is_dry_run);
	}
	return 0;
}

/* Those that were added again, as they are now. */
static size_t read_again(struct rf_reload *reload)
{
	size_t count = 0;

	for (size_t i = 0; i < reload->pod_count; i++) {
		struct rf_reload_pod *pod = &reload->pods[i];
		struct rf_record before = pod->record;
		struct rf_error error = {};

		if (pod->is_settled)
			continue;
		reload->directories[pod->directory].pod_count--;
		free(pod->chosen);
		pod->chosen = NULL;
		pod->record = (struct rf_record){};
		if (read_record(&before, pod, &error))
			pod->record = before;
		else
			rf_record_free(&before);
		count += !pod->is_settled;
	}
	return count;
}

static void give_up(struct rf_reload *reload)
{
	struct rf_error error = {};

	rf_fail(&error, RF_CODE_TRY_AGAIN, -EAGAIN, "added again %d times meanwhile", ROUNDS_MAX);
	for (size_t i = 0; i < reload->pod_count; i++)
		if (!reload->pods[i].is_settled)
			rf_reload_fail(&reload->pods[i], &error);
}

static int run(const struct rf_objects *objects, struct rf_reload *reload, bool is_dry_run,
	       struct rf_error *error)
{
	size_t left = reload->pod_count;

	for (int round = 0; left && round < ROUNDS_MAX; round++) {
		int ret = select_all(reload, error);

		if (!ret)
			ret = change_all(objects, reload, is_dry_run, error);
		if (ret)
			return ret;
		left = read_again(reload);
	}
	give_up(reload);
	return 0;
}

/* What a killed call has left behind nobody else might come to remove. */
static void sweep(const struct rf_objects *objects)
{
	_cleanup_close_ int lock = -1;

	if (!rf_lock(&lock, NULL))
		rf_policy_sweep(objects, NULL);
}

int rf_policy_reload(const struct rf_objects *objects,
		     bool (*chooses)(const struct rf_record *record, void *context), void *context,
		     bool is_dry_run, struct rf_reload *out, struct rf_error *error)
{
	struct rf_reload reload = {};
	struct listing listing = {.reload = &reload, .chooses = chooses, .context = context};
	int ret = is_dry_run ? 0 : rf_policy_generation_begin(error);

	if (!ret)
		ret = rf_record_each(NULL, list_pod, &listing, error);
	if (!ret) {
		if (reload.pod_count)
			qsort(reload.pods, reload.pod_count, sizeof(*reload.pods), compare_names);
		ret = run(objects, &reload, is_dry_run, error);
	}
	if (!ret && !is_dry_run)
		sweep(objects);
	if (ret) {
		rf_policy_reload_free(&reload);
		return ret;
	}
	for (size_t i = 0; i < reload.pod_count; i++)
		reload.count[reload.pods[i].result]++;
	*out = reload;
	return 0;
}
