/* SPDX-License-Identifier: Apache-2.0 */
/* What an error says of a document: the place, and the value that is there. */
#include "netconf/cleanup.h"
#include "netconf/field.h"

#include <stdarg.h>
#include <string.h>

/* Add the place to @text, which holds @used bytes; returns how many it holds then. */
static size_t add_place(const struct rf_place *place, char text[RF_PLACE_TEXT], size_t used)
{
	int added;

	if (place->parent)
		used = add_place(place->parent, text, used);
	if (used >= RF_PLACE_TEXT - 1)
		return used;
	if (place->key)
		added = snprintf(text + used, RF_PLACE_TEXT - used, "%s%s", used ? "." : "",
				 place->key);
	else
		added = snprintf(text + used, RF_PLACE_TEXT - used, "[%zu]", place->index);
	return used + (size_t)added;
}

char *rf_place_format(const struct rf_place *place, char text[RF_PLACE_TEXT])
{
	text[0] = '\0';
	add_place(place, text, 0);
	return text;
}

char *rf_value_format(const cJSON *value, char text[RF_VALUE_TEXT])
{
	static const char cut_mark[] = "...";
	_cleanup_free_ char *printed = cJSON_PrintUnformatted(value);
	size_t length = printed ? strlen(printed) : 0;

	if (length < RF_VALUE_TEXT) {
		memcpy(text, printed ? printed : "", length + 1);
		return text;
	}
	/* Not within a character: error.c would show its first bytes as '?'. */
	length = RF_VALUE_TEXT - sizeof(cut_mark);
	while (length > 0 && ((unsigned char)printed[length] & 0xc0) == 0x80)
		length--;
	memcpy(text, printed, length);
	memcpy(text + length, cut_mark, sizeof(cut_mark));
	return text;
}

static const char *type_name(const cJSON *value)
{
	if (cJSON_IsObject(value))
		return "an object";
	if (cJSON_IsArray(value))
		return "an array";
	if (cJSON_IsString(value))
		return "a string";
	if (cJSON_IsNumber(value))
		return "a number";
	if (cJSON_IsBool(value))
		return "a boolean";
	return "null";
}

int rf_fail_at(struct rf_error *error, enum rf_code code, const struct rf_place *place,
	       const char *format, ...)
{
	char text[RF_MESSAGE_SIZE];
	char where[RF_PLACE_TEXT];
	va_list arguments;
	size_t line;

	if (!error)
		return -EINVAL;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	rf_fail(error, code, -EINVAL, "%s", text);
	if (*rf_place_format(place, where))
		rf_error_context(error, "%s", where);
	line = rf_place_line(place);
	if (line)
		rf_error_context(error, "line %zu", line);
	return -EINVAL;
}

int rf_fail_type(struct rf_error *error, const struct rf_place *place, const cJSON *value,
		 const char *expected)
{
	char text[RF_VALUE_TEXT];

	/* The shape says more than the contents of something large. */
	if (cJSON_IsObject(value) || cJSON_IsArray(value) || cJSON_IsNull(value))
		return rf_fail_at(error, RF_CODE_DECODE, place, "expected %s, not %s", expected,
				  type_name(value));
	return rf_fail_at(error, RF_CODE_DECODE, place, "expected %s, not %s %s", expected,
			  type_name(value), rf_value_format(value, text));
}

int rf_fail_not_supported_yet(struct rf_error *error, const struct rf_place *place,
			      const cJSON *value)
{
	char text[RF_VALUE_TEXT];

	rf_fail_at(error, RF_CODE_UNSUPPORTED, place, "%s is not supported yet",
		   rf_value_format(value, text));
	rf_error_hint(error, "refused, since to ignore it would enforce something else than what "
			     "is written");
	return -EOPNOTSUPP;
}

int rf_fail_memory(struct rf_error *error)
{
	return rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
}
