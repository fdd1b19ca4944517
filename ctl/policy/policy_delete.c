// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/pod/names.h"
#include "ctl/policy/reload_report.h"
#include "dataplane/pod.h"

#include <errno.h>
#include <string.h>

struct choice {
	struct names names;
	const char *document;
	size_t count;
};

/* Pods that are under the document now, whatever has put it in force. */
static bool chooses(const struct rf_record *record, void *context)
{
	struct choice *choice = context;
	const struct rf_objects *objects = choice->names.pods.objects;
	const char *name;

	if (rf_pod_find(objects, record->point.owner) != record->pod_id)
		return false;
	name = names_policy(&choice->names, rf_pod_policy(objects, record->pod_id));
	if (!name || strcmp(name, choice->document) != 0)
		return false;
	choice->count++;
	return true;
}

static int withdraw(struct invocation *invocation, struct choice *choice, struct rf_error *error)
{
	bool is_dry_run = invocation_option(invocation, "dry-run");
	struct rf_reload report;
	int ret =
		rf_policy_reload(invocation->objects, chooses, choice, is_dry_run, &report, error);

	if (ret)
		return ret;
	if (choice->count)
		reload_report_print(&report, invocation->json, true, is_dry_run);
	else
		ret = rf_fail(error, RF_CODE_NONE, -ENOENT,
			      "no pod is under a document called %s (ringfencectl policy list)",
			      choice->document);
	if (report.count[RF_RELOAD_FAILED])
		invocation->status = STATUS_FAILED;
	rf_policy_reload_free(&report);
	return ret;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	struct choice choice = {.document = invocation->arguments[0]};
	int ret = names_read(invocation->objects, &choice.names, error);

	if (!ret)
		ret = withdraw(invocation, &choice, error);
	names_free(&choice.names);
	return ret;
}

static const struct command_option options[] = {
	{"dry-run", NULL, "say what would change, and whether it fits; change nothing"},
	{},
};

const struct command command_policy_delete = {
	.noun = "policy",
	.verb = "delete",
	.arguments = "NAME",
	.help = "take a document that was applied out of force again",
	.details =
		"The pods that are under the document of that name get the policy of their "
		"configuration and policyDir,\nas `policy reload` makes it. What fails for a pod "
		"leaves its policy as it is.",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
