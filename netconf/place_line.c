/* SPDX-License-Identifier: Apache-2.0 */
/* Where in the text of a document a place is. Only errors ask, so it is looked up anew. */
#include "netconf/field.h"

#include "netconf/json.h"
#include "netconf/json_scan.h"

/* The text of element @index of the array @text, which rf_json_parse() has accepted. */
static const char *element_text(const char *text, size_t length, size_t index, size_t *out_length)
{
	struct rf_json_scan scan = {.text = text, .length = length};

	if (!rf_json_scan_byte(&scan, '['))
		return NULL;
	for (size_t at = 0;; at++) {
		size_t start;

		rf_json_scan_space(&scan);
		start = scan.offset;
		if (!rf_json_scan_value(&scan))
			return NULL;
		if (at == index) {
			*out_length = scan.offset - start;
			return text + start;
		}
		if (!rf_json_scan_byte(&scan, ','))
			return NULL;
	}
}

/* The text of the value at @place, and of how many bytes it is; NULL if that is not known. */
static const char *value_text(const struct rf_place *place, size_t *length)
{
	const char *text;

	if (!place->parent) {
		*length = place->text_length;
		return place->text;
	}
	text = value_text(place->parent, length);
	if (!text)
		return NULL;
	return place->key ? rf_json_value_text(text, *length, place->key, length)
			  : element_text(text, *length, place->index, length);
}

size_t rf_place_line(const struct rf_place *place)
{
	const struct rf_place *root = place;
	const char *value;
	size_t length;
	size_t line = 1;

	while (root->parent)
		root = root->parent;
	value = value_text(place, &length);
	if (!value)
		return 0;
	for (const char *at = root->text; at < value; at++)
		line += *at == '\n';
	return line;
}
