// SPDX-License-Identifier: Apache-2.0
#include "dataplane/load.h"
#include "dataplane/constants.h"
#include "dataplane/files.h"
#include "dataplane/maps.h"
#include "dataplane/memlock.h"
#include "dataplane/settings.h"
#include "netconf/cleanup.h"

#include "bpf/ringfence.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <fts.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* bpffs takes no dots in names, but takes a rename: what is not complete never has the final name.
 */
#define LOADING_DIRECTORY RF_BPFFS_DIRECTORY "/loading"

/* The last thing that libbpf had to say: of a refused program, the verifier's reason is before it.
 */
static char last_words[384];

static int remember(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_WARN) {
		vsnprintf(last_words, sizeof(last_words), format, arguments);
		last_words[strcspn(last_words, "\n")] = '\0';
	}
	return 0;
}

static void remove_tree(const char *path)
{
	char *roots[] = {(char *)(uintptr_t)path, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	if (!tree)
		return;
	while ((entry = fts_read(tree)))
		if (entry->fts_info != FTS_D)
			remove(entry->fts_path);
	fts_close(tree);
}

void rf_load_discard(void)
{
	remove_tree(LOADING_DIRECTORY);
}

static int set_sizes(struct ringfence *skeleton, const struct rf_map_sizes *sizes,
		     struct rf_error *error)
{
	for (size_t i = 0; i < rf_map_size_count; i++) {
		const struct rf_map_size *size = &rf_map_size_table[i];
		uint32_t asked = *(const uint32_t *)((const char *)sizes + size->offset);
		struct bpf_map *map =
			bpf_object__find_map_by_name(skeleton->obj, rf_map_name(size->map));
		int ret;

		if (!asked)
			continue;
		ret = map ? bpf_map__set_max_entries(map, asked * size->factor + size->extra)
			  : -ENOENT;
		if (ret)
			return rf_fail_system(error, RF_CODE_LOAD, ret, "set maps.%s to %u",
					      size->key, asked);
	}
	return 0;
}

static int pin_maps(struct ringfence *skeleton, struct rf_error *error)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < RF_MAP_COUNT; i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(skeleton->obj, rf_map_name(i));
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
		remove_tree(path);
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
static int start_epochs(struct ringfence *skeleton, struct rf_error *error)
{
	struct rf_identifiers identifiers = {};
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

/* What a kernel before 5.11 charges for it all. */
static uint64_t memory_needed(const struct ringfence *skeleton)
{
	int cpus = libbpf_num_possible_cpus();
	struct bpf_program *program;
	const struct bpf_map *map;
	uint64_t needed = 0;

	bpf_object__for_each_map(map, skeleton->obj)
	{
		const struct rf_map_shape shape = {
			.type = bpf_map__type(map),
			.key_size = bpf_map__key_size(map),
			.value_size = bpf_map__value_size(map),
			.max_entries = bpf_map__max_entries(map),
			.flags = bpf_map__map_flags(map),
		};

		needed += rf_memlock_of_map(&shape, cpus > 0 ? cpus : 1);
	}
	bpf_object__for_each_program(program, skeleton->obj) needed +=
		bpf_program__insn_cnt(program) * sizeof(struct bpf_insn);
	return needed;
}

static int load(struct ringfence *skeleton, struct rf_error *error)
{
	int ret = ringfence__load(skeleton);

	if (!ret)
		return 0;
	if (ret == -EPERM && !rf_memlock_explain(memory_needed(skeleton), error))
		return ret;
	rf_fail_system(error, RF_CODE_LOAD, ret, "load programs and maps (%s)", last_words);
	/* Whose right it is, who prints the error will say. */
	if (ret != -EPERM)
		rf_error_hint(error,
			      "ringfence needs Linux 5.10 or later with CONFIG_BPF_SYSCALL and "
			      "CONFIG_NET_CLS_BPF; a smaller `maps` needs less memory");
	return ret;
}

int rf_load(const struct rf_map_sizes *sizes, struct rf_error *error)
{
	struct ringfence *skeleton;
	int ret;

	/* What a killed load has left would be in memory beside the new. */
	rf_load_discard();
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(remember);
	skeleton = ringfence__open();
	if (!skeleton)
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "open the programs (%s)",
				      last_words);
	ret = set_sizes(skeleton, sizes, error);
	if (!ret) {
		rf_constants_fill(skeleton);
		ret = load(skeleton, error);
	}
	if (!ret)
		ret = begin_settings(skeleton, error);
	if (!ret)
		ret = start_epochs(skeleton, error);
	if (!ret)
		ret = settle_policies(skeleton, error);
	if (!ret)
		ret = pin(skeleton, error);
	ringfence__destroy(skeleton);
	return ret;
}
