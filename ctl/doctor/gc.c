// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/output/table.h"
#include "dataplane/heal.h"
#include "dataplane/load.h"
#include "dataplane/lock.h"
#include "dataplane/other_abis.h"
#include "dataplane/paths.h"
#include "dataplane/policy/store.h"
#include "netconf/cleanup.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

struct collection {
	bool json;
	bool removes;
	cJSON *rows; /* with --json, else NULL */
	size_t count;
};

static void found(struct collection *collection, const char *kind, const char *name)
{
	collection->count++;
	if (collection->json) {
		cJSON *row = cJSON_CreateObject();

		cJSON_AddStringToObject(row, "kind", kind);
		cJSON_AddStringToObject(row, "name", name);
		cJSON_AddBoolToObject(row, "removed", collection->removes);
		cJSON_AddItemToArray(collection->rows, row);
		return;
	}
	printf("%s %s %s\n", collection->removes ? "removed" : "would remove", kind, name);
}

static void found_attachment(enum rf_heal_kind kind, uint64_t owner,
			     const struct rf_attachment_key *key, void *context)
{
	static const char *const kinds[] = {
		[RF_HEAL_POD] = "pod",
		[RF_HEAL_RECORD] = "record",
		[RF_HEAL_PIN] = "link",
	};
	char name[PATH_MAX];

	if (key)
		snprintf(name, sizeof(name), "%s/%s:%s", key->network, key->container,
			 key->interface);
	else
		snprintf(name, sizeof(name), "%016" PRIx64, owner);
	found(context, kinds[kind], name);
}

static void found_policy(uint32_t id, void *context)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", id);
	found(context, "policy", name);
}

static void found_path(const char *path, void *context)
{
	found(context, "files", path);
}

static int collect_policies(const struct rf_objects *objects, struct collection *collection,
			    struct rf_error *error)
{
	_cleanup_close_ int lock = -1;
	int ret = rf_lock(&lock, error);

	if (!ret)
		ret = rf_policy_each_unused(objects, found_policy, collection, error);
	if (!ret && collection->removes)
		ret = rf_policy_sweep(objects, error);
	return ret;
}

static int collect_loaded(struct collection *collection, struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	int ret = rf_objects_open(&objects, error);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	ret = rf_heal_told(&objects, collection->removes, found_attachment, collection, error);
	return ret ? ret : collect_policies(&objects, collection, error);
}

/* Also where nothing is loaded any more. A load takes the lock first. */
static int collect_files(struct collection *collection, struct rf_error *error)
{
	_cleanup_close_ int lock = -1;
	int ret;

	if (access(RF_LOCK_PATH, F_OK))
		return 0;
	ret = rf_lock(&lock, error);
	if (!ret)
		rf_load_leftovers(collection->removes, found_path, collection);
	return ret;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	struct collection collection = {
		.json = invocation->json,
		.removes = !invocation_option(invocation, "dry-run"),
		.rows = invocation->json ? cJSON_CreateArray() : NULL,
	};
	int ret = collect_loaded(&collection, error);

	if (!ret)
		ret = collect_files(&collection, error);
	if (!ret && collection.removes)
		rf_other_abis_retire();
	if (collection.rows)
		json_print(collection.rows);
	else if (!ret && !collection.count)
		printf("nothing is left of anything\n");
	return ret;
}

static const struct command_option options[] = {
	{"dry-run", NULL, "print what would be removed, and remove nothing"},
	{},
};

const struct command command_gc = {
	.noun = "gc",
	.arguments = "",
	.help = "remove what is left of pods and policies that are gone",
	.options = options,
	.needs_no_maps = true,
	.run = run,
};
