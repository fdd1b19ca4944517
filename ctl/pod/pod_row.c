// SPDX-License-Identifier: Apache-2.0
#include "ctl/pod/pod_row.h"
#include "ctl/pod/names.h"
#include "ctl/policy/rule_text.h"
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

void pod_add_names(cJSON *row, const struct rf_record *record)
{
	static const struct rf_record none;
	char text[600];

	row_add_text(row, "pod", record ? rf_record_pod_text(record, text) : NULL);
	record = record ? record : &none;
	row_add_text(row, "namespace", record->pod_namespace);
	row_add_text(row, "name", record->pod_name);
	row_add_text(row, "network", record->network);
	row_add_text(row, "container", record->container);
	row_add_text(row, "interface", record->interface);
}

/* @ruleset: NULL if it is not known. */
static void add_ruleset(cJSON *row, const char *key, const struct rf_ruleset *ruleset)
{
	bool restricted = ruleset && ruleset->restricted;
	cJSON *object;

	if (!ruleset) {
		cJSON_AddNullToObject(row, key);
		return;
	}
	object = cJSON_AddObjectToObject(row, key);
	cJSON_AddBoolToObject(object, "restricted", restricted);
	row_add_text(object, "default", restricted ? rules_default(ruleset) : NULL);
	row_add_number_if(object, "ruleCount", ruleset->rule_count, restricted);
}

void pod_add_policy(cJSON *row, const struct pod *pod, const struct rf_policy *policy,
		    const struct rf_error *fault)
{
	names_add_policy(row, pod->record.policy_id, policy ? policy->name : NULL);
	add_ruleset(row, "ingress", policy ? &policy->ingress : NULL);
	add_ruleset(row, "egress", policy ? &policy->egress : NULL);
	row_add_text(row, "fault", policy ? NULL : fault->message);
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

	pod_add_names(row, record);
	addresses = cJSON_AddArrayToObject(row, "addresses");
	for (size_t i = 0; i < record->address_count; i++)
		cJSON_AddItemToArray(addresses, cJSON_CreateString(text_address(
							&record->addresses[i], address)));
	row_add_text(row, "hostInterface", record->host_interface);
	row_add_number(row, "ifindex", record->point.ifindex);
	cJSON_AddStringToObject(row, "attach", rf_attach_mode_name(record->point.mode));
	cJSON_AddBoolToObject(row, "loaded", pod->is_loaded);
	row_add_id(row, "podId", record->pod_id);
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
