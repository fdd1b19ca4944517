/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/field.h"

#include "netconf/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int rf_read_member(const cJSON *member, const struct rf_place *place, const struct rf_field *fields,
		   void *target, struct rf_error *error)
{
	struct rf_place inner = {.parent = place, .key = member->string};
	char text[RF_VALUE_TEXT];
	char known[256] = "";
	size_t used = 0;

	for (const struct rf_field *field = fields; field->key; field++) {
		if (!strcmp(field->key, member->string))
			return field->read(member, &inner, target, error);
	}
	for (const struct rf_field *field = fields; field->key && used < sizeof(known); field++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
					 used ? ", " : "", field->key);
	rf_fail_at(error, RF_CODE_UNSUPPORTED, &inner, "unknown key, with value %s",
		   rf_value_format(member, text));
	rf_error_hint(error, "known keys are %s", known);
	return -EINVAL;
}

int rf_read_object(const cJSON *json, const struct rf_place *place, const struct rf_field *fields,
		   void *target, struct rf_error *error)
{
	const cJSON *member;
	int result;

	if (!cJSON_IsObject(json))
		return rf_fail_type(error, place, json, "an object");
	cJSON_ArrayForEach (member, json) {
		result = rf_read_member(member, place, fields, target, error);
		if (result < 0)
			return result;
	}
	return 0;
}

int rf_read_array(const cJSON *value, const struct rf_place *place, struct rf_error *error)
{
	if (!cJSON_IsArray(value))
		return rf_fail_type(error, place, value, "an array");
	return 0;
}

int rf_read_boolean(const cJSON *value, const struct rf_place *place, bool *out,
		    struct rf_error *error)
{
	if (!cJSON_IsBool(value))
		return rf_fail_type(error, place, value, "true or false");
	*out = cJSON_IsTrue(value);
	return 0;
}

int rf_read_integer(const cJSON *value, const struct rf_place *place, int64_t min, int64_t max,
		    int64_t *out, struct rf_error *error)
{
	char text[RF_VALUE_TEXT];

	if (!cJSON_IsNumber(value))
		return rf_fail_type(error, place, value, "a number");
	if (rf_json_integer(value, min, max, out) < 0)
		return rf_fail_at(error, RF_CODE_CONFIG, place,
				  "expected a whole number from %" PRId64 " to %" PRId64 ", not %s",
				  min, max, rf_value_format(value, text));
	return 0;
}

int rf_read_string(const cJSON *value, const struct rf_place *place, const char **out,
		   struct rf_error *error)
{
	if (!cJSON_IsString(value)) {
		rf_fail_type(error, place, value, "a string");
		return -EINVAL;
	}
	if (!*value->valuestring) {
		rf_fail_at(error, RF_CODE_CONFIG, place, "is empty");
		return -EINVAL;
	}
	*out = value->valuestring;
	return 0;
}

int rf_read_string_copy(const cJSON *value, const struct rf_place *place, char **out,
			struct rf_error *error)
{
	const char *text;
	char *copy;
	int result = rf_read_string(value, place, &text, error);

	if (result < 0)
		return result;
	copy = strdup(text);
	if (!copy)
		return rf_fail_memory(error);
	*out = copy;
	return 0;
}

int rf_read_path(const cJSON *value, const struct rf_place *place, struct rf_error *error)
{
	const char *path;
	int result = rf_read_string(value, place, &path, error);

	if (result < 0)
		return result;
	if (path[0] != '/')
		return rf_fail_at(error, RF_CODE_CONFIG, place,
				  "\"%s\" is no absolute path (it must start with '/')", path);
	return 0;
}

int rf_read_choice(const cJSON *value, const struct rf_place *place, const char *const *names,
		   size_t *out, struct rf_error *error)
{
	char allowed[128] = "";
	size_t used = 0;

	if (!cJSON_IsString(value))
		return rf_fail_type(error, place, value, "a string");
	for (size_t i = 0; names[i]; i++) {
		if (!strcmp(names[i], value->valuestring)) {
			*out = i;
			return 0;
		}
	}
	for (size_t i = 0; names[i] && used < sizeof(allowed); i++)
		used += (size_t)snprintf(allowed + used, sizeof(allowed) - used, "%s%s",
					 used ? ", " : "", names[i]);
	rf_fail_at(error, RF_CODE_CONFIG, place, "\"%s\" is not allowed: expected one of %s",
		   value->valuestring, allowed);
	return -EINVAL;
}
