// SPDX-License-Identifier: Apache-2.0
#include "ctl/policy/lint.h"
#include "netconf/cleanup.h"

#include <stdlib.h>
#include <string.h>

/* Where an id is used. */
struct use {
	uint32_t id;
	size_t document;
};

static int compare_uses(const void *a, const void *b)
{
	const struct use *first = a, *second = b;

	if (first->id != second->id)
		return first->id < second->id ? -1 : 1;
	return (first->document > second->document) - (first->document < second->document);
}

static struct use *note_uses(const struct rf_ruleset *ruleset, size_t document, struct use *uses)
{
	for (size_t i = 0; i < ruleset->rule_count; i++)
		*uses++ = (struct use){ruleset->rules[i].id, document};
	return uses;
}

static bool is_glob(const char *text)
{
	return strpbrk(text, "*?[\\");
}

/* True unless two texts without globs differ: then no name matches both. */
static bool may_both_match(const char *a, const char *b)
{
	return !a || !b || is_glob(a) || is_glob(b) || !strcmp(a, b);
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool chooses_all(const struct rf_policy *policy)
{
	return !policy->selector_namespace && !policy->selector_pod;
}

static void join(struct lint *lint, const struct policy_document *a,
		 const struct policy_document *b)
{
	const struct policy_document *documents[] = {a, b};
	struct rf_policy_part parts[2] = {};
	struct rf_policy joined = {};
	struct rf_error error = {};
	bool surely = chooses_all(&a->policy) || chooses_all(&b->policy) ||
		      (is_same(a->policy.selector_namespace, b->policy.selector_namespace) &&
		       is_same(a->policy.selector_pod, b->policy.selector_pod));

	/* Joining takes the rules away, so it is done with others. */
	for (int i = 0; i < 2; i++) {
		parts[i].path = strdup(documents[i]->path);
		if (!parts[i].path || rf_policy_read(documents[i]->text, documents[i]->length,
						     &parts[i].policy, NULL))
			abort();
	}
	if (rf_policy_join(parts, 2, &joined, &error))
		lint_report(lint, surely ? LINT_FAULT : LINT_WARNING, b->path, 0, "%s, which %s",
			    error.message,
			    surely ? "one pod has together" : "one pod may have together");
	else
		rf_policy_free(&joined);
	for (int i = 0; i < 2; i++) {
		free(parts[i].path);
		rf_policy_free(&parts[i].policy);
	}
}

/* Each pair once, however many ids it shares: the message has the first that differs. */
static void compare_pair(struct lint *lint, const struct policy_document *documents, size_t count,
			 bool *compared, const struct use *a, const struct use *b)
{
	const struct rf_policy *first = &documents[a->document].policy;
	const struct rf_policy *second = &documents[b->document].policy;
	bool *done = &compared[a->document * count + b->document];

	if (*done || a->document == b->document)
		return;
	*done = true;
	if (may_both_match(first->selector_namespace, second->selector_namespace) &&
	    may_both_match(first->selector_pod, second->selector_pod))
		join(lint, &documents[a->document], &documents[b->document]);
}

void lint_conflicts(struct lint *lint, const struct policy_document *documents, size_t count)
{
	_cleanup_free_ bool *compared = calloc(count * count + 1, sizeof(*compared));
	_cleanup_free_ struct use *uses = NULL;
	struct use *end;
	size_t most = 0;

	for (size_t i = 0; i < count; i++)
		most += documents[i].policy.ingress.rule_count +
			documents[i].policy.egress.rule_count;
	uses = calloc(most + 1, sizeof(*uses));
	if (!compared || !uses)
		abort();
	end = uses;
	for (size_t i = 0; i < count; i++) {
		end = note_uses(&documents[i].policy.ingress, i, end);
		end = note_uses(&documents[i].policy.egress, i, end);
	}
	qsort(uses, most, sizeof(*uses), compare_uses);
	for (const struct use *a = uses; a < end; a++)
		for (const struct use *b = a + 1; b < end && b->id == a->id; b++)
			compare_pair(lint, documents, count, compared, a, b);
}
