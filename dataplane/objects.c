// SPDX-License-Identifier: Apache-2.0
#include "dataplane/objects.h"
#include "dataplane/bpffs.h"
#include "dataplane/load.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

const char *const rf_program_names[RF_DIRECTIONS] = {
	[RF_INGRESS] = "rf_to_pod",
	[RF_EGRESS] = "rf_from_pod",
};

static int open_pin(const char *directory, const char *name, int *fd, struct rf_error *error)
{
	char path[PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), RF_PIN_DIRECTORY "/%s/%s", directory, name);
	*fd = bpf_obj_get(path);
	if (*fd >= 0)
		return 0;
	ret = -errno;
	/* The kernel opens no pin for writing there. */
	if (ret == -EROFS && rf_bpffs_check(error))
		return ret;
	/* ENOENT means that nothing is loaded; a single pin that is gone is something else. */
	if (ret == -ENOENT) {
		rf_error_hint(error, "remove " RF_PIN_DIRECTORY
				     " to have it loaded anew by the next ADD; running pods are "
				     "unprotected until they are added again");
		return rf_fail(error, RF_CODE_LOAD, -ENXIO, "pin %s is missing", path);
	}
	return rf_fail_system(error, RF_CODE_LOAD, ret, "open pin %s", path);
}

static int open_maps(struct rf_objects *objects, struct rf_error *error)
{
	for (size_t i = 0; i < RF_MAP_COUNT; i++) {
		struct bpf_map_info information = {};
		__u32 size = sizeof(information);
		int ret = open_pin("maps", rf_map_name(i), &objects->maps[i],
				   rf_map_is_extension(i) ? NULL : error);

		if (ret == -ENXIO && rf_map_is_extension(i))
			continue;
		if (ret)
			return ret;
		if (bpf_obj_get_info_by_fd(objects->maps[i], &information, &size))
			return rf_fail_system(error, RF_CODE_LOAD, -errno, "read size of map %s",
					      rf_map_name(i));
		objects->max_entries[i] = information.max_entries;
		if (i == RF_MAP_IDENTIFIERS)
			objects->set = information.id;
		if (i == RF_MAP_POD_STATE)
			objects->pod_state_id = information.id;
	}
	return 0;
}

int rf_objects_open_programs(int programs[RF_DIRECTIONS], uint32_t ids[RF_DIRECTIONS],
			     struct rf_error *error)
{
	for (size_t i = 0; i < RF_DIRECTIONS; i++) {
		struct bpf_prog_info information = {};
		__u32 size = sizeof(information);
		int ret = open_pin("progs", rf_program_names[i], &programs[i], error);

		if (ret)
			return ret;
		if (bpf_obj_get_info_by_fd(programs[i], &information, &size))
			return rf_fail_system(error, RF_CODE_LOAD, -errno, "read id of program %s",
					      rf_program_names[i]);
		ids[i] = information.id;
	}
	return 0;
}

static size_t pod_state_size(const struct rf_objects *objects)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t size = sizeof(struct rf_pod_state) * objects->max_entries[RF_MAP_POD_STATE];

	return (size + page - 1) / page * page;
}

static int map_pod_state(struct rf_objects *objects, struct rf_error *error)
{
	void *memory = mmap(NULL, pod_state_size(objects), PROT_READ | PROT_WRITE, MAP_SHARED,
			    objects->maps[RF_MAP_POD_STATE], 0);

	if (memory == MAP_FAILED)
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "map pod_state into memory");
	objects->pod_state = memory;
	return 0;
}

int rf_objects_open(struct rf_objects *objects, struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects opened = RF_OBJECTS_NONE;
	int ret = rf_bpffs_check_directory(RF_BPFFS_DIRECTORY, error);

	if (!ret)
		ret = rf_bpffs_check_directory(RF_PIN_DIRECTORY, error);
	if (!ret)
		ret = open_maps(&opened, error);
	if (!ret)
		ret = rf_objects_open_programs(opened.programs, opened.program_ids, error);
	if (!ret)
		ret = map_pod_state(&opened, error);
	if (ret)
		return ret;
	*objects = opened;
	opened = (struct rf_objects)RF_OBJECTS_NONE;
	return 0;
}

int rf_objects_check_pinned(const struct rf_objects *objects, struct rf_error *error)
{
	struct bpf_map_info information = {};
	__u32 size = sizeof(information);
	_cleanup_close_ int map = -1;
	int ret = open_pin("maps", rf_map_name(RF_MAP_IDENTIFIERS), &map, NULL);

	if (!ret && bpf_obj_get_info_by_fd(map, &information, &size))
		ret = -errno;
	if (ret && ret != -ENXIO)
		return rf_fail_system(error, RF_CODE_LOAD, ret,
				      "open pin " RF_PIN_DIRECTORY "/maps/%s",
				      rf_map_name(RF_MAP_IDENTIFIERS));
	return information.id == objects->set
		       ? 0
		       : rf_fail(error, RF_CODE_TRY_AGAIN, -EAGAIN,
				 "the pins in %s were removed meanwhile", RF_PIN_DIRECTORY);
}

void rf_objects_close(struct rf_objects *objects)
{
	if (objects->pod_state)
		munmap(objects->pod_state, pod_state_size(objects));
	for (size_t i = 0; i < RF_MAP_COUNT; i++)
		rf_cleanup_close(&objects->maps[i]);
	for (size_t i = 0; i < RF_DIRECTIONS; i++)
		rf_cleanup_close(&objects->programs[i]);
	*objects = (struct rf_objects)RF_OBJECTS_NONE;
}

void rf_objects_compare_sizes(const struct rf_objects *objects, const struct rf_map_sizes *sizes,
			      void (*report)(const char *key, uint32_t asked, uint32_t actual))
{
	for (size_t i = 0; i < rf_map_size_count; i++) {
		const struct rf_map_size *size = &rf_map_size_table[i];
		uint32_t asked = *(const uint32_t *)((const char *)sizes + size->offset);

		uint32_t actual = (objects->max_entries[size->map] - size->extra) / size->factor;

		/* A key that sizes several maps is reported once. */
		if (asked && asked != actual && (!i || strcmp(size->key, size[-1].key)))
			report(size->key, asked, actual);
	}
}
