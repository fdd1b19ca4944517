/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/json_text.h"

#include "netconf/cleanup.h"
#include "netconf/json_scan.h"

#include <string.h>

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
static size_t next_start(struct rf_json_scan *scan)
{
	rf_json_scan_space(scan);
	return scan->offset;
}

bool rf_json_find_member(const char *text, size_t length, size_t object, const char *key,
			 struct rf_json_member *out)
{
	struct rf_json_scan scan = {.text = text, .length = length, .offset = object};

	if (!rf_json_scan_byte(&scan, '{') || rf_json_scan_byte(&scan, '}'))
		return false;
	do {
		struct rf_json_member member = {.key = next_start(&scan)};
		bool is_wanted;

		if (!rf_json_scan_string(&scan))
			return false;
		is_wanted = is_string(text + member.key, scan.offset - member.key, key);
		if (!rf_json_scan_byte(&scan, ':'))
			return false;
		member.value = next_start(&scan);
		if (!rf_json_scan_value(&scan))
			return false;
		member.end = scan.offset;
		if (is_wanted) {
			*out = member;
			return true;
		}
	} while (rf_json_scan_byte(&scan, ','));
	return false;
}

bool rf_json_next_element(const char *text, size_t length, size_t *at, size_t *element)
{
	struct rf_json_scan scan = {.text = text, .length = length, .offset = *at};

	if (!rf_json_scan_byte(&scan, '[') && !rf_json_scan_byte(&scan, ','))
		return false;
	*element = next_start(&scan);
	if (rf_json_peek(&scan) == ']' || !rf_json_scan_value(&scan))
		return false;
	*at = scan.offset;
	return true;
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

void rf_json_member_cut(const char *text, size_t length, const struct rf_json_member *member,
			size_t *start, size_t *end)
{
	struct rf_json_scan scan = {.text = text, .length = length, .offset = member->end};

	*start = member->key;
	*end = member->end;
	if (rf_json_scan_byte(&scan, ',')) {
		*end = next_start(&scan);
		return;
	}
	/* The last one: the comma is before it, unless it is the only one. */
	while (is_space(text[*start - 1]))
		--*start;
	if (text[*start - 1] == ',')
		--*start;
}
