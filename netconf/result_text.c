/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/result_text.h"

#include "netconf/cni_version.h"
#include "netconf/field.h"
#include "netconf/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char key[] = "cniVersion";

/* Results had one form up to 0.4.0, and have another one from 1.0.0 on (supersets aside). */
static bool have_same_form(const char *a, const char *b)
{
	return (rf_cni_version_compare(a, "1.0.0") < 0) == (rf_cni_version_compare(b, "1.0.0") < 0);
}

int rf_result_check_version(const cJSON *json, const char *cni_version, struct rf_error *error)
{
	const struct rf_place document = {.key = "prevResult"};
	const struct rf_place place = {.parent = &document, .key = key};
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, key);

	if (!value)
		return 0;
	if (!cJSON_IsString(value))
		return rf_fail_type(error, &place, value, "a string");
	if (rf_is_cni_version_supported(value->valuestring) &&
	    have_same_form(value->valuestring, cni_version))
		return 0;
	return rf_fail_at(error, RF_CODE_DECODE, &place,
			  "\"%s\" does not go with the configuration's cniVersion \"%s\"",
			  value->valuestring, cni_version);
}

/* @text with the bytes from @cut to @rest replaced by @before, the version in quotes, and @after.
 */
static char *splice(const char *text, size_t length, const char *cut, const char *rest,
		    const char *before, const char *cni_version, const char *after)
{
	char *copy;

	if (asprintf(&copy, "%.*s%s\"%s\"%s%.*s", (int)(cut - text), text, before, cni_version,
		     after, (int)(text + length - rest), rest) < 0)
		return NULL;
	return copy;
}

int rf_result_text(const char *text, size_t length, const char *cni_version, char **out,
		   struct rf_error *error)
{
	size_t old_length = 0;
	const char *old = rf_json_value_text(text, length, key, &old_length);
	char *copy;

	if (old)
		copy = splice(text, length, old, old + old_length, "", cni_version, "");
	else /* behind the brace; members follow, so a comma is right */
		copy = splice(text, length, text + 1, text + 1, "\"cniVersion\":", cni_version,
			      ",");
	if (!copy)
		return rf_fail_memory(error);
	*out = copy;
	return 0;
}
