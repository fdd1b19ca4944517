/* SPDX-License-Identifier: Apache-2.0 */
/* Several documents for one pod. */
#include "netconf/cleanup.h"
#include "netconf/policy_internal.h"

#include <string.h>

/* A rule where it is before the documents are joined. */
struct member {
	struct rf_rule *rule;
	const char *path; /* of its document */
	bool is_egress;
};

static int compare_members(const void *a, const void *b)
{
	const struct member *first = a;
	const struct member *second = b;

	if (first->rule->id != second->rule->id)
		return first->rule->id < second->rule->id ? -1 : 1;
	return strcmp(first->path, second->path);
}

static int compare_prefixes(const void *a, const void *b)
{
	return rf_prefix_compare(a, b);
}

static int compare_ports(const void *a, const void *b)
{
	const struct rf_port_range *first = a;
	const struct rf_port_range *second = b;

	if (first->first != second->first)
		return first->first < second->first ? -1 : 1;
	return (first->last > second->last) - (first->last < second->last);
}

/* The order in which a rule lists its peers and ports means nothing. */
static void sort_lists(struct rf_rule *rule)
{
	if (rule->peer_count)
		qsort(rule->peers, rule->peer_count, sizeof(*rule->peers), compare_prefixes);
	if (rule->except_count)
		qsort(rule->except, rule->except_count, sizeof(*rule->except), compare_prefixes);
	if (rule->port_count)
		qsort(rule->ports, rule->port_count, sizeof(*rule->ports), compare_ports);
}

static bool have_equal_prefixes(const struct rf_prefix *a, size_t a_count,
				const struct rf_prefix *b, size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (rf_prefix_compare(&a[i], &b[i]))
			return false;
	return true;
}

static bool have_equal_ports(const struct rf_rule *a, const struct rf_rule *b)
{
	if (a->port_count != b->port_count)
		return false;
	for (size_t i = 0; i < a->port_count; i++)
		if (compare_ports(&a->ports[i], &b->ports[i]))
			return false;
	return true;
}

static bool have_equal_qos(const struct rf_qos *a, const struct rf_qos *b)
{
	return a->has_priority == b->has_priority && a->priority == b->priority &&
	       a->has_dscp == b->has_dscp && a->dscp == b->dscp;
}

static bool are_alike(const struct member *a, const struct member *b)
{
	sort_lists(a->rule);
	sort_lists(b->rule);
	return a->is_egress == b->is_egress && a->rule->action == b->rule->action &&
	       a->rule->is_logged == b->rule->is_logged &&
	       have_equal_qos(&a->rule->qos, &b->rule->qos) &&
	       a->rule->priority == b->rule->priority && a->rule->protocol == b->rule->protocol &&
	       have_equal_prefixes(a->rule->peers, a->rule->peer_count, b->rule->peers,
				   b->rule->peer_count) &&
	       have_equal_prefixes(a->rule->except, a->rule->except_count, b->rule->except,
				   b->rule->except_count) &&
	       have_equal_ports(a->rule, b->rule);
}

static struct member *note_members(struct rf_ruleset *ruleset, const char *path, bool is_egress,
				   struct member *members)
{
	for (size_t i = 0; i < ruleset->rule_count; i++)
		*members++ = (struct member){&ruleset->rules[i], path, is_egress};
	return members;
}

/* Drop every rule but the first of those that are alike; refuse those that differ. */
static int drop_repeated(struct member *members, size_t *count, struct rf_error *error)
{
	size_t kept = 0;

	qsort(members, *count, sizeof(*members), compare_members);
	for (size_t i = 0; i < *count; i++) {
		const struct member *last = kept ? &members[kept - 1] : NULL;

		if (!last || last->rule->id != members[i].rule->id) {
			members[kept++] = members[i];
			continue;
		}
		if (!are_alike(last, &members[i])) {
			rf_fail(error, RF_CODE_CONFIG, -EINVAL,
				"rule id %u stands for different rules in %s and in %s",
				last->rule->id, last->path, members[i].path);
			rf_error_hint(error, "both documents are for this pod: events and counters "
					     "name rules by id, so give each its own");
			return -EINVAL;
		}
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

static void join_default(const struct rf_ruleset *part, struct rf_ruleset *out)
{
	if (!part->restricted)
		return;
	if (!out->restricted || part->default_action == RF_ACTION_DENY)
		out->default_action = part->default_action;
	out->restricted = true;
}

static int join_name(const char *name, char **out, struct rf_error *error)
{
	char *joined;

	if (!name)
		return 0;
	if (asprintf(&joined, "%s%s%s", *out ? *out : "", *out ? "+" : "", name) < 0)
		return rf_fail_memory(error);
	free(*out);
	*out = joined;
	return 0;
}

static int join(struct rf_policy_part *parts, size_t count, struct member *members,
		struct rf_policy *out, struct rf_error *error)
{
	struct member *end = members;
	size_t member_count;
	int result = 0;

	for (size_t i = 0; i < count && !result; i++) {
		struct rf_policy *policy = &parts[i].policy;

		join_default(&policy->ingress, &out->ingress);
		join_default(&policy->egress, &out->egress);
		end = note_members(&policy->ingress, parts[i].path, false, end);
		end = note_members(&policy->egress, parts[i].path, true, end);
		result = join_name(policy->name, &out->name, error);
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
