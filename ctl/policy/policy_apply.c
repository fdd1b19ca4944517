// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/output/error_stream.h"
#include "ctl/output/table.h"
#include "ctl/policy/policy_document.h"
#include "ctl/policy/policy_result.h"
#include "dataplane/policy/apply.h"
#include "netconf/cleanup.h"

#include <errno.h>
#include <stdio.h>

struct application {
	const struct rf_objects *objects;
	const struct rf_policy *policy;
	/* Printed when all is done: who reads it may take any time, or go. */
	cJSON *pods;
	size_t changed;
	size_t unchanged;
	size_t failed;
};

/* @record: NULL if it cannot be read. @failure: NULL if there was none. */
static void note(struct application *application, const struct rf_record *record,
		 const char *result, const struct rf_error *failure)
{
	cJSON_AddItemToArray(application->pods,
			     policy_result_row(record, result, application->policy->name, failure));
}

static void note_failure(struct application *application, const struct rf_record *record,
			 const struct rf_error *failure)
{
	application->failed++;
	note(application, record, "failed", failure);
}

static void note_success(struct application *application, const struct rf_record *record,
			 bool changed)
{
	*(changed ? &application->changed : &application->unchanged) += 1;
	note(application, record, changed ? "changed" : "unchanged", NULL);
}

/* One pod's failure is not another's: each is reported, and keeps the policy that it had. */
static int apply(const struct rf_record *record, struct rf_error *error, void *context)
{
	struct application *application = context;
	struct rf_attachment_key key;
	struct rf_error failure = {};
	bool changed = false;
	int ret;

	if (!record) {
		note_failure(application, NULL, error);
		return 0;
	}
	if (!rf_policy_selects(application->policy, record->pod_namespace, record->pod_name))
		return 0;
	key = rf_record_key(record);
	ret = rf_policy_apply(application->objects, &key, application->policy, &changed, &failure);
	if (!ret)
		note_success(application, record, changed);
	else if (ret != -ENOENT || failure.code)
		note_failure(application, record, &failure);
	/* Else it is gone by now, which is no failure. */
	return 0;
}

static const char *text_of(const cJSON *row, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, key));
}

static void print_row(const cJSON *row)
{
	const cJSON *failure = cJSON_GetObjectItemCaseSensitive(row, "error");
	const char *pod = text_of(row, "pod"), *details = text_of(failure, "details");

	if (cJSON_IsNull(failure)) {
		printf("%s: %s\n", pod, text_of(row, "result"));
		return;
	}
	fprintf(error_stream(), "ringfencectl: %s%s%s\n", pod ? pod : "", pod ? ": " : "",
		text_of(failure, "msg"));
	if (details)
		fprintf(error_stream(), "  %s\n", details);
}

static void print_text(const struct application *application)
{
	const cJSON *row;

	cJSON_ArrayForEach (row, application->pods) {
		print_row(row);
	}
	cJSON_Delete(application->pods);
}

static void print_json(const struct application *application)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddItemToObject(json, "pods", application->pods);
	row_add_number(json, "changed", application->changed);
	row_add_number(json, "unchanged", application->unchanged);
	row_add_number(json, "failed", application->failed);
	json_print(json);
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	__attribute__((cleanup(policy_document_free))) struct policy_document document = {};
	struct application application = {.objects = invocation->objects,
					  .policy = &document.policy};
	int ret = policy_document_read(invocation->arguments[0], &document, error);

	if (ret)
		return ret;
	application.pods = cJSON_CreateArray();
	ret = rf_record_each(NULL, apply, &application, error);
	if (invocation->json)
		print_json(&application);
	else
		print_text(&application);
	if (ret)
		return ret;
	if (application.failed)
		return rf_fail(error, RF_CODE_NONE, -EIO, "%zu pod%s kept the earlier policy",
			       application.failed, application.failed == 1 ? "" : "s");
	if (!application.changed && !application.unchanged)
		return rf_fail(error, RF_CODE_NONE, -ENOENT,
			       "the selector of %s chooses none of the running pods "
			       "(ringfencectl pod list)",
			       invocation->arguments[0]);
	return 0;
}

const struct command command_policy_apply = {
	.noun = "policy",
	.verb = "apply",
	.arguments = "FILE",
	.help = "put the document in force for the running pods that its selector chooses",
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
