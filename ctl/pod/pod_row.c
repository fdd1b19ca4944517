// SPDX-License-Identifier: Apache-2.0
#include "ctl/pod/pod_row.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"
#include "dataplane/pod.h"
#include "dataplane/policy/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

int pod_policy(const struct pods *pods, const struct pod *pod, struct rf_policy *policy,
	       struct rf_error *error)
{
	uint32_t id = pod->record.policy_id;
	int ret;

	/* The policy id of a pod in maps that are mounted over is another policy's here. */
	if (!pod->is_loaded)
		return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
			       "not in the maps that are pinned");
	ret = rf_policy_load(pods->objects, id, policy, error);
	if (ret == -ENOENT)
		rf_fail(error, RF_CODE_RECORD, ret, "no document");
	return ret;
}

const char *pod_ruleset_text(const struct rf_ruleset *ruleset, char text[48])
{
	if (!ruleset->restricted)
		return "unrestricted";
	snprintf(text, 48, "%zu rule%s, then %s", ruleset->rule_count,
		 ruleset->rule_count == 1 ? "" : "s",
		 ruleset->default_action == RF_ACTION_ALLOW ? "allow" : "deny");
	return text;
}

static void add_names(cJSON *row, const struct pod *pod)
{
	const struct rf_record *record = &pod->record;

	cJSON_AddStringToObject(row, "pod", pod->name);
	cJSON_AddStringToObject(row, "namespace", record->pod_namespace);
	cJSON_AddStringToObject(row, "name", record->pod_name);
	cJSON_AddStringToObject(row, "network", record->network);
	cJSON_AddStringToObject(row, "container", record->container);
	cJSON_AddStringToObject(row, "interface", record->interface);
}

static void add_limits(cJSON *row, const struct rf_treatment *treatment)
{
	const struct rf_limits *limits = &treatment->limits;
	cJSON *object = cJSON_AddObjectToObject(row, "limits");

	if (limits->new_flows_per_second) {
		row_add_number(object, "newFlowsPerSecond", limits->new_flows_per_second);
		row_add_number(object, "newFlowsBurst", limits->new_flows_burst);
	}
	if (limits->sessions)
		row_add_number(object, "sessions", limits->sessions);
}

static void add_bandwidth(cJSON *row, const struct rf_treatment *treatment)
{
	const struct rf_bandwidth *bandwidth = &treatment->bandwidth;
	cJSON *object = cJSON_AddObjectToObject(row, "bandwidth");

	if (bandwidth->ingress_rate) {
		row_add_number(object, "ingressRate", bandwidth->ingress_rate);
		row_add_number(object, "ingressBurst", bandwidth->ingress_burst);
	}
	if (bandwidth->egress_rate) {
		row_add_number(object, "egressRate", bandwidth->egress_rate);
		row_add_number(object, "egressBurst", bandwidth->egress_burst);
	}
}

void pod_add_record(cJSON *row, const struct pod *pod)
{
	const struct rf_record *record = &pod->record;
	char address[RF_PREFIX_TEXT];
	cJSON *addresses;

	add_names(row, pod);
	addresses = cJSON_AddArrayToObject(row, "addresses");
	for (size_t i = 0; i < record->address_count; i++)
		cJSON_AddItemToArray(addresses, cJSON_CreateString(text_address(
							&record->addresses[i], address)));
	cJSON_AddStringToObject(row, "hostInterface", record->host_interface);
	row_add_number(row, "ifindex", record->point.ifindex);
	cJSON_AddStringToObject(row, "attach", rf_attach_mode_name(record->point.mode));
	cJSON_AddBoolToObject(row, "loaded", pod->is_loaded);
	row_add_number(row, "podId", record->pod_id);
	row_add_number(row, "policyId", record->policy_id);
	cJSON_AddStringToObject(row, "mode", rf_mode_names[record->treatment.mode]);
	add_limits(row, &record->treatment);
	add_bandwidth(row, &record->treatment);
}

void pod_each_limit(const struct rf_treatment *treatment,
		    void (*print)(const char *text, void *context), void *context)
{
	const struct rf_limits *limits = &treatment->limits;
	const struct rf_bandwidth *bandwidth = &treatment->bandwidth;
	char text[96];

	if (limits->new_flows_per_second) {
		snprintf(text, sizeof(text), "at most %u new flows a second, %u at once",
			 limits->new_flows_per_second, limits->new_flows_burst);
		print(text, context);
	}
	if (limits->sessions) {
		snprintf(text, sizeof(text), "at most %u sessions", limits->sessions);
		print(text, context);
	}
	if (bandwidth->ingress_rate) {
		snprintf(text, sizeof(text), "at most %" PRIu64 " bits a second to the pod",
			 bandwidth->ingress_rate);
		print(text, context);
	}
	if (bandwidth->egress_rate) {
		snprintf(text, sizeof(text), "at most %" PRIu64 " bits a second from the pod",
			 bandwidth->egress_rate);
		print(text, context);
	}
}
