/* SPDX-License-Identifier: Apache-2.0 */
/* A policy document: its frame, and what holds between its rules. */
#include "netconf/policy.h"

#include "netconf/cleanup.h"
#include "netconf/json.h"
#include "netconf/policy_internal.h"

#include <string.h>

struct reading {
	struct rf_policy policy;
	bool with_selector;
};

static int read_rules(const cJSON *value, const struct rf_place *place, void *target,
		      struct rf_error *error)
{
	struct rf_ruleset *ruleset = target;
	struct rf_place inner = {.parent = place};
	const cJSON *item;
	int result = rf_read_array(value, place, error);

	if (result < 0 || !value->child)
		return result;
	ruleset->rules = calloc((size_t)cJSON_GetArraySize(value), sizeof(*ruleset->rules));
	if (!ruleset->rules)
		return rf_fail_memory(error);
	cJSON_ArrayForEach (item, value) {
		result = rf_rule_read(item, &inner, &ruleset->rules[inner.index], error);
		if (result < 0)
			return result;
		ruleset->rule_count = ++inner.index;
	}
	return 0;
}

static int read_default(const cJSON *value, const struct rf_place *place, void *target,
			struct rf_error *error)
{
	static const char *const names[] = {"allow", "deny", NULL};
	struct rf_ruleset *ruleset = target;
	size_t choice = 0;
	int result = rf_read_choice(value, place, names, &choice, error);

	ruleset->default_action = choice == 0 ? RF_ACTION_ALLOW : RF_ACTION_DENY;
	if (result < 0 && cJSON_IsString(value))
		rf_error_hint(error, "what no rule matches is rejected or reported by a rule "
				     "without peers, protocol and ports, and with a high priority "
				     "number");
	return result;
}

static int read_document(const cJSON *value, const struct rf_place *place, void *target,
			 struct rf_error *error)
{
	struct rf_ruleset *ruleset = target;

	return rf_document_read(value, place, &ruleset->document, error);
}

static int read_ruleset(const cJSON *value, const struct rf_place *place,
			struct rf_ruleset *ruleset, struct rf_error *error)
{
	static const struct rf_field fields[] = {
		{"default", read_default},
		{"rules", read_rules},
		{"document", read_document},
		{NULL, NULL},
	};

	ruleset->restricted = true;
	ruleset->default_action = RF_ACTION_DENY;
	return rf_read_object(value, place, fields, ruleset, error);
}

static int read_ingress(const cJSON *value, const struct rf_place *place, void *target,
			struct rf_error *error)
{
	struct reading *reading = target;

	return read_ruleset(value, place, &reading->policy.ingress, error);
}

static int read_egress(const cJSON *value, const struct rf_place *place, void *target,
		       struct rf_error *error)
{
	struct reading *reading = target;

	return read_ruleset(value, place, &reading->policy.egress, error);
}

static int read_name(const cJSON *value, const struct rf_place *place, void *target,
		     struct rf_error *error)
{
	struct reading *reading = target;

	return rf_read_string_copy(value, place, &reading->policy.name, error);
}

static int read_selector_namespace(const cJSON *value, const struct rf_place *place, void *target,
				   struct rf_error *error)
{
	struct reading *reading = target;

	return rf_read_string_copy(value, place, &reading->policy.selector_namespace, error);
}

static int read_selector_pod(const cJSON *value, const struct rf_place *place, void *target,
			     struct rf_error *error)
{
	struct reading *reading = target;

	return rf_read_string_copy(value, place, &reading->policy.selector_pod, error);
}

static int read_selector(const cJSON *value, const struct rf_place *place, void *target,
			 struct rf_error *error)
{
	static const struct rf_field fields[] = {
		{"namespace", read_selector_namespace},
		{"pod", read_selector_pod},
		{NULL, NULL},
	};
	const struct reading *reading = target;
	char text[RF_VALUE_TEXT];

	if (reading->with_selector)
		return rf_read_object(value, place, fields, target, error);
	rf_fail_at(error, RF_CODE_UNSUPPORTED, place, "not allowed here, with value %s",
		   rf_value_format(value, text));
	rf_error_hint(error,
		      "the policy of a network configuration holds for all of its pods; only "
		      "documents in policyDir have a selector");
	return -EINVAL;
}

/* Where an id is used, to find those that are used twice. */
struct id_use {
	uint32_t id;
	bool is_egress;
	size_t index;
};

static int compare_id_uses(const void *a, const void *b)
{
	const struct id_use *first = a;
	const struct id_use *second = b;

	if (first->id != second->id)
		return first->id < second->id ? -1 : 1;
	if (first->is_egress != second->is_egress)
		return first->is_egress ? 1 : -1;
	return (first->index > second->index) - (first->index < second->index);
}

static size_t note_ids(const struct rf_ruleset *ruleset, bool is_egress, struct id_use *uses)
{
	for (size_t i = 0; i < ruleset->rule_count; i++)
		uses[i] = (struct id_use){ruleset->rules[i].id, is_egress, i};
	return ruleset->rule_count;
}

static int fail_duplicate_id(const struct id_use *first, const struct id_use *second,
			     const struct rf_place *document, struct rf_error *error)
{
	const char *names[] = {"ingress", "egress"};
	struct rf_place direction = {.parent = document, .key = names[second->is_egress]};
	struct rf_place rules = {.parent = &direction, .key = "rules"};
	struct rf_place rule = {.parent = &rules, .index = second->index};
	struct rf_place id = {.parent = &rule, .key = "id"};
	struct rf_place other_direction = {.parent = document, .key = names[first->is_egress]};
	struct rf_place other_rules = {.parent = &other_direction, .key = "rules"};
	struct rf_place other = {.parent = &other_rules, .index = first->index};
	char text[RF_PLACE_TEXT];

	rf_fail_at(error, RF_CODE_CONFIG, &id, "%u is already the id of %s", second->id,
		   rf_place_format(&other, text));
	rf_error_hint(error, "events and counters name rules by id: give each its own");
	return -EINVAL;
}

static int check_ids(const struct rf_policy *policy, const struct rf_place *place,
		     struct rf_error *error)
{
	_cleanup_free_ struct id_use *uses = NULL;
	size_t count = policy->ingress.rule_count + policy->egress.rule_count;

	if (count > RF_RULES_MAX)
		return rf_fail_at(error, RF_CODE_CONFIG, place,
				  "has %zu rules: at most %d are allowed", count, RF_RULES_MAX);
	uses = calloc(count + 1, sizeof(*uses));
	if (!uses)
		return rf_fail_memory(error);
	note_ids(&policy->egress, true, uses + note_ids(&policy->ingress, false, uses));
	qsort(uses, count, sizeof(*uses), compare_id_uses);
	for (size_t i = 1; i < count; i++) {
		if (uses[i - 1].id == uses[i].id)
			return fail_duplicate_id(&uses[i - 1], &uses[i], place, error);
	}
	return 0;
}

static int parse(const cJSON *json, const struct rf_place *place, bool with_selector,
		 struct rf_policy *out, struct rf_error *error)
{
	static const struct rf_field fields[] = {
		{"name", read_name},
		{"selector", read_selector},
		{"ingress", read_ingress},
		{"egress", read_egress},
		{NULL, NULL},
	};
	struct reading reading = {.with_selector = with_selector};
	int result = rf_read_object(json, place, fields, &reading, error);

	if (!result)
		result = check_ids(&reading.policy, place, error);
	if (result < 0) {
		rf_policy_free(&reading.policy);
		return result;
	}
	*out = reading.policy;
	return 0;
}

int rf_policy_parse(const struct cJSON *json, const char *path, bool with_selector,
		    struct rf_policy *out, struct rf_error *error)
{
	const struct rf_place place = {.key = path};

	return parse(json, &place, with_selector, out, error);
}

int rf_policy_read(const char *text, size_t length, struct rf_policy *out, struct rf_error *error)
{
	const struct rf_place place = {.key = "", .text = text, .text_length = length};
	_cleanup_json_ cJSON *json = NULL;
	int result = rf_json_parse(text, length, &json, error);

	return result < 0 ? result : parse(json, &place, true, out, error);
}

static void free_ruleset(struct rf_ruleset *ruleset)
{
	for (size_t i = 0; i < ruleset->rule_count; i++)
		rf_rule_free(&ruleset->rules[i]);
	free(ruleset->rules);
	free(ruleset->document);
}

void rf_policy_free(struct rf_policy *policy)
{
	free(policy->name);
	free(policy->selector_namespace);
	free(policy->selector_pod);
	free_ruleset(&policy->ingress);
	free_ruleset(&policy->egress);
	*policy = (struct rf_policy){0};
}
