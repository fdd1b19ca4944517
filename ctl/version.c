// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/output/clock.h"
#include "ctl/output/error_stream.h"
#include "ctl/output/table.h"
#include "dataplane/explain.h"
#include "dataplane/identifiers.h"
#include "dataplane/skeleton.h"
#include "netconf/cleanup.h"
#include "netconf/version.h"

#include <bpf/bpf.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/utsname.h>

/* As text: a program that reads JSON may have no whole numbers of 64 bits. */
static void add_build(cJSON *json, uint64_t build)
{
	char text[24];

	snprintf(text, sizeof(text), "%016" PRIx64, build);
	cJSON_AddStringToObject(json, "build", text);
}

static void add_program(cJSON *programs, const char *name, int program)
{
	struct bpf_prog_info information = {};
	__u32 size = sizeof(information);
	cJSON *row = cJSON_CreateObject();
	char text[CLOCK_TEXT];

	if (bpf_obj_get_info_by_fd(program, &information, &size))
		information = (struct bpf_prog_info){};
	cJSON_AddStringToObject(row, "name", name);
	row_add_id(row, "id", information.id);
	row_add_text(row, "loadedAt",
		     information.load_time ? clock_rfc3339_of_boottime(information.load_time, text)
					   : NULL);
	cJSON_AddItemToArray(programs, row);
}

/* What an earlier version has loaded has no program for explain. */
static cJSON *list_programs(const struct rf_objects *objects)
{
	cJSON *programs = cJSON_CreateArray();
	_cleanup_close_ int explain = -1;

	for (size_t i = 0; i < RF_DIRECTIONS; i++)
		add_program(programs, rf_program_names[i], objects->programs[i]);
	if (!rf_explain_open(&explain, NULL))
		add_program(programs, RF_EXPLAIN_PROGRAM, explain);
	return programs;
}

/* What is pinned. */
static cJSON *describe_loaded(const struct rf_objects *objects)
{
	cJSON *loaded = cJSON_CreateObject();
	struct rf_identifiers identifiers = {};

	row_add_number(loaded, "mapSet", objects->set);
	if (rf_identifiers_read(objects, &identifiers, NULL))
		cJSON_AddNullToObject(loaded, "build");
	else
		add_build(loaded, identifiers.build);
	cJSON_AddItemToObject(loaded, "programs", list_programs(objects));
	return loaded;
}

static const char *text_of(const cJSON *json, const char *key)
{
	const char *text = cJSON_GetObjectItemCaseSensitive(json, key)->valuestring;

	return text ? text : "-";
}

static void print_program(const cJSON *program)
{
	printf("program %s %s, loaded %s\n", text_of(program, "id"), text_of(program, "name"),
	       text_of(program, "loadedAt"));
}

static void print_text(const cJSON *json)
{
	const cJSON *loaded = cJSON_GetObjectItemCaseSensitive(json, "loaded"), *program;
	const char *build;

	printf("ringfencectl " RF_VERSION ", ABI %d, build %s\n", RF_ABI, text_of(json, "build"));
	if (cJSON_IsNull(loaded) && cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "error")))
		printf("nothing is loaded\n");
	build = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(loaded, "build"));
	if (build)
		printf("pinned is build %s\n", build);
	cJSON_ArrayForEach (program, cJSON_GetObjectItemCaseSensitive(loaded, "programs")) {
		print_program(program);
	}
	printf("Linux %s %s\n", text_of(json, "kernel"), text_of(json, "machine"));
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	cJSON *json = cJSON_CreateObject();
	struct utsname kernel = {};
	struct rf_error closed = {};
	int ret = rf_objects_open(&objects, &closed);

	(void)error;
	uname(&kernel);
	cJSON_AddStringToObject(json, "version", RF_VERSION);
	cJSON_AddNumberToObject(json, "abi", RF_ABI);
	add_build(json, rf_skeleton_build());
	cJSON_AddItemToObject(json, "loaded", ret ? cJSON_CreateNull() : describe_loaded(&objects));
	row_add_text(json, "error", ret && ret != -ENOENT ? closed.message : NULL);
	cJSON_AddStringToObject(json, "kernel", kernel.release);
	cJSON_AddStringToObject(json, "machine", kernel.machine);
	if (invocation->json) {
		json_print(json);
		return 0;
	}
	print_text(json);
	if (ret && ret != -ENOENT)
		fprintf(error_stream(), "ringfencectl: what is loaded is not known: %s\n",
			closed.message);
	cJSON_Delete(json);
	return 0;
}

const struct command command_version = {
	.noun = "version",
	.arguments = "",
	.help = "versions of ringfencectl, of what is loaded, and of the kernel",
	.needs_no_maps = true,
	.run = run,
};
