// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "dataplane/files.h"
#include "dataplane/policy/apply.h"
#include "netconf/cleanup.h"

#include <stdio.h>

struct application {
	const struct rf_objects *objects;
	const struct rf_policy *policy;
	size_t chosen;
	size_t failed;
};

static int read_document(const char *path, struct rf_policy *policy, struct rf_error *error)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	int ret = rf_read_file(path, &text, &length);

	if (ret)
		return rf_fail_system(error, RF_CODE_CONFIG, ret, "read %s", path);
	ret = rf_policy_read(text, length, policy, error);
	if (ret)
		rf_error_context(error, "%s", path);
	return ret;
}

/* One pod's failure is not another's: each is reported, and keeps the policy that it had. */
static int apply(const struct rf_record *record, struct rf_error *error, void *context)
{
	struct application *application = context;
	struct rf_attachment_key key;
	struct rf_error failure = {};
	bool changed = false;
	char pod[600];

	if (!record) {
		fprintf(stderr, "ringfencectl: %s\n", error->message);
		application->failed++;
		return 0;
	}
	if (!rf_policy_selects(application->policy, record->pod_namespace, record->pod_name))
		return 0;
	application->chosen++;
	key = rf_record_key(record);
	rf_record_pod_text(record, pod);
	if (rf_policy_apply(application->objects, &key, application->policy, &changed, &failure)) {
		fprintf(stderr, "ringfencectl: %s: %s\n", pod, failure.message);
		if (failure.details[0])
			fprintf(stderr, "  %s\n", failure.details);
		application->failed++;
	} else {
		printf("%s: %s\n", pod, changed ? "changed" : "unchanged");
	}
	return 0;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	struct rf_policy policy = {};
	struct application application = {.objects = invocation->objects, .policy = &policy};
	int ret = read_document(invocation->arguments[0], &policy, error);

	if (ret)
		return ret;
	ret = rf_record_each(NULL, apply, &application, error);
	rf_policy_free(&policy);
	if (ret)
		return ret;
	if (application.failed)
		return rf_fail(error, RF_CODE_NONE, -EIO, "%zu pod%s kept the earlier policy",
			       application.failed, application.failed == 1 ? "" : "s");
	if (!application.chosen)
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
