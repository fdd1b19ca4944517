/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places in a text that rf_json_parse() has accepted, for those who pass it on to the byte. All of
 * them are offsets from the start of the text.
 */
#ifndef RINGFENCE_NETCONF_JSON_TEXT_H
#define RINGFENCE_NETCONF_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct rf_json_member {
	size_t key;   /* of its first quote */
	size_t value; /* of the value's first byte */
	size_t end;   /* behind the value's last byte */
};

/*
 * Find @key, however it is escaped, in the object whose brace is at @object. False if what is there
 * is no object, or has no such key.
 */
bool rf_json_find_member(const char *text, size_t length, size_t object, const char *key,
			 struct rf_json_member *out);

/*
 * Walk over an array: *@at is the place of its bracket at first, and is moved on by each call,
 * which sets *@element to where the next element begins. False at the end.
 */
bool rf_json_next_element(const char *text, size_t length, size_t *at, size_t *element);

/*
 * What must be cut so that @member of an object is gone and the rest is still JSON: the member, a
 * comma, and the space between. Sets *@start, and *@end behind the last byte.
 */
void rf_json_member_cut(const char *text, size_t length, const struct rf_json_member *member,
			size_t *start, size_t *end);

#endif
