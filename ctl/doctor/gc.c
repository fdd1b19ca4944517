// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/output/table.h"
#include "dataplane/heal.h"
#include "dataplane/load.h"
#include "dataplane/lock.h"
#include "dataplane/other_abis.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

struct collection {
	bool json;
	bool removes;
	cJSON *rows; /* with --json, else NULL */
	/* Else. Printed when no lock is held any more: who reads it may take any time. */
	FILE *lines;
	size_t count;
	uint64_t *owners; /* of the attachments among them */
	size_t owner_count;
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
	fprintf(collection->lines, "%s %s %s\n", collection->removes ? "removed" : "would remove",
		kind, name);
}

static void note_owner(struct collection *collection, uint64_t owner)
{
	collection->owners = reallocarray(collection->owners, collection->owner_count + 1,
					  sizeof(*collection->owners));
	if (!collection->owners)
		abort();
	collection->owners[collection->owner_count++] = owner;
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
	note_owner(context, owner);
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

static void found_abi(const char *name, void *context)
{
	found(context, "abi", name);
}

static int collect_loaded(struct collection *collection, struct rf_error *error)
{
	const struct rf_heal_listener listener = {
		.attachment = found_attachment,
		.policy = found_policy,
		.context = collection,
	};
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	int ret = rf_objects_open(&objects, error);

	if (ret)
		return ret == -ENOENT ? 0 : ret;
	return rf_heal_told(&objects, collection->removes, &listener, error);
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

/* The records that a removal has left are the ones that count; a dry run leaves out as many. */
static int collect_abis(struct collection *collection, struct rf_error *error)
{
	const struct rf_other_abis_listener listener = {
		.leaving = collection->owners,
		.leaving_count = collection->removes ? 0 : collection->owner_count,
		.found = found_abi,
		.context = collection,
	};

	return rf_other_abis_told(collection->removes, &listener, error);
}

static int collect(struct collection *collection, struct rf_error *error)
{
	int ret = collect_loaded(collection, error);

	if (!ret)
		ret = collect_files(collection, error);
	return ret ? ret : collect_abis(collection, error);
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	struct collection collection = {
		.json = invocation->json,
		.removes = !invocation_option(invocation, "dry-run"),
		.rows = invocation->json ? cJSON_CreateArray() : NULL,
	};
	_cleanup_free_ char *text = NULL;
	size_t length;
	int ret;

	collection.lines = open_memstream(&text, &length);
	if (!collection.lines)
		abort();
	ret = collect(&collection, error);
	fclose(collection.lines);
	fputs(text, stdout);
	free(collection.owners);
	if (collection.rows)
		json_print(collection.rows);
	else if (!ret && !collection.count)
		printf("nothing to remove\n");
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
