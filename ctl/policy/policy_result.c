// SPDX-License-Identifier: Apache-2.0
#include "ctl/policy/policy_result.h"
#include "ctl/output/table.h"
#include "ctl/pod/pod_row.h"

cJSON *policy_result_row(const struct rf_record *record, const char *result, const char *policy,
			 const struct rf_error *error)
{
	cJSON *row = cJSON_CreateObject();

	pod_add_names(row, record);
	cJSON_AddStringToObject(row, "result", result);
	row_add_text(row, "policy", policy);
	policy_result_add_error(row, error);
	return row;
}

void policy_result_add_error(cJSON *object, const struct rf_error *error)
{
	cJSON *json;

	if (!error) {
		cJSON_AddNullToObject(object, "error");
		return;
	}
	json = cJSON_AddObjectToObject(object, "error");
	row_add_number(json, "code", error->code);
	cJSON_AddStringToObject(json, "msg", error->message);
	row_add_text(json, "details", error->details);
}
