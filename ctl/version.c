// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/output/error_stream.h"
#include "ctl/output/table.h"
#include "dataplane/identifiers.h"
#include "dataplane/skeleton.h"
#include "netconf/cleanup.h"
#include "netconf/version.h"

#include <bpf/bpf.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>

/* When the program was loaded, in seconds of the clock; 0 if it is not known. */
static uint64_t loaded_at(int program)
{
	struct bpf_prog_info information = {};
	struct timespec now, since_boot;
	__u32 size = sizeof(information);

	if (bpf_obj_get_info_by_fd(program, &information, &size) || !information.load_time)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &since_boot);
	return (uint64_t)(now.tv_sec - since_boot.tv_sec) + information.load_time / 1000000000;
}

/* As text: a program that reads JSON may have no whole numbers of 64 bits. */
static void add_build(cJSON *json, uint64_t build)
{
	char text[24];

	snprintf(text, sizeof(text), "%016" PRIx64, build);
	cJSON_AddStringToObject(json, "build", text);
}

/* What is pinned, null if nothing is. */
static cJSON *describe_loaded(const struct rf_objects *objects)
{
	cJSON *loaded = cJSON_CreateObject(), *programs = cJSON_CreateArray();
	struct rf_identifiers identifiers = {};

	for (size_t i = 0; i < RF_DIRECTIONS; i++) {
		cJSON *program = cJSON_CreateObject();

		cJSON_AddStringToObject(program, "name", rf_program_names[i]);
		row_add_number(program, "id", objects->program_ids[i]);
		row_add_number(program, "loadedAt", loaded_at(objects->programs[i]));
		cJSON_AddItemToArray(programs, program);
	}
	row_add_number(loaded, "mapSet", objects->set);
	if (!rf_identifiers_read(objects, &identifiers, NULL))
		add_build(loaded, identifiers.build);
	cJSON_AddItemToObject(loaded, "programs", programs);
	return loaded;
}

static void print_text(const cJSON *json)
{
	const cJSON *loaded = cJSON_GetObjectItemCaseSensitive(json, "loaded"), *program;
	const char *build;

	printf("ringfencectl " RF_VERSION ", ABI %d, build %s\n", RF_ABI,
	       cJSON_GetObjectItemCaseSensitive(json, "build")->valuestring);
	if (cJSON_IsNull(loaded))
		printf("nothing is loaded\n");
	build = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(loaded, "build"));
	if (build)
		printf("pinned is build %s\n", build);
	cJSON_ArrayForEach (program, cJSON_GetObjectItemCaseSensitive(loaded, "programs")) {
		time_t time = (time_t)strtoll(
			cJSON_GetObjectItemCaseSensitive(program, "loadedAt")->valuestring, NULL,
			10);
		struct tm local = {};
		char text[64] = "";

		localtime_r(&time, &local);
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
		printf("program %s %s, loaded %s\n",
		       cJSON_GetObjectItemCaseSensitive(program, "id")->valuestring,
		       cJSON_GetObjectItemCaseSensitive(program, "name")->valuestring, text);
	}
	printf("Linux %s %s\n", cJSON_GetObjectItemCaseSensitive(json, "kernel")->valuestring,
	       cJSON_GetObjectItemCaseSensitive(json, "machine")->valuestring);
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
	if (ret && ret != -ENOENT)
		cJSON_AddStringToObject(json, "error", closed.message);
	cJSON_AddStringToObject(json, "kernel", kernel.release);
	cJSON_AddStringToObject(json, "machine", kernel.machine);
	if (invocation->json) {
		json_print(json);
		return 0;
	}
	print_text(json);
	if (ret && ret != -ENOENT)
		fprintf(error_stream(), "ringfencectl: %s\n", closed.message);
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
