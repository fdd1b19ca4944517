// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/pod/names.h"
#include "ctl/policy/policy_pods.h"
#include "ctl/policy/policy_usage.h"
#include "ctl/output/table.h"

static const struct column columns[] = {
	{.title = "POLICY", .key = "policy", .is_right = true},
	{.title = "DOCUMENT", .key = "name"},
	{.title = "INGRESS", .key = "ingressRules", .is_right = true},
	{.title = "EGRESS", .key = "egressRules", .is_right = true},
	{.title = "PEERS", .key = "peers", .is_right = true},
	{.title = "CLASSES", .key = "classes", .is_right = true},
	{.title = "SERVICES", .key = "services", .is_right = true},
	{.title = "SHARED", .key = "shared", .is_right = true},
	{.title = "PODS", .key = "pods"},
};

struct listing {
	const struct rf_objects *objects;
	struct names *names;
	const struct policy_usages *usages;
	struct table *table;
};

static void add_rules(cJSON *row, const char *key, const struct rf_ruleset *ruleset)
{
	if (ruleset->restricted)
		row_add_number(row, key, ruleset->rule_count);
	else
		cJSON_AddNullToObject(row, key);
}

static int list_policy(const struct policy_in_use *in_use, const struct rf_policy *policy,
		       struct rf_error *error, void *context)
{
	const struct listing *listing = context;
	struct policy_usage usage = policy_usage_of(listing->usages, in_use->id);
	cJSON *row = cJSON_CreateObject(), *pods;

	(void)error;
	row_add_number(row, "policy", in_use->id);
	if (policy->name)
		cJSON_AddStringToObject(row, "name", policy->name);
	add_rules(row, "ingressRules", &policy->ingress);
	add_rules(row, "egressRules", &policy->egress);
	row_add_number(row, "peers", usage.peers);
	row_add_number(row, "classes", usage.classes);
	row_add_number(row, "services", usage.own + usage.shared);
	row_add_number(row, "shared", usage.shared);
	pods = cJSON_AddArrayToObject(row, "pods");
	for (size_t i = 0; i < in_use->pod_count; i++) {
		uint32_t pod = in_use->pods[i];

		cJSON_AddItemToArray(pods, cJSON_CreateString(names_pod(
						   listing->names, pod,
						   listing->objects->pod_state[pod].incarnation)));
	}
	table_row(listing->table, row);
	return 0;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_names_ struct names names = {};
	struct listing listing = {.objects = invocation->objects, .names = &names};
	struct policy_usages *usages;
	int ret = names_read(invocation->objects, &names, error);

	if (ret)
		return ret;
	ret = policy_usages_read(invocation->objects, &usages);
	if (ret)
		return rf_fail_system(error, RF_CODE_LOAD, ret, "read the maps of policies");
	listing.usages = usages;
	listing.table =
		table_begin(invocation->json, columns, sizeof(columns) / sizeof(columns[0]));
	ret = policies_each(invocation->objects, 0, list_policy, &listing, error);
	table_end(listing.table);
	policy_usages_free(usages);
	return ret;
}

const struct command command_policy_list = {
	.noun = "policy",
	.verb = "list",
	.arguments = "",
	.help = "policies in the maps, the pods that have them, and the entries that they "
		"take",
	.details = "Pods with equal documents share one policy. SERVICES are the entries of "
		   "its classes; SHARED are those\nof them which other policies have, too.",
	.run = run,
};
