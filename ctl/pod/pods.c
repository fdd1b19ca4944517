// SPDX-License-Identifier: Apache-2.0
#include "ctl/pod/pods.h"
#include "ctl/output/error_stream.h"
#include "dataplane/record_keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX_MIN 8 /* characters of a container's id; runtimes print 12 or 13 */

static int compare(const void *a, const void *b)
{
	const struct pod *one = a, *other = b;
	int order = strcmp(one->name, other->name);

	if (!order)
		order = strcmp(one->record.network, other->record.network);
	if (!order)
		order = strcmp(one->record.container, other->record.container);
	return order ? order : strcmp(one->record.interface, other->record.interface);
}

static bool is_loaded(const struct rf_objects *objects, const struct rf_record *record)
{
	return record->pod_id && record->pod_id < objects->max_entries[RF_MAP_POD_STATE] &&
	       objects->pod_state[record->pod_id].owner == record->point.owner;
}

/* The way to mend them is that of each. */
static void tell_unread(const struct pods *pods)
{
	if (pods->unread && !pods->is_quiet)
		fprintf(error_stream(), "  ringfencectl doctor says how to mend %s\n",
			pods->unread == 1 ? "it" : "them");
}

static int read_one(struct pods *pods, const struct rf_attachment_key *key)
{
	struct pod *pod = &pods->items[pods->count];
	struct rf_error error = {};
	char name[600];
	int ret = rf_record_read(key, &pod->record, &error);

	/* It may go while we look. */
	if (ret == -ENOENT)
		return 0;
	if (ret) {
		if (!pods->is_quiet)
			fprintf(error_stream(), "ringfencectl: %s\n", error.message);
		pods->unread++;
		return 0;
	}
	pod->name = strdup(rf_record_pod_text(&pod->record, name));
	pod->is_loaded = is_loaded(pods->objects, &pod->record);
	pods->count++;
	return pod->name ? 0 : -ENOMEM;
}

static int read_all(struct pods *pods)
{
	_cleanup_record_keys_ struct rf_record_keys keys = {};
	int ret = rf_record_keys_list(&keys);

	if (ret)
		return ret;
	pods->items = calloc(keys.count + 1, sizeof(*pods->items));
	pods->by_id = calloc(pods->objects->max_entries[RF_MAP_POD_STATE], sizeof(*pods->by_id));
	if (!pods->items || !pods->by_id)
		return -ENOMEM;
	for (size_t i = 0; i < keys.count && !ret; i++)
		ret = read_one(pods, &keys.items[i]);
	if (ret)
		return ret;
	qsort(pods->items, pods->count, sizeof(*pods->items), compare);
	for (size_t i = 0; i < pods->count; i++)
		if (pods->items[i].is_loaded)
			pods->by_id[pods->items[i].record.pod_id] = i + 1;
	return 0;
}

static int read_pods(struct pods *pods, struct pods *out, struct rf_error *error)
{
	int ret = read_all(pods);

	if (ret) {
		pods_free(pods);
		return rf_fail_system(error, RF_CODE_RECORD, ret, "read the records of the pods");
	}
	tell_unread(pods);
	*out = *pods;
	return 0;
}

int pods_read(const struct rf_objects *objects, struct pods *out, struct rf_error *error)
{
	struct pods pods = {.objects = objects};

	return read_pods(&pods, out, error);
}

int pods_read_again(struct pods *pods)
{
	struct pods now = {.objects = pods->objects, .is_quiet = true}, before = *pods;
	int ret = read_pods(&now, pods, NULL);

	if (!ret)
		pods_free(&before);
	return ret;
}

void pods_free(struct pods *pods)
{
	for (size_t i = 0; i < pods->count; i++) {
		rf_record_free(&pods->items[i].record);
		free(pods->items[i].name);
	}
	free(pods->items);
	free(pods->by_id);
	*pods = (struct pods){};
}

const struct pod *pods_by_id(const struct pods *pods, uint32_t id, uint32_t incarnation)
{
	const struct pod *pod;

	if (id >= pods->objects->max_entries[RF_MAP_POD_STATE] || !pods->by_id[id])
		return NULL;
	pod = &pods->items[pods->by_id[id] - 1];
	return pod->record.incarnation == incarnation ? pod : NULL;
}

bool pods_is_there(const struct pods *pods, const struct pod *pod)
{
	const struct rf_record *record = &pod->record;

	return is_loaded(pods->objects, record) &&
	       pods->objects->pod_state[record->pod_id].incarnation == record->incarnation;
}

static void format_place(const struct rf_record *record, char *text, size_t size)
{
	snprintf(text, size, "%s/%s/%s", record->network, record->container, record->interface);
}

bool pods_is_called(const struct rf_record *record, const char *text)
{
	char place[3 * 256], name[600];

	format_place(record, place, sizeof(place));
	return !strcmp(text, rf_record_pod_text(record, name)) ||
	       !strcmp(text, record->container) || !strcmp(text, place);
}

bool pods_begins_with(const struct rf_record *record, const char *text)
{
	size_t length = strlen(text);

	return length >= PREFIX_MIN && !strncmp(record->container, text, length);
}

static int fail_ambiguous(const struct pods *pods, const char *text,
			  bool (*matches)(const struct rf_record *record, const char *text),
			  struct rf_error *error)
{
	char all[RF_DETAILS_SIZE] = "", place[3 * 256];
	size_t length = 0;

	for (size_t i = 0; i < pods->count; i++) {
		if (!matches(&pods->items[i].record, text) || length >= sizeof(all))
			continue;
		format_place(&pods->items[i].record, place, sizeof(place));
		length += (size_t)snprintf(all + length, sizeof(all) - length, "%s%s",
					   length ? ", " : "", place);
	}
	rf_fail(error, RF_CODE_RECORD, -ENOTUNIQ,
		"several are called %s: say which, by network/container/interface", text);
	rf_error_hint(error, "%s", all);
	return -ENOTUNIQ;
}

static int find(const struct pods *pods, const char *text,
		bool (*matches)(const struct rf_record *record, const char *text),
		const struct pod **out, struct rf_error *error)
{
	size_t count = 0;

	for (size_t i = 0; i < pods->count; i++)
		if (matches(&pods->items[i].record, text)) {
			*out = &pods->items[i];
			count++;
		}
	if (count > 1)
		return fail_ambiguous(pods, text, matches, error);
	return count ? 0 : -ENOENT;
}

int pods_resolve(const struct pods *pods, const char *text, const struct pod **out,
		 struct rf_error *error)
{
	int ret = find(pods, text, pods_is_called, out, error);

	if (ret == -ENOENT)
		ret = find(pods, text, pods_begins_with, out, error);
	if (ret == -ENOENT)
		rf_fail(error, RF_CODE_RECORD, ret, "no pod %s (ringfencectl pod list)", text);
	return ret;
}
