// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/store.h"
#include "dataplane/digest.h"
#include "dataplane/identifiers.h"
#include "dataplane/policy/entries.h"
#include "dataplane/policy/file.h"
#include "dataplane/policy/share.h"
#include "netconf/cleanup.h"
#include "netconf/json.h"

#include <string.h>

static int compile(const struct rf_objects *objects, const struct rf_policy *policy,
		   struct rf_policy_plan *plan, struct rf_error *error)
{
	struct rf_compile_limits limits = {
		.peers = objects->max_entries[RF_MAP_PEERS],
		.services = objects->max_entries[RF_MAP_SERVICES],
	};
	struct rf_compiled compiled = {};
	int ret = rf_compile(policy, &limits, &compiled, error);

	if (ret)
		return ret;
	ret = rf_policy_image_make(&compiled, &plan->image);
	if (!ret) {
		plan->is_compiled = true;
		plan->shared = calloc(plan->image.class_count + 1u, sizeof(*plan->shared));
		ret = plan->shared ? 0 : -ENOMEM;
	}
	rf_compiled_free(&compiled);
	return ret ? rf_fail_system(error, RF_CODE_INTERNAL, ret, "compiled policy") : 0;
}

int rf_policy_prepare(const struct rf_objects *objects, const struct rf_policy *policy,
		      struct rf_policy_plan *plan, struct rf_error *error)
{
	_cleanup_policy_file_ struct rf_policy_file equal = {};
	_cleanup_plan_ struct rf_policy_plan draft = {.document = rf_policy_text(policy)};
	int ret;

	if (!draft.document)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy document");
	draft.digest = rf_digest(draft.document, strlen(draft.document));
	/* An equal one that goes before the lock is had costs a compilation under the lock, no
	 * more. */
	if (rf_policy_file_by_document(objects->set, draft.document, draft.digest, &equal, NULL)) {
		ret = compile(objects, policy, &draft, error);
		if (ret)
			return ret;
	}
	*plan = draft;
	draft = (struct rf_policy_plan){};
	return 0;
}

/* Give the image its ids: those of the classes that are there, and new ones. */
static int assign_ids(const struct rf_objects *objects, struct rf_policy_plan *plan,
		      struct rf_error *error)
{
	uint32_t class_count = plan->image.class_count, fresh = 0, next = 0;
	_cleanup_free_ uint32_t *ids = calloc(class_count + 1u, sizeof(*ids));
	int ret;

	if (!ids)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "class ids");
	ret = rf_policy_share_find(objects->set, &plan->image, ids, plan->shared, error);
	if (ret)
		return ret;
	for (uint32_t i = 0; i < class_count; i++)
		fresh += !plan->shared[i];
	ret = rf_next_policy(objects, fresh, &plan->id, &next, error);
	if (ret)
		return ret;
	for (uint32_t i = 0; i < class_count; i++)
		if (!plan->shared[i])
			ids[i] = next++;
	rf_policy_image_assign(&plan->image, plan->id, ids);
	rf_policy_image_seal(&plan->image, strlen(plan->document));
	return 0;
}

static void forget_image(struct rf_policy_plan *plan)
{
	free(plan->shared);
	plan->shared = NULL;
	rf_policy_image_free(&plan->image);
	plan->is_compiled = false;
}

int rf_policy_settle(const struct rf_objects *objects, const struct rf_policy *policy,
		     struct rf_policy_plan *plan, struct rf_error *error)
{
	_cleanup_policy_file_ struct rf_policy_file equal = {};
	int ret = rf_policy_file_by_document(objects->set, plan->document, plan->digest, &equal,
					     error);

	if (!ret) {
		plan->id = equal.name.id;
		plan->is_new = false;
		return 0;
	}
	if (ret != -ENOENT)
		return ret;
	/* It was settled before, and could not be realised, or what was is gone: its ids were for
	 * that time. */
	if (plan->is_new || plan->image.policy)
		forget_image(plan);
	if (!plan->is_compiled) {
		ret = compile(objects, policy, plan, error);
		if (ret)
			return ret;
	}
	plan->is_new = true;
	return assign_ids(objects, plan, error);
}

int rf_policy_realise(const struct rf_objects *objects, const struct rf_policy_plan *plan,
		      struct rf_error *error)
{
	struct rf_policy_name name = {
		.set = objects->set,
		.id = plan->id,
		.digest = plan->digest,
	};
	int ret;

	if (!plan->is_new)
		return 0;
	ret = rf_policy_file_begin(&name, &plan->image, plan->document, error);
	if (ret)
		return ret;
	ret = rf_policy_entries_write(objects, &plan->image, plan->shared, error);
	if (ret) {
		/* What cannot be removed again, a sweep finds by the file. */
		if (!rf_policy_entries_remove(objects, &plan->image, plan->shared, NULL))
			rf_policy_file_remove(&name, NULL);
		return ret;
	}
	return rf_policy_file_set_complete(&name, true, error);
}

int rf_policy_check(const struct rf_objects *objects, uint32_t id, struct rf_error *error)
{
	_cleanup_policy_file_ struct rf_policy_file file = {};
	char path[RF_POLICY_PATH];
	int ret = rf_policy_file_by_id(objects->set, id, &file, error);

	if (ret == -ENOENT || (!ret && !file.name.is_complete))
		return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT, "policy %u is gone", id);
	if (!ret && !rf_policy_image_is_whole(&file.image))
		ret = rf_fail(error, RF_CODE_RECORD, -EINVAL, "policy file %s is damaged",
			      rf_policy_path(&file.name, path));
	return ret ? ret : rf_policy_entries_check(objects, &file.image, error);
}

int rf_policy_load(const struct rf_objects *objects, uint32_t id, struct rf_policy *policy,
		   struct rf_error *error)
{
	_cleanup_policy_file_ struct rf_policy_file file = {};
	_cleanup_json_ cJSON *json = NULL;
	char path[RF_POLICY_PATH];
	int ret = rf_policy_file_by_id(objects->set, id, &file, error);

	if (ret)
		return ret;
	ret = rf_json_parse(file.document, file.document_length, &json, error);
	if (!ret)
		ret = rf_policy_parse(json, "document", true, policy, error);
	if (ret)
		rf_error_context(error, "policy file %s", rf_policy_path(&file.name, path));
	return ret;
}

void rf_policy_plan_free(struct rf_policy_plan *plan)
{
	free(plan->document);
	forget_image(plan);
	*plan = (struct rf_policy_plan){};
}
