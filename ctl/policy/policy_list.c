// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/pod/names.h"
#include "ctl/policy/policy_pods.h"
#include "ctl/policy/policy_usage.h"
#include "ctl/output/table.h"

static const struct column columns[] = {
	{.title = "POLICY", .key = "policyId", .is_right = true},
	{.title = "DOCUMENT", .key = "policy"},
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
	bool json;
};

static void add_rules(cJSON *row, const char *key, const struct rf_ruleset *ruleset)
{
	row_add_number_if(row, key, ruleset->rule_count, ruleset->restricted);
}

static cJSON *pods_of(const struct listing *listing, const struct policy_in_use *in_use)
{
	cJSON *pods = cJSON_CreateArray();

	for (size_t i = 0; i < in_use->pod_count; i++) {
		uint32_t id = in_use->pods[i];
		uint32_t incarnation = listing->objects->pod_state[id].incarnation;

		cJSON_AddItemToArray(pods, listing->json
						   ? names_pod_json(listing->names, id, incarnation)
						   : cJSON_CreateString(names_pod(
							     listing->names, id, incarnation)));
	}
	return pods;
}

static int list_policy(const struct policy_in_use *in_use, const struct rf_policy *policy,
		       struct rf_error *error, void *context)
{
	const struct listing *listing = context;
	struct policy_usage usage = policy_usage_of(listing->usages, in_use->id);
	cJSON *row = cJSON_CreateObject();

	(void)error;
	names_add_policy(row, in_use->id, policy->name);
	add_rules(row, "ingressRules", &policy->ingress);
	add_rules(row, "egressRules", &policy->egress);
	row_add_number(row, "peers", usage.peers);
	row_add_number(row, "classes", usage.classes);
	row_add_number(row, "services", usage.own + usage.shared);
	row_add_number(row, "shared", usage.shared);
	cJSON_AddItemToObject(row, "pods", pods_of(listing, in_use));
	table_row(listing->table, row);
	return 0;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_names_ struct names names = {};
	struct listing listing = {
		.objects = invocation->objects, .names = &names, .json = invocation->json};
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
