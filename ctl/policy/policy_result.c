// SPDX-License-Identifier: Apache-2.0
#include "ctl/policy/policy_result.h"
#include "ctl/output/table.h"

cJSON *policy_result_row(const struct rf_record *record, const char *result)
{
	cJSON *row = cJSON_CreateObject();

	if (record) {
		cJSON_AddStringToObject(row, "namespace", record->pod_namespace);
		cJSON_AddStringToObject(row, "name", record->pod_name);
		cJSON_AddStringToObject(row, "network", record->network);
		cJSON_AddStringToObject(row, "container", record->container);
		cJSON_AddStringToObject(row, "interface", record->interface);
	}
	cJSON_AddStringToObject(row, "result", result);
	return row;
}

void policy_result_add_error(cJSON *object, const struct rf_error *error)
{
	cJSON *json = cJSON_AddObjectToObject(object, "error");

	row_add_number(json, "code", error->code);
	cJSON_AddStringToObject(json, "msg", error->message);
	cJSON_AddStringToObject(json, "details", error->details);
}
