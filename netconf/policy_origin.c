/* SPDX-License-Identifier: Apache-2.0 */
/* Which document a rule or a default is from, where one policy was made of several. */
#include "netconf/policy_internal.h"

#include <errno.h>
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

static size_t length_of(const char *document, size_t name_length)
{
	return document ? strlen(document) : name_length;
}

static size_t length_of_all(const struct rf_ruleset *ruleset, size_t name_length)
{
	size_t length = ruleset->restricted ? length_of(ruleset->document, name_length) : 0;

	for (size_t i = 0; i < ruleset->rule_count; i++)
		length += length_of(ruleset->rules[i].document, name_length);
	return length;
}

/* How many bytes the `document` of all rules and defaults will be. */
static size_t origin_length(const struct rf_policy *policy)
{
	size_t name_length = policy->name ? strlen(policy->name) : 0;

	return length_of_all(&policy->ingress, name_length) +
	       length_of_all(&policy->egress, name_length);
}

static int check_length(const struct rf_policy_part *parts, size_t count, struct rf_error *error)
{
	size_t length = 0;

	for (size_t i = 0; i < count; i++)
		length += origin_length(&parts[i].policy);
	if (length <= RF_ORIGINS_MAX)
		return 0;
	rf_fail(error, RF_CODE_CONFIG, -EINVAL,
		"the %zu documents for this pod take %zu bytes for the names of their rules' "
		"documents: at most %u are allowed",
		count, length, RF_ORIGINS_MAX);
	rf_error_hint(error, "each rule has the name of its document: give them shorter ones");
	return -EINVAL;
}

int rf_policy_note_origins(struct rf_policy_part *parts, size_t count, struct rf_error *error)
{
	int result;

	/* Of a document alone its name says it. */
	if (count < 2)
		return 0;
	result = check_length(parts, count, error);
	for (size_t i = 0; i < count && !result; i++) {
		struct rf_policy *policy = &parts[i].policy;

		if (!note_all(policy, &policy->ingress) || !note_all(policy, &policy->egress))
			result = rf_fail_memory(error);
	}
	return result;
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
