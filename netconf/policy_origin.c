/* SPDX-License-Identifier: Apache-2.0 */
/* Which document a rule or a default is from, where one policy was made of several. */
#include "netconf/policy_internal.h"

#include <stdlib.h>
#include <string.h>

int rf_document_read(const cJSON *value, const struct rf_place *place, char **out,
		     struct rf_error *error)
{
	if (!cJSON_IsString(value))
		return rf_fail_type(error, place, value, "a string");
	*out = strdup(value->valuestring);
	return *out ? 0 : rf_fail_memory(error);
}

static bool note(const struct rf_policy *policy, char **document)
{
	if (!*document)
		*document = strdup(policy->name ? policy->name : "");
	return *document;
}

static bool note_all(const struct rf_policy *policy, struct rf_ruleset *ruleset)
{
	if (ruleset->restricted && !note(policy, &ruleset->document))
		return false;
	for (size_t i = 0; i < ruleset->rule_count; i++)
		if (!note(policy, &ruleset->rules[i].document))
			return false;
	return true;
}

int rf_policy_note_origin(struct rf_policy *policy, struct rf_error *error)
{
	if (!note_all(policy, &policy->ingress) || !note_all(policy, &policy->egress))
		return rf_fail_memory(error);
	return 0;
}

int rf_names_join(const char *const *names, size_t count, char **out, struct rf_error *error)
{
	size_t length = 0;
	char *text, *end;

	*out = NULL;
	for (size_t i = 0; i < count; i++)
		length += names[i] ? strlen(names[i]) + 1 : 0;
	if (!length)
		return 0;
	text = calloc(1, length);
	if (!text)
		return rf_fail_memory(error);
	end = text;
	for (size_t i = 0; i < count; i++) {
		if (!names[i] || !*names[i])
			continue;
		if (end != text)
			*end++ = '+';
		end = stpcpy(end, names[i]);
	}
	*out = text;
	return 0;
}
