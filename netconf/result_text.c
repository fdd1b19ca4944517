/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/result_text.h"

#include "netconf/cleanup.h"
#include "netconf/cni_version.h"
#include "netconf/field.h"
#include "netconf/json_text.h"

#include <string.h>

/* A few bytes of the text that give way to others. */
struct edit {
	size_t offset;
	size_t cut;
	char insert[32];
};

struct edits {
	const char *text;
	size_t length;
	struct edit *list;
	size_t count;
};

/* From 1.0.0 on an address does not say its family. */
static bool has_families(const char *cni_version)
{
	return rf_cni_version_compare(cni_version, "1.0.0") < 0;
}

/* An absent or empty one is the configuration's: libcni takes it so. */
static const char *own_version(const cJSON *json, const char *cni_version)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, "cniVersion");

	return cJSON_IsString(value) && *value->valuestring ? value->valuestring : cni_version;
}

int rf_result_check_version(const cJSON *json, const char *cni_version, bool *says_family,
			    struct rf_error *error)
{
	const struct rf_place document = {.key = "prevResult"};
	const struct rf_place place = {.parent = &document, .key = "cniVersion"};
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, place.key);
	const char *version = own_version(json, cni_version);

	if (value && !cJSON_IsString(value) && !cJSON_IsNull(value))
		return rf_fail_type(error, &place, value, "a string");
	if (!rf_is_cni_version_supported(version))
		return rf_fail_at(error, RF_CODE_DECODE, &place,
				  "\"%s\" is not supported, and cannot be converted to the "
				  "configuration's \"%s\"",
				  version, cni_version);
	*says_family = has_families(version);
	return 0;
}

/* The edit to be filled in; there is room for all. */
static struct edit *add_edit(struct edits *edits, size_t offset, size_t end)
{
	struct edit *edit = &edits->list[edits->count++];

	*edit = (struct edit){.offset = offset, .cut = end - offset};
	return edit;
}

static void edit_version(struct edits *edits, const char *cni_version)
{
	struct rf_json_member member;
	struct edit *edit;

	if (rf_json_find_member(edits->text, edits->length, 0, "cniVersion", &member)) {
		edit = add_edit(edits, member.value, member.end);
		snprintf(edit->insert, sizeof(edit->insert), "\"%s\"", cni_version);
		return;
	}
	/* Behind the brace; members follow, so a comma is right. */
	edit = add_edit(edits, 1, 1);
	snprintf(edit->insert, sizeof(edit->insert), "\"cniVersion\":\"%s\",", cni_version);
}

/* @ip is the address whose text begins at @object. */
static void edit_family(struct edits *edits, const cJSON *ip, size_t object, bool wanted)
{
	const char *address = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(ip, "address"));
	const char *family = strchr(address, ':') ? "6" : "4";
	const char *written = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(ip, "version"));
	struct rf_json_member member;
	struct edit *edit;
	size_t start, end;

	if (!rf_json_find_member(edits->text, edits->length, object, "version", &member)) {
		if (!wanted)
			return;
		edit = add_edit(edits, object + 1, object + 1);
		snprintf(edit->insert, sizeof(edit->insert), "\"version\":\"%s\",", family);
	} else if (!wanted) {
		rf_json_member_cut(edits->text, edits->length, &member, &start, &end);
		add_edit(edits, start, end);
	} else if (!written || strcmp(written, family)) {
		edit = add_edit(edits, member.value, member.end);
		snprintf(edit->insert, sizeof(edit->insert), "\"%s\"", family);
	}
}

static void edit_families(struct edits *edits, const cJSON *ips, bool wanted)
{
	struct rf_json_member member;
	const cJSON *ip;
	size_t object;

	if (!cJSON_IsArray(ips) ||
	    !rf_json_find_member(edits->text, edits->length, 0, "ips", &member))
		return;
	/* The elements of the tree are in the order of the text. */
	cJSON_ArrayForEach (ip, ips)
		if (rf_json_next_element(edits->text, edits->length, &member.value, &object))
			edit_family(edits, ip, object, wanted);
}

static int compare_edits(const void *a, const void *b)
{
	const struct edit *first = a, *second = b;

	return (first->offset > second->offset) - (first->offset < second->offset);
}

/* The text with its edits, which do not overlap. */
static char *apply(struct edits *edits)
{
	size_t from = 0, used = 0;
	char *copy = malloc(edits->length + edits->count * sizeof(edits->list->insert) + 1);

	if (!copy)
		return NULL;
	qsort(edits->list, edits->count, sizeof(*edits->list), compare_edits);
	for (size_t i = 0; i < edits->count; i++) {
		const struct edit *edit = &edits->list[i];
		size_t kept = edit->offset - from, inserted = strlen(edit->insert);

		memcpy(copy + used, edits->text + from, kept);
		memcpy(copy + used + kept, edit->insert, inserted);
		used += kept + inserted;
		from = edit->offset + edit->cut;
	}
	memcpy(copy + used, edits->text + from, edits->length - from);
	copy[used + edits->length - from] = '\0';
	return copy;
}

int rf_result_text(const cJSON *json, const char *text, size_t length, const char *cni_version,
		   char **out, struct rf_error *error)
{
	const cJSON *ips = cJSON_GetObjectItemCaseSensitive(json, "ips");
	struct edits edits = {.text = text, .length = length};
	_cleanup_free_ struct edit *list =
		calloc((size_t)cJSON_GetArraySize(ips) + 1, sizeof(*list));
	char *copy;

	if (!list)
		return rf_fail_memory(error);
	edits.list = list;
	edit_version(&edits, cni_version);
	edit_families(&edits, ips, has_families(cni_version));
	copy = apply(&edits);
	if (!copy)
		return rf_fail_memory(error);
	*out = copy;
	return 0;
}
