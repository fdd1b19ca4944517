/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/json.h"

#include "netconf/cleanup.h"
#include "netconf/json_duplicate.h"
#include "netconf/json_scan.h"

#include <errno.h>
#include <string.h>

/* From 2^53 on a double has no room for every whole number: what was written cannot be known. */
#define EXACT_INTEGER_MAX 9007199254740991.0

/* Say @fault at @offset as line and column; a column is a character, not a byte. */
static int fail_at(const char *text, size_t offset, const char *fault, struct rf_error *error)
{
	size_t line = 1;
	size_t column = 1;

	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	return rf_fail(error, RF_CODE_DECODE, -EINVAL, "not valid JSON: line %zu, column %zu: %s",
		       line, column, fault);
}

static int fail_duplicate(const char *text, size_t length,
			  const struct rf_json_duplicate *duplicate, struct rf_error *error)
{
	struct rf_json_scan scan = {
		.text = text, .length = length, .wanted_key = duplicate->number};
	int result;

	rf_json_scan_value(&scan);
	result = fail_at(text, scan.wanted_offset, "key is given twice", error);
	if (error)
		rf_fail(error, RF_CODE_DECODE, result, "%s: \"%s\"", error->message,
			duplicate->key);
	rf_error_hint(error, "each key may be given once; which of two values holds differs "
			     "between readers");
	return result;
}

int rf_json_parse(const char *text, size_t length, cJSON **out, struct rf_error *error)
{
	struct rf_json_scan scan = {.text = text, .length = length};
	struct rf_json_duplicate duplicate = {0};
	_cleanup_json_ cJSON *json = NULL;
	int result;

	if (!rf_json_scan_value(&scan) || !rf_json_scan_end(&scan))
		return fail_at(text, scan.offset, scan.fault, error);

	/* The grammar was checked: only memory can be missing now. */
	json = cJSON_ParseWithLengthOpts(text, length, NULL, 0);
	if (!json)
		return rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
	result = rf_json_find_duplicate(json, &duplicate);
	if (result < 0)
		return rf_fail(error, RF_CODE_INTERNAL, result, "out of memory");
	if (duplicate.key)
		return fail_duplicate(text, length, &duplicate, error);
	*out = TAKE_PTR(json);
	return 0;
}

/* True if the string @text, with its quotes, says @key once its escapes are undone. */
static bool is_string(const char *text, size_t length, const char *key)
{
	_cleanup_json_ cJSON *string = NULL;
	size_t key_length = strlen(key);

	if (!memchr(text, '\\', length))
		return length == key_length + 2 && !memcmp(text + 1, key, key_length);
	string = cJSON_ParseWithLengthOpts(text, length, NULL, 0);
	return string && !strcmp(string->valuestring, key);
}

/* Where the string or value that is next begins. */
static const char *next_start(struct rf_json_scan *scan)
{
	rf_json_scan_space(scan);
	return scan->text + scan->offset;
}

const char *rf_json_value_text(const char *text, size_t length, const char *key,
			       size_t *value_length)
{
	struct rf_json_scan scan = {.text = text, .length = length};

	if (!rf_json_scan_byte(&scan, '{') || rf_json_scan_byte(&scan, '}'))
		return NULL;
	do {
		const char *name = next_start(&scan);
		const char *value;
		bool is_wanted;

		if (!rf_json_scan_string(&scan))
			return NULL;
		is_wanted = is_string(name, (size_t)(text + scan.offset - name), key);
		if (!rf_json_scan_byte(&scan, ':'))
			return NULL;
		value = next_start(&scan);
		if (!rf_json_scan_value(&scan))
			return NULL;
		if (is_wanted) {
			*value_length = (size_t)(text + scan.offset - value);
			return value;
		}
	} while (rf_json_scan_byte(&scan, ','));
	return NULL;
}

int rf_json_integer(const cJSON *item, int64_t min, int64_t max, int64_t *out)
{
	double number;

	if (!cJSON_IsNumber(item))
		return -EINVAL;
	number = item->valuedouble;
	if (!(number >= -EXACT_INTEGER_MAX && number <= EXACT_INTEGER_MAX))
		return -ERANGE;
	if ((double)(int64_t)number != number || (int64_t)number < min || (int64_t)number > max)
		return -ERANGE;
	*out = (int64_t)number;
	return 0;
}
