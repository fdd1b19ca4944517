// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/store.h"
#include "dataplane/identifiers.h"
#include "dataplane/paths.h"
#include "dataplane/policy/entries.h"
#include "dataplane/policy/file.h"
#include "netconf/cleanup.h"
#include "netconf/json.h"

#include <string.h>

static char *canonical_text(const struct rf_policy *policy)
{
	_cleanup_json_ cJSON *json = rf_policy_to_json(policy);

	return json ? cJSON_PrintUnformatted(json) : NULL;
}

static int compile(const struct rf_objects *objects, const struct rf_policy *policy,
		   struct rf_compiled *out, struct rf_error *error)
{
	struct rf_compile_limits limits = {
		.peers = objects->max_entries[RF_MAP_PEERS],
		.services = objects->max_entries[RF_MAP_SERVICES],
	};

	return rf_compile(policy, &limits, out, error);
}

int rf_policy_prepare(const struct rf_objects *objects, const struct rf_policy *policy,
		      struct rf_policy_plan *plan, struct rf_error *error)
{
	_cleanup_policy_file_ struct rf_policy_file equal = {};
	_cleanup_plan_ struct rf_policy_plan draft = {.document = canonical_text(policy)};
	int ret;

	if (!draft.document)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy document");
	/* An equal one that goes before the lock is had costs a compilation under the lock, no
	 * more. */
	if (rf_policy_file_by_document(objects->set, draft.document, &equal, NULL)) {
		ret = compile(objects, policy, &draft.compiled, error);
		if (ret)
			return ret;
		draft.is_compiled = true;
	}
	*plan = draft;
	draft = (struct rf_policy_plan){};
	return 0;
}

int rf_policy_settle(const struct rf_objects *objects, const struct rf_policy *policy,
		     struct rf_policy_plan *plan, struct rf_error *error)
{
	_cleanup_policy_file_ struct rf_policy_file equal = {};
	int ret = rf_policy_file_by_document(objects->set, plan->document, &equal, error);

	if (!ret) {
		plan->id = equal.id;
		plan->is_new = false;
		return 0;
	}
	if (ret != -ENOENT)
		return ret;
	if (!plan->is_compiled) {
		ret = compile(objects, policy, &plan->compiled, error);
		if (ret)
			return ret;
		plan->is_compiled = true;
	}
	plan->is_new = true;
	return rf_next_policy(objects, plan->compiled.class_count, &plan->id, &plan->first_class,
			      error);
}

int rf_policy_realise(const struct rf_objects *objects, const struct rf_policy_plan *plan,
		      struct rf_error *error)
{
	struct rf_policy_file file = {
		.set = objects->set,
		.id = plan->id,
		.first_class = plan->first_class,
		.document = plan->document,
	};
	int ret;

	if (!plan->is_new)
		return 0;
	ret = rf_policy_file_begin(&file, error);
	if (ret)
		return ret;
	ret = rf_policy_entries_write(objects, plan->id, plan->first_class, &plan->compiled, error);
	if (ret) {
		/* What cannot be removed again, a sweep finds by the file. */
		if (!rf_policy_entries_remove(objects, plan->id, plan->first_class, &plan->compiled,
					      NULL))
			unlink(file.path);
		return ret;
	}
	return rf_policy_file_complete(&file, error);
}

static bool is_used(const struct rf_objects *objects, uint32_t id)
{
	for (uint32_t pod = 1; pod < objects->max_entries[RF_MAP_POD_STATE]; pod++)
		if (RF_POLICY_ID(objects->pod_state[pod].policy) == id)
			return true;
	return false;
}

static int parse_document(const struct rf_policy_file *file, struct rf_policy *policy,
			  struct rf_error *error)
{
	_cleanup_json_ cJSON *json = NULL;
	int ret = rf_json_parse(file->document, strlen(file->document), &json, error);

	if (!ret)
		ret = rf_policy_parse(json, "document", true, policy, error);
	if (ret)
		rf_error_context(error, "policy file %s", file->path);
	return ret;
}

static int remove_entries(const struct rf_objects *objects, const struct rf_policy_file *file,
			  const struct rf_policy *policy, struct rf_error *error)
{
	struct rf_compiled compiled = {};
	/* The compiler is deterministic: the same document gives the keys that were written. */
	int ret = compile(objects, policy, &compiled, error);

	if (!ret)
		ret = rf_policy_entries_remove(objects, file->id, file->first_class, &compiled,
					       error);
	rf_compiled_free(&compiled);
	return ret;
}

static int remove_policy(const struct rf_objects *objects, uint32_t id, struct rf_error *error)
{
	_cleanup_policy_file_ struct rf_policy_file file = {};
	struct rf_policy policy = {};
	int ret;

	ret = rf_policy_file_by_id(objects->set, id, &file, error);
	if (!ret)
		ret = parse_document(&file, &policy, error);
	/* It is broken, gone, or of a version that knows more. */
	if (ret == -EINVAL || ret == -ENOENT || ret == -EOPNOTSUPP)
		return 0;
	if (!ret)
		ret = remove_entries(objects, &file, &policy, error);
	rf_policy_free(&policy);
	if (ret)
		return ret;
	if (unlink(file.path))
		return rf_fail_system(error, RF_CODE_RECORD, -errno, "remove policy file %s",
				      file.path);
	return 0;
}

int rf_policy_sweep(const struct rf_objects *objects, struct rf_error *error)
{
	_cleanup_free_ uint32_t *ids = NULL;
	size_t count = 0;
	int ret = rf_policy_file_ids(objects->set, &ids, &count);

	if (ret)
		return rf_fail_system(error, RF_CODE_RECORD, ret,
				      "list the policy files in " RF_POLICIES_DIRECTORY);
	for (size_t i = 0; i < count; i++) {
		int failure = is_used(objects, ids[i])
				      ? 0
				      : remove_policy(objects, ids[i], ret ? NULL : error);

		if (!ret)
			ret = failure;
	}
	return ret;
}

int rf_policy_check(const struct rf_objects *objects, uint32_t id, struct rf_error *error)
{
	_cleanup_policy_file_ struct rf_policy_file file = {};
	struct rf_compiled compiled = {};
	struct rf_policy policy = {};
	int ret = rf_policy_file_by_id(objects->set, id, &file, error);

	if (ret == -ENOENT || (!ret && !rf_policy_file_is_complete(file.path)))
		return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT, "policy %u is gone", id);
	if (!ret)
		ret = parse_document(&file, &policy, error);
	if (!ret)
		ret = compile(objects, &policy, &compiled, error);
	if (!ret)
		ret = rf_policy_entries_check(objects, id, file.first_class, &compiled, error);
	rf_compiled_free(&compiled);
	rf_policy_free(&policy);
	return ret;
}

int rf_policy_load(const struct rf_objects *objects, uint32_t id, struct rf_policy *policy,
		   struct rf_error *error)
{
	_cleanup_policy_file_ struct rf_policy_file file = {};
	int ret = rf_policy_file_by_id(objects->set, id, &file, error);

	return ret ? ret : parse_document(&file, policy, error);
}

void rf_policy_plan_free(struct rf_policy_plan *plan)
{
	free(plan->document);
	rf_compiled_free(&plan->compiled);
	*plan = (struct rf_policy_plan){};
}
