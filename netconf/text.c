/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/text.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 4096

/* False if memory is out, now or before. */
static bool make_room(struct rf_text *text, size_t length)
{
	size_t capacity = text->capacity ? text->capacity : FIRST_CAPACITY;
	char *larger;

	if (text->failed || length <= text->capacity - text->length)
		return !text->failed;
	while (capacity < text->length + length)
		capacity *= 2;
	larger = realloc(text->bytes, capacity);
	if (!larger) {
		text->failed = true;
		return false;
	}
	text->bytes = larger;
	text->capacity = capacity;
	return true;
}

static void add_bytes(struct rf_text *text, const char *bytes, size_t length)
{
	if (!make_room(text, length))
		return;
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
}

void rf_text_add(struct rf_text *text, const char *string)
{
	add_bytes(text, string, strlen(string));
}

void rf_text_add_number(struct rf_text *text, uint32_t number)
{
	char digits[10];
	size_t start = sizeof(digits);

	do {
		digits[--start] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	add_bytes(text, digits + start, sizeof(digits) - start);
}

char *rf_text_take(struct rf_text *text)
{
	char *bytes;

	add_bytes(text, "", 1);
	bytes = text->bytes;
	if (text->failed) {
		free(bytes);
		bytes = NULL;
	}
	*text = (struct rf_text){0};
	return bytes;
}
