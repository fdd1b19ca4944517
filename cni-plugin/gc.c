// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/call.h"
#include "dataplane/attachment.h"
#include "dataplane/heal.h"
#include "dataplane/other_abis.h"
#include "netconf/cleanup.h"
#include "netconf/json.h"

#include <errno.h>
#include <string.h>

#define VALID_ATTACHMENTS "cni.dev/valid-attachments"

struct collection {
	const cJSON *valid; /* array of {containerID, ifname}, or null */
	struct rf_error *first;
	int result;
};

static bool is_valid(const cJSON *valid, const struct rf_record *record)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, valid) {
		const char *container =
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "containerID"));
		const char *interface =
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "ifname"));

		if (container && interface && !strcmp(container, record->container) &&
		    !strcmp(interface, record->interface))
			return true;
	}
	return false;
}

/* Continues past errors: the first one is reported at the end. */
static int collect(const struct rf_record *record, struct rf_error *error, void *context)
{
	struct collection *collection = context;
	struct rf_error failure = {};
	int ret = -EINVAL;

	if (record) {
		struct rf_attachment_key key = rf_record_key(record);

		if (is_valid(collection->valid, record))
			return 0;
		ret = rf_attachment_remove(&key, &failure);
	} else {
		failure = *error;
	}
	if (ret && !collection->result) {
		collection->result = ret;
		*collection->first = failure;
	}
	return 0;
}

static bool is_attachment(const cJSON *item)
{
	return cJSON_IsObject(item) &&
	       cJSON_IsString(cJSON_GetObjectItemCaseSensitive(item, "containerID")) &&
	       cJSON_IsString(cJSON_GetObjectItemCaseSensitive(item, "ifname"));
}

/* null is what a runtime in Go makes of an empty list. An entry that we cannot read may mean any
 * pod. */
static int check_list(const cJSON *list, struct rf_error *error)
{
	const cJSON *item;

	if (!cJSON_IsArray(list) && !cJSON_IsNull(list))
		return rf_fail(error, RF_CODE_DECODE, -EINVAL, "%s is missing, or not an array",
			       VALID_ATTACHMENTS);
	cJSON_ArrayForEach (item, list)
		if (!is_attachment(item))
			return rf_fail(error, RF_CODE_DECODE, -EINVAL,
				       "%s has an entry without \"containerID\" or \"ifname\"",
				       VALID_ATTACHMENTS);
	return 0;
}

static int stop_at_first(const struct rf_record *record, struct rf_error *error, void *context)
{
	(void)record, (void)error, (void)context;
	return 1;
}

/* What has no network any more, or no interface in any. */
static void heal(void)
{
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;

	if (!rf_objects_open(&objects, NULL))
		rf_heal(&objects, RF_HEAL_ALL);
	rf_other_abis_retire();
}

int verb_gc(struct call *call, struct rf_error *error)
{
	_cleanup_json_ cJSON *json = NULL;
	struct collection collection = {.first = error};
	struct rf_error listing = {};
	int ret = rf_json_parse(call->input, call->input_length, &json, error);

	if (ret)
		return ret;
	collection.valid = cJSON_GetObjectItemCaseSensitive(json, VALID_ATTACHMENTS);
	/* No list is not an empty list: that would remove every pod's protection. */
	if (!collection.valid && !rf_record_each(call->netconf.name, stop_at_first, NULL, &listing))
		return 0;
	ret = check_list(collection.valid, error);
	if (ret)
		return ret;
	ret = rf_record_each(call->netconf.name, collect, &collection, &listing);
	heal();
	if (ret && !collection.result) {
		*error = listing;
		return ret;
	}
	return collection.result;
}
