// SPDX-License-Identifier: Apache-2.0
#include "ctl/doctor/doctor.h"
#include "ctl/command.h"
#include "ctl/conflist/conflist.h"
#include "ctl/output/display.h"
#include "ctl/output/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const level_names[FINDING_LEVELS] = {
	[FINDING_OK] = "ok",
	[FINDING_WARNING] = "warning",
	[FINDING_FAULT] = "fault",
};

static const enum style level_styles[FINDING_LEVELS] = {
	[FINDING_OK] = STYLE_GOOD,
	[FINDING_WARNING] = STYLE_WARNING,
	[FINDING_FAULT] = STYLE_BAD,
};

static const struct {
	const char *name;
	void (*look)(struct doctor *doctor);
} checks[] = {
	{"kernel", doctor_check_kernel},
	{"bpffs", doctor_check_bpffs},
	{"pins", doctor_check_pins},
	{"pods", doctor_check_pods},
	{"interfaces", doctor_check_interfaces},
	{"leftovers", doctor_check_leftovers},
	{"maps", doctor_check_maps},
	{"conflists", doctor_check_conflists},
	{"policies", doctor_check_policies},
	{"plugin", doctor_check_plugin},
};

cJSON *doctor_find(struct doctor *doctor, enum finding_level level, const char *format, ...)
{
	char text[RF_MESSAGE_SIZE + RF_DETAILS_SIZE];
	cJSON *finding = cJSON_CreateObject();
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	cJSON_AddStringToObject(finding, "check", doctor->check);
	cJSON_AddStringToObject(finding, "level", level_names[level]);
	cJSON_AddStringToObject(finding, "finding", text);
	cJSON_AddNullToObject(finding, "why");
	cJSON_AddNullToObject(finding, "fix");
	cJSON_AddItemToArray(doctor->findings, finding);
	doctor->counts[level]++;
	return finding;
}

void doctor_why(cJSON *finding, const char *text)
{
	cJSON_ReplaceItemInObjectCaseSensitive(finding, "why", cJSON_CreateString(text));
}

void doctor_fix(cJSON *finding, const char *format, ...)
{
	char text[RF_MESSAGE_SIZE + RF_DETAILS_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	cJSON_ReplaceItemInObjectCaseSensitive(finding, "fix", cJSON_CreateString(text));
}

cJSON *doctor_find_error(struct doctor *doctor, enum finding_level level,
			 const struct rf_error *error)
{
	cJSON *finding = doctor_find(doctor, level, "%s", error->message);

	if (error->details[0])
		doctor_fix(finding, "%s", error->details);
	return finding;
}

/* Fit for a terminal. */
static const char *text_of(const cJSON *finding, const char *key)
{
	char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(finding, key));

	if (text)
		display_clean(text);
	return text;
}

static enum style style_of(const char *level)
{
	for (size_t i = 0; i < FINDING_LEVELS; i++)
		if (!strcmp(level, level_names[i]))
			return level_styles[i];
	return STYLE_PLAIN;
}

static void print_finding(const cJSON *finding)
{
	enum style style = style_of(text_of(finding, "level"));
	const char *why = text_of(finding, "why"), *fix = text_of(finding, "fix");

	printf("%s%-7s%s  %-10s  %s\n", style_on(style), text_of(finding, "level"),
	       style_off(style), text_of(finding, "check"), text_of(finding, "finding"));
	if (why)
		printf("                     %s\n", why);
	if (fix)
		printf("                     fix: %s\n", fix);
}

static void print_text(const struct doctor *doctor)
{
	unsigned int faults = doctor->counts[FINDING_FAULT];
	unsigned int warnings = doctor->counts[FINDING_WARNING];
	const cJSON *finding;

	cJSON_ArrayForEach (finding, doctor->findings) {
		print_finding(finding);
	}
	printf("%u fault%s, %u warning%s\n", faults, faults == 1 ? "" : "s", warnings,
	       warnings == 1 ? "" : "s");
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	const char *directory = invocation_option(invocation, "directory");
	struct doctor doctor = {
		.directory = directory ? directory : CONFLIST_DIRECTORY,
		.bin_dir = invocation_option(invocation, "bin-dir"),
		.directories = cJSON_CreateObject(),
		.findings = cJSON_CreateArray(),
	};

	(void)error;
	doctor.opened = rf_objects_open(&objects, &doctor.opening);
	if (!doctor.opened)
		doctor.objects = &objects;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		doctor.check = checks[i].name;
		checks[i].look(&doctor);
	}
	cJSON_Delete(doctor.directories);
	if (doctor.counts[FINDING_FAULT])
		invocation->status = STATUS_FAILED;
	if (invocation->json) {
		json_print(doctor.findings);
		return 0;
	}
	print_text(&doctor);
	cJSON_Delete(doctor.findings);
	return 0;
}

static const struct command_option options[] = {
	{"directory", "DIR", "where the runtime's files are (/etc/cni/net.d)"},
	{"bin-dir", "DIR", "where the runtime's plugins are (/opt/cni/bin, /usr/lib/cni)"},
	{},
};

const struct command command_doctor = {
	.noun = "doctor",
	.arguments = "",
	.help = "look for faults on this node, and say how to mend each",
	.details = "It changes nothing. Exit status 1 if there is a fault.",
	.options = options,
	.needs_no_maps = true,
	.run = run,
};
