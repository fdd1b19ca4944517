// SPDX-License-Identifier: Apache-2.0
#include "dataplane/load.h"
#include "dataplane/constants.h"
#include "dataplane/files.h"
#include "dataplane/maps.h"
#include "dataplane/settings.h"
#include "dataplane/skeleton.h"
#include "netconf/cleanup.h"

#include "bpf/ringfence.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* bpffs takes no dots in names, but takes a rename: what is not complete never has the final name.
 */
#define LOADING_DIRECTORY RF_BPFFS_DIRECTORY "/loading"

void rf_load_discard(void)
{
	rf_remove_tree(LOADING_DIRECTORY);
}

static int pin_maps(struct ringfence *skeleton, struct rf_error *error)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < RF_MAP_COUNT; i++) {
		struct bpf_map *map = rf_skeleton_map(skeleton, i);
		int ret;

		snprintf(path, sizeof(path), LOADING_DIRECTORY "/maps/%s", rf_map_name(i));
		ret = map ? bpf_map__pin(map, path) : -ENOENT;
		if (ret)
			return rf_fail_system(error, RF_CODE_BPFFS, ret, "pin map %s", path);
	}
	return 0;
}

static int pin_programs(struct ringfence *skeleton, struct rf_error *error)
{
	struct bpf_program *program;
	char path[PATH_MAX];

	bpf_object__for_each_program(program, skeleton->obj)
	{
		int ret;

		snprintf(path, sizeof(path), LOADING_DIRECTORY "/progs/%s",
			 bpf_program__name(program));
		ret = bpf_program__pin(program, path);
		if (ret)
			return rf_fail_system(error, RF_CODE_BPFFS, ret, "pin program %s", path);
	}
	return 0;
}

/* True if the set of maps that policy files of directory @name describe is still in the kernel. */
static bool set_is_alive(const char *name)
{
	_cleanup_close_ int map = bpf_map_get_fd_by_id(strtoul(name, NULL, 10));

	return map >= 0 || errno != ENOENT;
}

/*
 * Policy files describe entries of maps. Those of maps that are gone, go; not those of maps that
 * are only hidden, by a bpffs that was mounted over theirs, and may be seen again.
 */
static void forget_policies(uint32_t new_set)
{
	DIR *stream = opendir(RF_POLICIES_DIRECTORY);
	const struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		char path[PATH_MAX];

		/* A number can only be given to the new set if the old one of that number is gone.
		 */
		if (entry->d_name[0] == '.' ||
		    (set_is_alive(entry->d_name) && strtoul(entry->d_name, NULL, 10) != new_set))
			continue;
		snprintf(path, sizeof(path), RF_POLICIES_DIRECTORY "/%s", entry->d_name);
		rf_remove_tree(path);
	}
	if (stream)
		closedir(stream);
}

void rf_load_leftovers(bool remove, void (*found)(const char *path, void *context), void *context)
{
	DIR *stream = opendir(RF_POLICIES_DIRECTORY);
	const struct dirent *entry;

	if (!access(LOADING_DIRECTORY, F_OK)) {
		found(LOADING_DIRECTORY, context);
		if (remove)
			rf_load_discard();
	}
	while (stream && (entry = readdir(stream))) {
		char path[PATH_MAX];

		if (entry->d_name[0] == '.' || set_is_alive(entry->d_name))
			continue;
		snprintf(path, sizeof(path), RF_POLICIES_DIRECTORY "/%s", entry->d_name);
		found(path, context);
		if (remove)
			rf_remove_tree(path);
	}
	if (stream)
		closedir(stream);
}

static int settle_policies(const struct ringfence *skeleton, struct rf_error *error)
{
	struct bpf_map_info information = {};
	__u32 size = sizeof(information);

	if (bpf_obj_get_info_by_fd(bpf_map__fd(skeleton->maps.identifiers), &information, &size))
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "read id of map identifiers");
	forget_policies(information.id);
	return 0;
}

static int make_pin_directories(struct rf_error *error)
{
	static const char *const directories[] = {"/maps", "/progs", "/links"};

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		char path[PATH_MAX];
		int ret;

		snprintf(path, sizeof(path), LOADING_DIRECTORY "%s", directories[i]);
		ret = rf_make_directories(path, 0700);
		if (ret)
			return rf_fail_system(error, RF_CODE_BPFFS, ret, "make directory %s", path);
	}
	return 0;
}

static int pin(struct ringfence *skeleton, struct rf_error *error)
{
	int ret = make_pin_directories(error);

	if (!ret)
		ret = pin_maps(skeleton, error);
	if (!ret)
		ret = pin_programs(skeleton, error);
	if (!ret && rename(LOADING_DIRECTORY, RF_PIN_DIRECTORY))
		ret = rf_fail_system(error, RF_CODE_BPFFS, -errno, "rename %s to %s",
				     LOADING_DIRECTORY, RF_PIN_DIRECTORY);
	if (ret)
		rf_load_discard();
	return ret;
}

/*
 * Maps may be loaded anew while records of earlier ones are still there: epochs, which also tell
 * one use of a pod id from another, go on from a number that was not reached before.
 */
static int begin_identifiers(const struct ringfence *skeleton, __u32 reply_mark,
			     struct rf_error *error)
{
	struct rf_identifiers identifiers = {
		.reply_mark = reply_mark,
		.build = rf_skeleton_build(),
	};
	struct timespec since_boot;
	__u32 zero = 0;

	clock_gettime(CLOCK_BOOTTIME, &since_boot);
	identifiers.epoch = (__u32)(since_boot.tv_sec * 100 + since_boot.tv_nsec / 10000000);
	if (bpf_map_update_elem(bpf_map__fd(skeleton->maps.identifiers), &zero, &identifiers,
				BPF_ANY))
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "write map identifiers");
	return 0;
}

static int begin_settings(struct ringfence *skeleton, struct rf_error *error)
{
	const struct rf_settings settings = rf_settings_default();
	int ret = rf_settings_write(bpf_map__fd(skeleton->maps.settings), &settings);

	return ret ? rf_fail_system(error, RF_CODE_LOAD, ret, "write map settings") : 0;
}

int rf_load(const struct rf_map_sizes *sizes, struct rf_error *error)
{
	_cleanup_skeleton_ struct ringfence *skeleton = NULL;
	__u32 reply_mark = 0;
	int ret;

	/* What a killed load has left would be in memory beside the new. */
	rf_load_discard();
	ret = rf_skeleton_open(sizes, &skeleton, error);
	if (!ret) {
		rf_constants_fill(skeleton);
		/* Where libbpf finds that constants cannot be mapped, they are gone when it has
		 * loaded them. */
		reply_mark = skeleton->rodata->reply_mark;
		ret = rf_skeleton_load(skeleton, error);
	}
	if (!ret)
		ret = begin_settings(skeleton, error);
	if (!ret)
		ret = begin_identifiers(skeleton, reply_mark, error);
	if (!ret)
		ret = settle_policies(skeleton, error);
	if (!ret)
		ret = pin(skeleton, error);
	return ret;
}
