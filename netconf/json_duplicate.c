/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/json_duplicate.h"

#include "netconf/cleanup.h"

#include <string.h>

/* Keys of an object that are compared each with each, without memory from the heap. */
#define FEW 16

/* One walk over the tree, in the order of the text. */
struct walk {
	size_t key_count;
	struct rf_json_duplicate found;
};

static int compare_keys(const void *a, const void *b)
{
	const struct rf_json_duplicate *first = a;
	const struct rf_json_duplicate *second = b;
	int order = strcmp(first->key, second->key);

	if (order)
		return order;
	return (first->number > second->number) - (first->number < second->number);
}

/* Of several duplicates, the one that comes first in the text is kept: sorting found them in any
 * order. */
static void note_duplicates(struct walk *walk, struct rf_json_duplicate *keys, size_t count)
{
	qsort(keys, count, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(keys[i - 1].key, keys[i].key) != 0)
			continue;
		if (!walk->found.key || keys[i].number < walk->found.number)
			walk->found = keys[i];
	}
}

/* The same, faster, for as many keys as nearly every object has. */
static void note_duplicates_of_few(struct walk *walk, const struct rf_json_duplicate *keys,
				   size_t count)
{
	for (size_t i = 1; i < count; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(keys[k].key, keys[i].key) != 0)
				continue;
			if (!walk->found.key || keys[i].number < walk->found.number)
				walk->found = keys[i];
		}
	}
}

static int walk_value(struct walk *walk, const cJSON *json);

/* @keys has room for all keys of @object. */
static int walk_members(struct walk *walk, const cJSON *object, struct rf_json_duplicate *keys)
{
	size_t count = 0;
	const cJSON *child;

	cJSON_ArrayForEach (child, object) {
		int result;

		keys[count++] = (struct rf_json_duplicate){child->string, ++walk->key_count};
		result = walk_value(walk, child);
		if (result < 0)
			return result;
	}
	if (count <= FEW)
		note_duplicates_of_few(walk, keys, count);
	else
		note_duplicates(walk, keys, count);
	return 0;
}

static int walk_large_object(struct walk *walk, const cJSON *object)
{
	_cleanup_free_ struct rf_json_duplicate *keys =
		calloc((size_t)cJSON_GetArraySize(object), sizeof(*keys));

	return keys ? walk_members(walk, object, keys) : -ENOMEM;
}

static int walk_object(struct walk *walk, const cJSON *object)
{
	struct rf_json_duplicate keys[FEW];
	const cJSON *child = object->child;

	for (size_t i = 0; child && i < FEW; i++)
		child = child->next;
	return child ? walk_large_object(walk, object) : walk_members(walk, object, keys);
}

/* The depth is bounded by the scanner (RF_JSON_DEPTH_MAX). */
static int walk_value(struct walk *walk, const cJSON *json)
{
	const cJSON *child;

	if (!json->child)
		return 0;
	if (cJSON_IsObject(json))
		return walk_object(walk, json);
	cJSON_ArrayForEach (child, json) {
		int result = walk_value(walk, child);
		if (result < 0)
			return result;
	}
	return 0;
}

int rf_json_find_duplicate(const cJSON *json, struct rf_json_duplicate *out)
{
	struct walk walk = {0};
	int result = walk_value(&walk, json);

	if (result < 0)
		return result;
	*out = walk.found;
	return 0;
}
