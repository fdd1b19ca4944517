/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/json.h"

#include "netconf/cleanup.h"
#include "netconf/json_duplicate.h"
#include "netconf/json_scan.h"
#include "netconf/json_text.h"

#include <errno.h>
#include <string.h>

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

const char *rf_json_value_text(const char *text, size_t length, const char *key,
			       size_t *value_length)
{
	struct rf_json_member member;

	if (!rf_json_find_member(text, length, 0, key, &member))
		return NULL;
	*value_length = member.end - member.value;
	return text + member.value;
}

int rf_json_integer(const cJSON *item, int64_t min, int64_t max, int64_t *out)
{
	double number;

	if (!cJSON_IsNumber(item))
		return -EINVAL;
	number = item->valuedouble;
	if (!(number >= -RF_JSON_INTEGER_MAX && number <= RF_JSON_INTEGER_MAX))
		return -ERANGE;
	if ((double)(int64_t)number != number || (int64_t)number < min || (int64_t)number > max)
		return -ERANGE;
	*out = (int64_t)number;
	return 0;
}
