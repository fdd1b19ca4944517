// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/output/error_stream.h"
#include "ctl/policy/policy_result.h"
#include "ctl/output/table.h"
#include "dataplane/policy/reload.h"
#include "netconf/cleanup.h"

#include <stdio.h>
#include <string.h>

static const char *const result_names[] = {
	[RF_RELOAD_UNCHANGED] = "unchanged",
	[RF_RELOAD_CHANGED] = "changed",
	[RF_RELOAD_FAILED] = "failed",
	[RF_RELOAD_GONE] = "gone",
};

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
	char text[600];

	rf_record_pod_text(record, text);
	for (size_t i = 0; choice->names[i]; i++) {
		if (strcmp(choice->names[i], text) != 0 &&
		    strcmp(choice->names[i], record->container) != 0)
			continue;
		choice->found[i] = is_chosen = true;
	}
	return is_chosen;
}

static const char *directory_path(const struct rf_reload_directory *directory)
{
	return directory->path ? directory->path : RF_POLICY_DIRECTORY;
}

static void print_error(const struct rf_error *error)
{
	fprintf(error_stream(), "%s\n", error->message);
	if (error->details[0])
		fprintf(error_stream(), "  %s\n", error->details);
}

static void print_directories(const struct rf_reload *reload)
{
	for (size_t i = 0; i < reload->directory_count; i++) {
		const struct rf_reload_directory *directory = &reload->directories[i];

		if (!directory->failure || !directory->pod_count)
			continue;
		fprintf(error_stream(),
			"ringfencectl: %zu pod%s of %s stay%s as %s: ", directory->pod_count,
			directory->pod_count == 1 ? "" : "s", directory_path(directory),
			directory->pod_count == 1 ? "s" : "",
			directory->pod_count == 1 ? "it is" : "they are");
		print_error(&directory->error);
	}
}

static void print_pod(const struct rf_reload_pod *pod, bool is_verbose)
{
	char text[600];

	if (pod->result == RF_RELOAD_FAILED && pod->error) {
		fprintf(error_stream(), "ringfencectl: ");
		if (pod->record.container)
			fprintf(error_stream(), "%s: ", rf_record_pod_text(&pod->record, text));
		print_error(pod->error);
	} else if (pod->result == RF_RELOAD_CHANGED ||
		   (pod->result == RF_RELOAD_UNCHANGED && is_verbose)) {
		printf("%s: %s%s%s\n", rf_record_pod_text(&pod->record, text),
		       result_names[pod->result], pod->policy ? ": " : "",
		       pod->policy ? pod->policy : "");
	}
}

static void print_text(const struct rf_reload *reload, bool is_verbose, bool is_dry_run)
{
	print_directories(reload);
	for (size_t i = 0; i < reload->pod_count; i++)
		print_pod(&reload->pods[i], is_verbose);
	printf("%zu %schanged, %zu unchanged, %zu failed\n", reload->count[RF_RELOAD_CHANGED],
	       is_dry_run ? "would be " : "", reload->count[RF_RELOAD_UNCHANGED],
	       reload->count[RF_RELOAD_FAILED]);
}

static cJSON *pod_json(const struct rf_reload *reload, const struct rf_reload_pod *pod)
{
	cJSON *json = policy_result_row(pod->record.container ? &pod->record : NULL,
					result_names[pod->result]);

	if (pod->policy)
		cJSON_AddStringToObject(json, "policy", pod->policy);
	if (pod->directory < reload->directory_count)
		cJSON_AddStringToObject(json, "policyDir",
					directory_path(&reload->directories[pod->directory]));
	if (pod->error)
		policy_result_add_error(json, pod->error);
	return json;
}

static void print_json(const struct rf_reload *reload, bool is_dry_run)
{
	cJSON *json = cJSON_CreateObject();
	cJSON *pods = cJSON_AddArrayToObject(json, "pods");
	cJSON *directories = cJSON_AddArrayToObject(json, "policyDirs");

	cJSON_AddBoolToObject(json, "dryRun", is_dry_run);
	for (size_t i = 0; i < reload->pod_count; i++)
		if (reload->pods[i].result != RF_RELOAD_GONE)
			cJSON_AddItemToArray(pods, pod_json(reload, &reload->pods[i]));
	for (size_t i = 0; i < reload->directory_count; i++) {
		const struct rf_reload_directory *directory = &reload->directories[i];
		cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "policyDir", directory_path(directory));
		row_add_number(item, "pods", directory->pod_count);
		if (directory->failure)
			policy_result_add_error(item, &directory->error);
		cJSON_AddItemToArray(directories, item);
	}
	row_add_number(json, "changed", reload->count[RF_RELOAD_CHANGED]);
	row_add_number(json, "unchanged", reload->count[RF_RELOAD_UNCHANGED]);
	row_add_number(json, "failed", reload->count[RF_RELOAD_FAILED]);
	json_print(json);
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
	if (invocation->json)
		print_json(&report, is_dry_run);
	else
		print_text(&report, invocation_option(invocation, "verbose"), is_dry_run);
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
	.details = "Without POD, of all. POD is namespace/name or a whole container id, with "
		   "all of its\ninterfaces. "
		   "A pod's policy is what its configuration said when it\n"
		   "was added, joined with the documents that its policyDir has for it now.\n"
		   "What fails for a pod leaves its policy as it is.",
	.options = options,
	.arguments_max = -1,
	.run = run,
};
