/* SPDX-License-Identifier: Apache-2.0 */
/* Where in the text of a document a place is. Only errors ask, so it is looked up anew. */
#include "netconf/field.h"

#include "netconf/json_text.h"

/* Set *@offset to where element @index of the array there begins. */
static bool find_element(const struct rf_place *root, size_t index, size_t *offset)
{
	size_t at = *offset;

	for (size_t i = 0; i <= index; i++)
		if (!rf_json_next_element(root->text, root->text_length, &at, offset))
			return false;
	return true;
}

/* Set *@offset to where the value at @place begins. */
static bool find_value(const struct rf_place *root, const struct rf_place *place, size_t *offset)
{
	struct rf_json_member member;

	if (place == root) {
		*offset = 0;
		return true;
	}
	if (!find_value(root, place->parent, offset))
		return false;
	if (!place->key)
		return find_element(root, place->index, offset);
	if (!rf_json_find_member(root->text, root->text_length, *offset, place->key, &member))
		return false;
	*offset = member.value;
	return true;
}

size_t rf_place_line(const struct rf_place *place)
{
	const struct rf_place *root = place;
	size_t offset;
	size_t line = 1;

	while (root->parent)
		root = root->parent;
	if (!root->text || !find_value(root, place, &offset))
		return 0;
	for (size_t i = 0; i < offset; i++)
		line += root->text[i] == '\n';
	return line;
}
