/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the fields of a JSON document: each value is checked for its type and range, and each
 * error names the place, such as "policy.ingress.rules[3].peers[1]". Internal to netconf.
 *
 * All functions return 0 or -errno. Wrong types are DECODE, values out of range CONFIG, keys that
 * are not known or not supported yet UNSUPPORTED.
 */
#ifndef RINGFENCE_NETCONF_FIELD_H
#define RINGFENCE_NETCONF_FIELD_H

#include "netconf/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a value is in its document. Only an error turns it into text, so it costs nothing else. */
struct rf_place {
	const struct rf_place *parent; /* NULL: this is the document */
	const char *key;               /* NULL: an element of an array; "": a nameless document */
	size_t index;
	const char *text;   /* of a document: what it was read from, if errors shall say the line */
	size_t text_length; /* in bytes */
};

/* Enough for every place that errors shall show whole; a longer one is cut. */
#define RF_PLACE_TEXT 256

/* Write the place; returns @text. */
char *rf_place_format(const struct rf_place *place, char text[RF_PLACE_TEXT]);

/* The line of the value at @place, from 1; 0 if the document's text is not known. */
size_t rf_place_line(const struct rf_place *place);

/* Enough for the values that errors quote; a longer one is cut. */
#define RF_VALUE_TEXT 160

/* Write the value as JSON on one line; returns @text. */
char *rf_value_format(const cJSON *value, char text[RF_VALUE_TEXT]);

/* As rf_fail(), with line, where known, and place before the message. Returns -EINVAL. */
int rf_fail_at(struct rf_error *error, enum rf_code code, const struct rf_place *place,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));

int rf_fail_type(struct rf_error *error, const struct rf_place *place, const cJSON *value,
		 const char *expected);
int rf_fail_not_supported_yet(struct rf_error *error, const struct rf_place *place,
			      const cJSON *value);
int rf_fail_memory(struct rf_error *error);

/* A key of an object, and the function that reads its value into @target. */
struct rf_field {
	const char *key;
	int (*read)(const cJSON *value, const struct rf_place *place, void *target,
		    struct rf_error *error);
};

/*
 * Read every member of the object @json by its entry of @fields, whose last one has no key. A key
 * without an entry is refused.
 */
int rf_read_object(const cJSON *json, const struct rf_place *place, const struct rf_field *fields,
		   void *target, struct rf_error *error);

/* Read one member (@member->string is its key) of the object at @place. */
int rf_read_member(const cJSON *member, const struct rf_place *place, const struct rf_field *fields,
		   void *target, struct rf_error *error);

int rf_read_array(const cJSON *value, const struct rf_place *place, struct rf_error *error);
int rf_read_boolean(const cJSON *value, const struct rf_place *place, bool *out,
		    struct rf_error *error);
int rf_read_integer(const cJSON *value, const struct rf_place *place, int64_t min, int64_t max,
		    int64_t *out, struct rf_error *error);

/* A string that is not empty. *@out points into @value. */
int rf_read_string(const cJSON *value, const struct rf_place *place, const char **out,
		   struct rf_error *error);

/* The same, copied; *@out is the caller's. */
int rf_read_string_copy(const cJSON *value, const struct rf_place *place, char **out,
			struct rf_error *error);

/* A path that starts with '/'. */
int rf_read_path(const cJSON *value, const struct rf_place *place, struct rf_error *error);

/* One of @names, which end with NULL; *@out is its index. */
int rf_read_choice(const cJSON *value, const struct rf_place *place, const char *const *names,
		   size_t *out, struct rf_error *error);

#endif
