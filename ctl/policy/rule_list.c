// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/pod/names.h"
#include "ctl/policy/policy_pods.h"
#include "ctl/policy/rule_text.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"
#include "dataplane/census.h"
#include "dataplane/constants.h"
#include "dataplane/rule_counters.h"
#include "netconf/cleanup.h"

#include <time.h>

static const struct column columns[] = {
	{.title = "POLICY", .key = "policyId", .is_right = true},
	{.title = "DOCUMENT", .key = "document"},
	{.title = "DIRECTION", .key = "direction"},
	{.title = "RULE", .key = "rule", .is_right = true},
	{.title = "FLOWS", .key = "flows", .is_right = true},
	{.title = "DENIED", .key = "denied", .is_right = true},
	{.title = "AUDITED", .key = "audited", .is_right = true},
	{.title = "LAST HIT", .key = "lastHit"},
	{.title = "TEXT", .key = "text"},
};

struct listing {
	const struct rf_objects *objects;
	struct table *table;
	const struct policy_in_use *policy;
	const char *name;
	enum rf_direction direction;
	bool json;
};

/* UTC, of a time in ticks. */
static void add_time(cJSON *row, uint64_t ticks)
{
	uint64_t now = rf_ticks_now();
	uint64_t ago = now > ticks ? (now - ticks) / rf_ticks_per_second() : 0;
	time_t at = time(NULL) - (time_t)ago;
	struct tm utc;
	char text[32] = "";

	if (!ticks) {
		cJSON_AddNullToObject(row, "lastHit");
		return;
	}
	gmtime_r(&at, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	cJSON_AddStringToObject(row, "lastHit", text);
}

/* @rule: NULL for the default. @own: its `document`. */
static int list_rule(const struct listing *listing, const struct rf_rule *rule, const char *own,
		     const char *text)
{
	const char *document = own ? own : listing->name;
	const struct rf_rule_key key = {RF_SCOPE(listing->policy->id, listing->direction),
					rule ? rule->id : 0};
	struct rf_rule_counters hits;
	int ret = rf_rule_counters_read(listing->objects, &key, &hits);
	cJSON *row;

	if (ret)
		return ret;
	row = cJSON_CreateObject();
	names_add_policy(row, listing->policy->id, listing->name);
	row_add_text(row, "document", document);
	cJSON_AddStringToObject(row, "direction", text_direction(listing->direction));
	if (rule || listing->json)
		row_add_id(row, "rule", rule ? rule->id : 0);
	else
		cJSON_AddStringToObject(row, "rule", "default");
	row_add_number(row, "flows", hits.flows);
	row_add_number(row, "denied", hits.denied);
	row_add_number(row, "audited", hits.audited);
	add_time(row, hits.last_hit);
	cJSON_AddStringToObject(row, "text", text);
	table_row(listing->table, row);
	return 0;
}

static int list_direction(const struct listing *listing, const struct rf_policy *policy)
{
	const struct rf_ruleset *ruleset = rules_of(policy, listing->direction);
	size_t count;
	_cleanup_free_ const struct rf_rule **rules =
		rules_sorted(policy, listing->direction, &count);
	int ret = 0;

	for (size_t i = 0; i < count && !ret && ruleset->restricted; i++) {
		_cleanup_free_ char *text = rule_text(rules[i], listing->direction);

		ret = list_rule(listing, rules[i], rules[i]->document, text);
	}
	if (ret)
		return ret;
	return list_rule(listing, NULL, ruleset->document,
			 ruleset->restricted ? rules_default(ruleset) : "allow, not restricted");
}

static int list_policy(const struct policy_in_use *in_use, const struct rf_policy *policy,
		       struct rf_error *error, void *context)
{
	struct listing *listing = context;
	int ret = 0;

	listing->policy = in_use;
	listing->name = policy->name;
	for (int direction = 0; direction < RF_DIRECTIONS && !ret; direction++) {
		listing->direction = direction;
		ret = list_direction(listing, policy);
	}
	return ret ? rf_fail_system(error, RF_CODE_LOAD, ret, "read map rule_counters") : 0;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	struct listing listing = {.objects = invocation->objects, .json = invocation->json};
	_cleanup_pods_ struct pods pods = {};
	uint32_t wanted = 0;
	int ret = pods_read(invocation->objects, &pods, error);

	if (!ret && invocation->arguments[0])
		ret = policy_of_pod(&pods, invocation->arguments[0], &wanted, error);
	if (ret)
		return ret;
	listing.table =
		table_begin(invocation->json, columns, sizeof(columns) / sizeof(columns[0]));
	ret = policies_each(invocation->objects, wanted, list_policy, &listing, error);
	table_end(listing.table);
	return ret;
}

const struct command command_rule_list = {
	.noun = "rule",
	.verb = "list",
	.arguments = "[POD]",
	.help = "rules by document and id, and how often each has decided",
	.details = "FLOWS were let pass, when they began or were judged again under this "
		   "policy; of DENIED and AUDITED\neach packet counts. All since the "
		   "policy was put in force: another policy begins at zero. Pods with\n"
		   "equal documents share one policy, and so the hits of its rules. What "
		   "stands above the rules\n(pinholes, hostAccess) is not counted here.",
	.arguments_max = 1,
	.run = run,
};
