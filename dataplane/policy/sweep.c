// SPDX-License-Identifier: Apache-2.0
#include "dataplane/paths.h"
#include "dataplane/policy/entries.h"
#include "dataplane/policy/file.h"
#include "dataplane/policy/share.h"
#include "dataplane/policy/store.h"
#include "dataplane/rule_counters.h"
#include "netconf/cleanup.h"

/* The policy files of a set of maps, and which of them are of use. */
struct survey {
	struct rf_policy_name *names;
	struct rf_policy_file *files; /* as names; zeroed: it cannot be read, or was removed */
	bool *used;                   /* as names: a pod is judged under it */
	const struct rf_policy_image **others; /* room for as many as there are files */
	size_t count;
};

static void free_survey(struct survey *survey)
{
	for (size_t i = 0; survey->files && i < survey->count; i++)
		rf_policy_file_close(&survey->files[i]);
	free(survey->names);
	free(survey->files);
	free(survey->used);
	free(survey->others);
}

static int list(const struct rf_objects *objects, struct survey *survey, struct rf_error *error)
{
	int ret = rf_policy_file_list(objects->set, &survey->names, &survey->count);

	if (!ret) {
		survey->files = calloc(survey->count + 1, sizeof(*survey->files));
		survey->used = calloc(survey->count + 1, sizeof(*survey->used));
		survey->others = calloc(survey->count + 1, sizeof(*survey->others));
		if (!survey->files || !survey->used || !survey->others)
			ret = -ENOMEM;
	}
	return ret ? rf_fail_system(error, RF_CODE_RECORD, ret,
				    "list the policy files in " RF_POLICIES_DIRECTORY "/%u",
				    objects->set)
		   : 0;
}

static size_t find(const struct survey *survey, uint32_t id)
{
	size_t i = 0;

	while (i < survey->count && survey->names[i].id != id)
		i++;
	return i;
}

/*
 * Note which policies pods are judged under, save for those that are @leaving. Returns whether each
 * of them can be read: else it is not known which classes are used.
 */
static bool note_used(const struct rf_objects *objects, const bool *leaving, struct survey *survey)
{
	bool all_known = true;
	uint32_t id, last = 0;

	for (uint32_t pod = 1; pod < objects->max_entries[RF_MAP_POD_STATE]; pod++) {
		size_t i;

		id = RF_POLICY_ID(objects->pod_state[pod].policy);
		if (!id || id == last || (leaving && leaving[pod]))
			continue;
		last = id;
		i = find(survey, id);
		if (i < survey->count)
			survey->used[i] = true;
		else
			all_known = false;
	}
	return all_known;
}

static bool has_unused(const struct survey *survey)
{
	for (size_t i = 0; i < survey->count; i++)
		if (!survey->used[i])
			return true;
	return false;
}

/*
 * Sets *@all_known as note_used() returns it. A file that is damaged or gone is no failure; one
 * that the system cannot give just now is, so that a removal is tried again.
 */
static int open_files(struct survey *survey, bool *all_known, struct rf_error *error)
{
	for (size_t i = 0; i < survey->count; i++) {
		struct rf_error failure = {};
		int ret = rf_policy_file_open(&survey->names[i], &survey->files[i], &failure);

		if (ret && ret != -EINVAL && ret != -ENOENT) {
			if (error)
				*error = failure;
			return ret;
		}
		if (ret && survey->used[i])
			*all_known = false;
	}
	return 0;
}

static int mark_shared(struct survey *survey, size_t index, bool *shared, struct rf_error *error)
{
	size_t count = 0;

	for (size_t i = 0; i < survey->count; i++)
		if (i != index && survey->files[i].bytes)
			survey->others[count++] = &survey->files[i].image;
	return rf_policy_share_mark(&survey->files[index].image, survey->others, count, shared,
				    error);
}

/* What cannot be read stays. */
static bool is_removable(const struct survey *survey, size_t index)
{
	return !survey->used[index] && survey->files[index].bytes &&
	       rf_policy_image_is_whole(&survey->files[index].image);
}

/*
 * The file is incomplete before the first entry goes: who finds it then does not take the policy or
 * a class of it for what is in the maps.
 */
static int remove_policy(const struct rf_objects *objects, struct survey *survey, size_t index,
			 struct rf_error *error)
{
	struct rf_policy_file *file = &survey->files[index];
	_cleanup_free_ bool *shared = calloc(file->image.class_count + 1u, sizeof(*shared));
	int ret;

	if (!shared)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "classes of a policy");
	ret = mark_shared(survey, index, shared, error);
	if (!ret)
		ret = rf_policy_file_set_complete(&file->name, false, error);
	if (!ret)
		ret = rf_policy_entries_remove(objects, &file->image, shared, error);
	if (!ret)
		ret = rf_policy_file_remove(&file->name, error);
	if (!ret)
		rf_policy_file_close(file);
	return ret;
}

/* What there is. False in *@all_known: nothing may be removed. */
static int look(const struct rf_objects *objects, const bool *leaving, struct survey *survey,
		bool *all_known, struct rf_error *error)
{
	int ret = list(objects, survey, error);

	if (ret)
		return ret;
	*all_known = note_used(objects, leaving, survey) && has_unused(survey);
	return *all_known ? open_files(survey, all_known, error) : 0;
}

/* @ret is what the sweep has come to so far. */
static int sweep_counters(const struct rf_objects *objects, int ret, struct rf_error *error)
{
	int failure = rf_rule_counters_sweep(objects);

	if (!failure || ret)
		return ret;
	return rf_fail_system(error, RF_CODE_LOAD, failure, "remove entries of map %s",
			      rf_map_name(RF_MAP_RULE_COUNTERS));
}

int rf_policy_sweep_told(const struct rf_objects *objects,
			 void (*found)(uint32_t id, void *context), void *context,
			 struct rf_error *error)
{
	__attribute__((cleanup(free_survey))) struct survey survey = {};
	bool all_known = false;
	int ret;

	rf_policy_file_tidy(objects->set);
	ret = look(objects, NULL, &survey, &all_known, error);
	if (ret || !all_known)
		return ret;
	for (size_t i = 0; i < survey.count; i++) {
		int failure;

		if (!is_removable(&survey, i))
			continue;
		failure = remove_policy(objects, &survey, i, ret ? NULL : error);
		if (!failure && found)
			found(survey.names[i].id, context);
		ret = ret ? ret : failure;
	}
	return sweep_counters(objects, ret, error);
}

int rf_policy_sweep(const struct rf_objects *objects, struct rf_error *error)
{
	return rf_policy_sweep_told(objects, NULL, NULL, error);
}

int rf_policy_each_unused(const struct rf_objects *objects, const bool *leaving,
			  void (*found)(uint32_t id, void *context), void *context,
			  struct rf_error *error)
{
	__attribute__((cleanup(free_survey))) struct survey survey = {};
	bool all_known = false;
	int ret = look(objects, leaving, &survey, &all_known, error);

	if (ret || !all_known)
		return ret;
	for (size_t i = 0; i < survey.count; i++)
		if (is_removable(&survey, i))
			found(survey.names[i].id, context);
	return 0;
}
