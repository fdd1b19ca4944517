// SPDX-License-Identifier: Apache-2.0
#include "ctl/policy/lint.h"
#include "ctl/policy/rule_text.h"
#include "ctl/output/text.h"
#include "dataplane/policy_reach.h"

#include <string.h>

/* Each of @inner lies in one of @outer; no prefixes at all are every peer. */
static bool prefixes_cover(const struct rf_prefix *outer, size_t outer_count,
			   const struct rf_prefix *inner, size_t inner_count)
{
	if (!outer_count)
		return true;
	if (!inner_count)
		return false;
	for (size_t i = 0; i < inner_count; i++) {
		bool found = false;

		for (size_t j = 0; j < outer_count && !found; j++)
			found = rf_prefix_contains(&outer[j], &inner[i]);
		if (!found)
			return false;
	}
	return true;
}

static bool ports_cover(const struct rf_rule *outer, const struct rf_rule *inner)
{
	if (!outer->port_count)
		return true;
	if (!inner->port_count)
		return false;
	for (size_t i = 0; i < inner->port_count; i++) {
		bool found = false;

		for (size_t j = 0; j < outer->port_count && !found; j++)
			found = outer->ports[j].first <= inner->ports[i].first &&
				inner->ports[i].last <= outer->ports[j].last;
		if (!found)
			return false;
	}
	return true;
}

/* True if it is plain that @outer matches all that @inner does. */
static bool covers(const struct rf_rule *outer, const struct rf_rule *inner)
{
	return !outer->except_count &&
	       (outer->protocol == RF_PROTOCOL_ANY || outer->protocol == inner->protocol) &&
	       prefixes_cover(outer->peers, outer->peer_count, inner->peers, inner->peer_count) &&
	       ports_cover(outer, inner);
}

static bool is_alike(const struct rf_rule *a, const struct rf_rule *b)
{
	return a->action == b->action && covers(a, b) && covers(b, a);
}

/* A better rule that by itself is the reason why @rule never decides; NULL: several are. */
static const struct rf_rule *find_cover(const struct rf_ruleset *ruleset,
					const struct rf_rule *rule)
{
	for (size_t i = 0; i < ruleset->rule_count; i++) {
		const struct rf_rule *other = &ruleset->rules[i];

		if (other != rule && rf_rule_compare(other, rule) < 0 && covers(other, rule))
			return other;
	}
	return NULL;
}

static void warn_of_shadowed(struct lint *lint, const struct policy_document *document,
			     enum rf_direction direction, size_t index)
{
	const struct rf_ruleset *ruleset = rules_of(&document->policy, direction);
	const struct rf_rule *rule = &ruleset->rules[index], *cover = find_cover(ruleset, rule);
	size_t line = policy_document_line(document, direction, index);

	if (!cover)
		lint_report(lint, LINT_WARNING, document->path, line,
			    "%s rule %u never decides: better rules together match all that it "
			    "matches",
			    text_direction(direction), rule->id);
	else if (is_alike(cover, rule))
		lint_report(lint, LINT_WARNING, document->path, line,
			    "%s rule %u never decides: it says the same as rule %u",
			    text_direction(direction), rule->id, cover->id);
	else
		lint_report(lint, LINT_WARNING, document->path, line,
			    "%s rule %u never decides: rule %u is better (%s) and matches all that "
			    "it matches",
			    text_direction(direction), rule->id, cover->id,
			    cover->priority < rule->priority ? "priority" : "action or id");
}

/* Any peer, by name or by none. */
static bool is_from_everywhere(const struct rf_rule *rule)
{
	bool v4 = !rule->peer_count, v6 = !rule->peer_count;

	for (size_t i = 0; i < rule->peer_count; i++) {
		v4 |= rule->peers[i].is_v4 && rule->peers[i].length == RF_V4_PREFIX_LENGTH;
		v6 |= !rule->peers[i].is_v4 && !rule->peers[i].length;
	}
	return (v4 || v6) && !rule->except_count;
}

static bool allows(const struct rf_rule *rule)
{
	return rule->action == RF_ACTION_ALLOW || rule->action == RF_ACTION_LOG;
}

static void warn_of_direction(struct lint *lint, const struct policy_document *document,
			      enum rf_direction direction, const struct rf_policy_reach *reach)
{
	const struct rf_ruleset *ruleset = rules_of(&document->policy, direction);
	const char *name = text_direction(direction);
	bool any_denies = ruleset->default_action == RF_ACTION_DENY;

	for (size_t i = 0; i < ruleset->rule_count; i++) {
		const struct rf_rule *rule = &ruleset->rules[i];

		any_denies |= !allows(rule);
		if (reach->is_known && !reach->decides[i])
			warn_of_shadowed(lint, document, direction, i);
		else if (allows(rule) && rule->protocol == RF_PROTOCOL_ANY &&
			 is_from_everywhere(rule))
			lint_report(lint, LINT_WARNING, document->path,
				    policy_document_line(document, direction, i),
				    "%s rule %u allows every protocol with every peer", name,
				    rule->id);
	}
	if (ruleset->restricted && !any_denies)
		lint_report(lint, LINT_WARNING, document->path, 0, "%s denies nothing", name);
	if (ruleset->restricted && reach->is_known && !reach->default_decides)
		lint_report(lint, LINT_WARNING, document->path, 0,
			    "%s's default (%s) never decides: the rules match everything", name,
			    rules_default(ruleset));
	if (!reach->is_known)
		lint_report(lint, LINT_WARNING, document->path, 0,
			    "%s is too large to find out which rules never decide", name);
}

void lint_warnings(struct lint *lint, const struct policy_document *document)
{
	struct rf_policy_reach reach[RF_DIRECTIONS];
	struct rf_error error = {};

	if (rf_policy_reach(&document->policy, reach, &error)) {
		lint_report(lint, LINT_FAULT, document->path, 0, "%s", error.message);
		return;
	}
	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		warn_of_direction(lint, document, direction, &reach[direction]);
	rf_policy_reach_free(reach);
}
