// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/output/error_stream.h"
#include "ctl/output/table.h"
#include "ctl/policy/policy_document.h"
#include "ctl/policy/policy_result.h"
#include "dataplane/policy/apply.h"
#include "netconf/cleanup.h"

#include <stdio.h>

struct application {
	const struct rf_objects *objects;
	const struct rf_policy *policy;
	cJSON *pods; /* with --json; else NULL */
	size_t changed;
	size_t unchanged;
	size_t failed;
};

/* @record: NULL if it cannot be read. */
static void report_failure(struct application *application, const struct rf_record *record,
			   const struct rf_error *failure)
{
	char pod[600];

	application->failed++;
	if (application->pods) {
		cJSON_AddItemToArray(
			application->pods,
			policy_result_row(record, "failed", application->policy->name, failure));
		return;
	}
	fprintf(error_stream(), "ringfencectl: %s%s%s\n",
		record ? rf_record_pod_text(record, pod) : "", record ? ": " : "",
		failure->message);
	if (failure->details[0])
		fprintf(error_stream(), "  %s\n", failure->details);
}

static void report_success(struct application *application, const struct rf_record *record,
			   bool changed)
{
	const char *result = changed ? "changed" : "unchanged";
	char pod[600];

	*(changed ? &application->changed : &application->unchanged) += 1;
	if (application->pods)
		cJSON_AddItemToArray(
			application->pods,
			policy_result_row(record, result, application->policy->name, NULL));
	else
		printf("%s: %s\n", rf_record_pod_text(record, pod), result);
}

/* One pod's failure is not another's: each is reported, and keeps the policy that it had. */
static int apply(const struct rf_record *record, struct rf_error *error, void *context)
{
	struct application *application = context;
	struct rf_attachment_key key;
	struct rf_error failure = {};
	bool changed = false;

	if (!record) {
		report_failure(application, NULL, error);
		return 0;
	}
	if (!rf_policy_selects(application->policy, record->pod_namespace, record->pod_name))
		return 0;
	key = rf_record_key(record);
	if (rf_policy_apply(application->objects, &key, application->policy, &changed, &failure))
		report_failure(application, record, &failure);
	else
		report_success(application, record, changed);
	return 0;
}

static void print_json(struct application *application)
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
	if (invocation->json)
		application.pods = cJSON_CreateArray();
	ret = rf_record_each(NULL, apply, &application, error);
	if (application.pods)
		print_json(&application);
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
