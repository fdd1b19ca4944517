// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/pod/pods.h"
#include "ctl/policy/reload_report.h"
#include "netconf/cleanup.h"

/* The pods that were asked for, and which of them there are. */
struct choice {
	char **names;
	bool *found;
	struct rf_error unread; /* of a record that may be one of theirs */
};

static bool chooses(const struct rf_record *record, void *context)
{
	const struct choice *choice = context;
	bool is_chosen = false;

	for (size_t i = 0; choice->names[i]; i++) {
		if (!pods_is_called(record, choice->names[i]) &&
		    !pods_begins_with(record, choice->names[i]))
			continue;
		choice->found[i] = is_chosen = true;
	}
	return is_chosen;
}

static int check_found(const struct choice *choice, int count, struct rf_error *error)
{
	for (int i = 0; i < count; i++) {
		if (choice->found[i])
			continue;
		if (choice->unread.code) {
			*error = choice->unread;
			return -EIO;
		}
		return rf_fail(error, RF_CODE_NONE, -ENOENT,
			       "no running pod is called %s (ringfencectl pod list)",
			       choice->names[i]);
	}
	return 0;
}

/* Before anything changes: a pod that is misspelt leaves the others as they are, too. */
static int note(const struct rf_record *record, struct rf_error *error, void *context)
{
	struct choice *choice = context;

	if (record)
		chooses(record, context);
	else if (!choice->unread.code)
		choice->unread = *error;
	return 0;
}

static int reload(struct invocation *invocation, struct choice *choice, struct rf_error *error)
{
	bool is_dry_run = invocation_option(invocation, "dry-run");
	struct rf_reload report;
	int ret = 0;

	if (invocation->argument_count)
		ret = rf_record_each(NULL, note, choice, error);
	if (!ret)
		ret = check_found(choice, invocation->argument_count, error);
	if (!ret)
		ret = rf_policy_reload(invocation->objects,
				       invocation->argument_count ? chooses : NULL, choice,
				       is_dry_run, &report, error);
	if (ret)
		return ret;
	reload_report_print(&report, invocation->json, invocation_option(invocation, "verbose"),
			    is_dry_run);
	if (report.count[RF_RELOAD_FAILED])
		invocation->status = STATUS_FAILED;
	rf_policy_reload_free(&report);
	return 0;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_free_ bool *found = calloc((size_t)invocation->argument_count + 1, sizeof(*found));
	struct choice choice = {.names = invocation->arguments, .found = found};

	if (!found)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "pods");
	return reload(invocation, &choice, error);
}

static const struct command_option options[] = {
	{"dry-run", NULL, "say what would change, and whether it fits; change nothing"},
	{"verbose", NULL, "also name the pods that stay unchanged"},
	{},
};

const struct command command_policy_reload = {
	.noun = "policy",
	.verb = "reload",
	.arguments = "[POD...]",
	.help = "make the policies of running pods again, from configuration and policyDir",
	.details = "Without POD, of all; where POD fits several pods or interfaces, of all of "
		   "those. A pod's policy is\nwhat its configuration said when it was added, "
		   "joined with the documents that its policyDir has\nfor it now. "
		   "What fails for a pod leaves its policy as it is.",
	.options = options,
	.arguments_max = -1,
	.run = run,
};
