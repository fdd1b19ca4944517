// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/pod/pod_row.h"
#include "ctl/output/table.h"

#include <stdio.h>
#include <string.h>

static enum style mode_style(const cJSON *mode)
{
	const char *name = cJSON_GetStringValue(mode);

	return name && !strcmp(name, rf_mode_names[RF_MODE_AUDIT]) ? STYLE_WARNING : STYLE_PLAIN;
}

static const struct column columns[] = {
	{.title = "POD", .key = "pod"},
	{.title = "INTERFACE", .key = "hostInterface"},
	{.title = "ATTACH", .key = "attach"},
	{.title = "POLICY", .key = "policy"},
	{.title = "MODE", .key = "mode", .style = mode_style},
	{.title = "INGRESS", .key = "ingress"},
	{.title = "EGRESS", .key = "egress"},
	{.title = "ADDRESSES", .key = "addresses"},
};

static void add_ruleset(cJSON *row, const char *key, const struct rf_ruleset *ruleset, bool json)
{
	char text[48];
	cJSON *object;

	if (!json) {
		cJSON_AddStringToObject(row, key, pod_ruleset_text(ruleset, text));
		return;
	}
	object = cJSON_AddObjectToObject(row, key);
	cJSON_AddBoolToObject(object, "restricted", ruleset->restricted);
	if (!ruleset->restricted)
		return;
	cJSON_AddStringToObject(object, "default",
				ruleset->default_action == RF_ACTION_ALLOW ? "allow" : "deny");
	row_add_number(object, "ruleCount", ruleset->rule_count);
}

/* The policy stands in its row, and what is wrong with it where its rules would. */
static void add_policy(cJSON *row, const struct pods *pods, const struct pod *pod, bool json)
{
	struct rf_policy policy = {};
	struct rf_error error = {};
	char id[24];

	if (!pod_policy(pods, pod, &policy, &error)) {
		if (policy.name)
			cJSON_AddStringToObject(row, "policy", policy.name);
		add_ruleset(row, "ingress", &policy.ingress, json);
		add_ruleset(row, "egress", &policy.egress, json);
	} else if (json) {
		cJSON_AddStringToObject(row, "fault", error.message);
	} else {
		snprintf(id, sizeof(id), "id:%u", pod->record.policy_id);
		cJSON_AddStringToObject(row, "policy", id);
		cJSON_AddStringToObject(row, "ingress", error.message);
	}
	rf_policy_free(&policy);
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_pods_ struct pods pods = {};
	struct table *table;
	int ret = pods_read(invocation->objects, &pods, error);

	if (ret)
		return ret;
	table = table_begin(invocation->json, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < pods.count; i++) {
		cJSON *row = cJSON_CreateObject();

		pod_add_record(row, &pods.items[i]);
		add_policy(row, &pods, &pods.items[i], invocation->json);
		table_row(table, row);
	}
	table_end(table);
	/* What stderr was told of is not listed. */
	invocation->status = pods.unread ? STATUS_FAILED : STATUS_OK;
	return 0;
}

const struct command command_pod_list = {
	.noun = "pod",
	.verb = "list",
	.arguments = "",
	.help = "the protected pods, their addresses and policies",
	.run = run,
};
