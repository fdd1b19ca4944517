// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpffs.h"
#include "dataplane/load.h"
#include "dataplane/skeleton.h"
#include "dataplane/upgrade_steps.h"

#include "bpf/ringfence.skel.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

static int refuse_shape(const struct bpf_map *map, const struct bpf_map_info *pinned,
			enum rf_map number, struct rf_error *error)
{
	rf_error_hint(error,
		      "this is a fault of the build: another map needs another RF_ABI than %d. "
		      "Install the former build again; running pods stay protected by it",
		      RF_ABI);
	return rf_fail(error, RF_CODE_LOAD, -EINVAL,
		       "map %s is pinned with type %u, keys of %u bytes, values of %u bytes and "
		       "flags 0x%x; the programs of this build need %u, %u, %u and 0x%x",
		       rf_map_name(number), pinned->type, pinned->key_size, pinned->value_size,
		       pinned->map_flags, bpf_map__type(map), bpf_map__key_size(map),
		       bpf_map__value_size(map), bpf_map__map_flags(map));
}

static int reuse_map(struct bpf_map *map, int pin, enum rf_map number, struct rf_error *error)
{
	struct bpf_map_info pinned = {};
	__u32 size = sizeof(pinned);
	int ret;

	if (bpf_obj_get_info_by_fd(pin, &pinned, &size))
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "read the shape of map %s",
				      rf_map_name(number));
	if (pinned.type != bpf_map__type(map) || pinned.key_size != bpf_map__key_size(map) ||
	    pinned.value_size != bpf_map__value_size(map) ||
	    pinned.map_flags != bpf_map__map_flags(map))
		return refuse_shape(map, &pinned, number, error);
	ret = bpf_map__reuse_fd(map, pin);
	return ret ? rf_fail_system(error, RF_CODE_LOAD, ret, "take over map %s",
				    rf_map_name(number))
		   : 0;
}

int rf_upgrade_reuse_maps(struct ringfence *skeleton, const struct rf_objects *objects,
			  struct rf_error *error)
{
	int ret = 0;

	for (size_t i = 0; i < RF_MAP_COUNT && !ret; i++)
		if (objects->maps[i] >= 0)
			ret = reuse_map(rf_skeleton_map(skeleton, i), objects->maps[i], i, error);
	return ret;
}

static int pin_map(const struct ringfence *skeleton, enum rf_map map, struct rf_error *error)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), RF_PIN_DIRECTORY "/maps/%s", rf_map_name(map));
	return rf_bpffs_replace_pin(bpf_map__fd(rf_skeleton_map(skeleton, map)), "map", path,
				    error);
}

static int pin_program(const struct bpf_program *program, struct rf_error *error)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), RF_PIN_DIRECTORY "/progs/%s", bpf_program__name(program));
	return rf_bpffs_replace_pin(bpf_program__fd(program), "program", path, error);
}

int rf_upgrade_pin(struct ringfence *skeleton, const struct rf_objects *objects,
		   struct rf_error *error)
{
	struct bpf_program *program = NULL;
	int ret = 0;

	for (size_t i = 0; i < RF_MAP_COUNT && !ret; i++)
		if (objects->maps[i] < 0)
			ret = pin_map(skeleton, i, error);
	/* All of them: what only answers questions must answer as those do that judge. */
	while (!ret && (program = bpf_object__next_program(skeleton->obj, program)))
		ret = pin_program(program, error);
	return ret;
}
