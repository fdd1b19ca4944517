/* SPDX-License-Identifier: Apache-2.0 */
/* Several documents for one pod. */
#include "netconf/cleanup.h"
#include "netconf/policy_internal.h"

/* A rule where it is before the documents are joined. */
struct member {
	struct rf_rule *rule;
	const struct rf_policy_part *part;
	bool is_egress;
};

static int compare_members(const void *a, const void *b)
{
	const struct member *first = a;
	const struct member *second = b;

	if (first->rule->id != second->rule->id)
		return first->rule->id < second->rule->id ? -1 : 1;
	return (first->part > second->part) - (first->part < second->part);
}

static struct member *note_members(struct rf_ruleset *ruleset, const struct rf_policy_part *part,
				   bool is_egress, struct member *members)
{
	for (size_t i = 0; i < ruleset->rule_count; i++)
		*members++ = (struct member){&ruleset->rules[i], part, is_egress};
	return members;
}

static int fail_different(const struct member *a, const struct member *b, struct rf_error *error)
{
	rf_fail(error, RF_CODE_CONFIG, -EINVAL,
		"rule id %u stands for different rules in %s and in %s", a->rule->id, a->part->path,
		b->part->path);
	rf_error_hint(error, "both documents are for this pod: events and counters name rules by "
			     "id, so give each its own");
	return -EINVAL;
}

/* The first of @count rules that are alike is of the documents of all. */
static int join_documents(const struct member *alike, size_t count, struct rf_error *error)
{
	_cleanup_free_ const char **names = calloc(count, sizeof(*names));
	char *document;
	int result;

	if (!names)
		return rf_fail_memory(error);
	for (size_t i = 0; i < count; i++)
		names[i] = alike[i].rule->document;
	result = rf_names_join(names, count, &document, error);
	if (result < 0)
		return result;
	free(alike->rule->document);
	alike->rule->document = document;
	return 0;
}

/* Drop every rule but the first of those that are alike; refuse those that differ. */
static int drop_repeated(struct member *members, size_t *count, struct rf_error *error)
{
	size_t kept = 0, next;

	qsort(members, *count, sizeof(*members), compare_members);
	for (size_t i = 0; i < *count; i = next) {
		for (next = i + 1; next < *count && members[next].rule->id == members[i].rule->id;
		     next++)
			if (members[i].is_egress != members[next].is_egress ||
			    !rf_rules_are_alike(members[i].rule, members[next].rule))
				return fail_different(&members[i], &members[next], error);
		if (next - i > 1 && join_documents(&members[i], next - i, error) < 0)
			return -ENOMEM;
		members[kept++] = members[i];
	}
	*count = kept;
	return 0;
}

static int move_rules(const struct member *members, size_t count, bool is_egress,
		      struct rf_ruleset *out, struct rf_error *error)
{
	out->rules = calloc(count + 1, sizeof(*out->rules));
	if (!out->rules)
		return rf_fail_memory(error);
	for (size_t i = 0; i < count; i++) {
		if (members[i].is_egress != is_egress)
			continue;
		out->rules[out->rule_count++] = *members[i].rule;
		*members[i].rule = (struct rf_rule){0};
	}
	return 0;
}

/* What the documents say of a direction but for its rules; @names has room for one each. */
static int join_default(const struct rf_policy_part *parts, size_t count, bool is_egress,
			const char **names, struct rf_ruleset *out, struct rf_error *error)
{
	size_t given_by = 0;

	for (size_t i = 0; i < count; i++) {
		const struct rf_policy *policy = &parts[i].policy;
		const struct rf_ruleset *part = is_egress ? &policy->egress : &policy->ingress;

		if (!part->restricted)
			continue;
		if (!out->restricted || (out->default_action != RF_ACTION_DENY &&
					 part->default_action == RF_ACTION_DENY)) {
			out->restricted = true;
			out->default_action = part->default_action;
			given_by = 0;
		}
		if (part->default_action == out->default_action)
			names[given_by++] = part->document;
	}
	return rf_names_join(names, given_by, &out->document, error);
}

/* All but the rules. */
static int join_frames(struct rf_policy_part *parts, size_t count, struct rf_policy *out,
		       struct rf_error *error)
{
	_cleanup_free_ const char **names = calloc(count + 1, sizeof(*names));
	int result;

	if (!names)
		return rf_fail_memory(error);
	result = rf_policy_note_origins(parts, count, error);
	if (!result)
		result = join_default(parts, count, false, names, &out->ingress, error);
	if (!result)
		result = join_default(parts, count, true, names, &out->egress, error);
	for (size_t i = 0; i < count && !result; i++)
		names[i] = parts[i].policy.name;
	return result ? result : rf_names_join(names, count, &out->name, error);
}

static int join(struct rf_policy_part *parts, size_t count, struct member *members,
		struct rf_policy *out, struct rf_error *error)
{
	struct member *end = members;
	size_t member_count;
	int result = join_frames(parts, count, out, error);

	for (size_t i = 0; i < count; i++) {
		end = note_members(&parts[i].policy.ingress, &parts[i], false, end);
		end = note_members(&parts[i].policy.egress, &parts[i], true, end);
	}
	member_count = (size_t)(end - members);
	if (!result)
		result = drop_repeated(members, &member_count, error);
	if (!result && member_count > RF_RULES_MAX)
		result = rf_fail(error, RF_CODE_CONFIG, -EINVAL,
				 "the %zu documents for this pod have %zu rules together: at most "
				 "%d are allowed",
				 count, member_count, RF_RULES_MAX);
	if (!result)
		result = move_rules(members, member_count, false, &out->ingress, error);
	return result ? result : move_rules(members, member_count, true, &out->egress, error);
}

int rf_policy_join(struct rf_policy_part *parts, size_t count, struct rf_policy *out,
		   struct rf_error *error)
{
	_cleanup_free_ struct member *members = NULL;
	struct rf_policy policy = {0};
	size_t rule_count = 0;
	int result;

	for (size_t i = 0; i < count; i++)
		rule_count +=
			parts[i].policy.ingress.rule_count + parts[i].policy.egress.rule_count;
	members = calloc(rule_count + 1, sizeof(*members));
	if (!members)
		return rf_fail_memory(error);
	result = join(parts, count, members, &policy, error);
	if (result < 0) {
		rf_policy_free(&policy);
		return result;
	}
	*out = policy;
	return 0;
}
