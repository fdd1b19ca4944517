// SPDX-License-Identifier: Apache-2.0
#include "ctl/policy/reload_report.h"
#include "ctl/output/display.h"
#include "ctl/output/error_stream.h"
#include "ctl/output/table.h"
#include "ctl/policy/policy_result.h"

#include <stdio.h>

static const char *const result_names[] = {
	[RF_RELOAD_UNCHANGED] = "unchanged",
	[RF_RELOAD_CHANGED] = "changed",
	[RF_RELOAD_FAILED] = "failed",
	[RF_RELOAD_GONE] = "gone",
};

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

static void print_pod(const struct rf_reload_pod *pod, bool is_verbose, bool is_dry_run)
{
	char text[600];

	if (pod->result == RF_RELOAD_FAILED && pod->error) {
		fprintf(error_stream(), "ringfencectl: ");
		if (pod->record.container)
			fprintf(error_stream(), "%s: ", rf_record_pod_text(&pod->record, text));
		print_error(pod->error);
	} else if (pod->result == RF_RELOAD_CHANGED ||
		   (pod->result == RF_RELOAD_UNCHANGED && is_verbose)) {
		printf("%s: %s%s%s", rf_record_pod_text(&pod->record, text),
		       is_dry_run && pod->result == RF_RELOAD_CHANGED ? "would be " : "",
		       result_names[pod->result], pod->policy ? ": " : "");
		display_print(pod->policy ? pod->policy : "");
		putchar('\n');
	}
}

static void print_text(const struct rf_reload *reload, bool is_verbose, bool is_dry_run)
{
	print_directories(reload);
	for (size_t i = 0; i < reload->pod_count; i++)
		print_pod(&reload->pods[i], is_verbose, is_dry_run);
	printf("%zu %schanged, %zu unchanged, %zu failed\n", reload->count[RF_RELOAD_CHANGED],
	       is_dry_run ? "would be " : "", reload->count[RF_RELOAD_UNCHANGED],
	       reload->count[RF_RELOAD_FAILED]);
}

static cJSON *pod_json(const struct rf_reload *reload, const struct rf_reload_pod *pod)
{
	cJSON *json = policy_result_row(pod->record.container ? &pod->record : NULL,
					result_names[pod->result], pod->policy, pod->error);

	row_add_text(json, "policyDir",
		     pod->directory < reload->directory_count
			     ? directory_path(&reload->directories[pod->directory])
			     : NULL);
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
		row_add_number(item, "podCount", directory->pod_count);
		policy_result_add_error(item, directory->failure ? &directory->error : NULL);
		cJSON_AddItemToArray(directories, item);
	}
	row_add_number(json, "changed", reload->count[RF_RELOAD_CHANGED]);
	row_add_number(json, "unchanged", reload->count[RF_RELOAD_UNCHANGED]);
	row_add_number(json, "failed", reload->count[RF_RELOAD_FAILED]);
	json_print(json);
}

void reload_report_print(const struct rf_reload *reload, bool json, bool is_verbose,
			 bool is_dry_run)
{
	if (json)
		print_json(reload, is_dry_run);
	else
		print_text(reload, is_verbose, is_dry_run);
}
