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

/* What is wrong with the policy stands where its rules would. @policy: NULL if it is not known. */
static void add_cells(cJSON *row, const struct pod *pod, const struct rf_policy *policy,
		      const struct rf_error *fault)
{
	char id[24], ingress[48], egress[48];

	if (!policy) {
		snprintf(id, sizeof(id), "id:%u", pod->record.policy_id);
		cJSON_AddStringToObject(row, "policy", id);
		cJSON_AddStringToObject(row, "ingress", fault->message);
		return;
	}
	row_add_text(row, "policy", policy->name);
	cJSON_AddStringToObject(row, "ingress", pod_ruleset_text(&policy->ingress, ingress));
	cJSON_AddStringToObject(row, "egress", pod_ruleset_text(&policy->egress, egress));
}

static void add_policy(cJSON *row, const struct pods *pods, const struct pod *pod, bool json)
{
	struct rf_policy policy = {};
	struct rf_error fault = {};
	const struct rf_policy *known = pod_policy(pods, pod, &policy, &fault) ? NULL : &policy;

	if (json)
		pod_add_policy(row, pod, known, &fault);
	else
		add_cells(row, pod, known, &fault);
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
