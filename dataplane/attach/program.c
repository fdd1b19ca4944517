// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/program.h"
#include "dataplane/maps.h"
#include "dataplane/objects.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>

/* Of one program; more are not looked at. */
#define MAPS_MAX 64

static int program_name(uint32_t id, char name[BPF_OBJ_NAME_LEN])
{
	struct bpf_prog_info information = {};
	__u32 size = sizeof(information);
	_cleanup_close_ int program = bpf_prog_get_fd_by_id(id);

	if (program < 0 || bpf_obj_get_info_by_fd(program, &information, &size))
		return -errno;
	memcpy(name, information.name, BPF_OBJ_NAME_LEN);
	return 0;
}

const char *rf_program_text(uint32_t id, char text[RF_PROGRAM_TEXT])
{
	char name[BPF_OBJ_NAME_LEN] = "";

	if (!program_name(id, name) && name[0])
		snprintf(text, RF_PROGRAM_TEXT, "program %u \"%s\"", id, name);
	else
		snprintf(text, RF_PROGRAM_TEXT, "program %u", id);
	return text;
}

int rf_program_is_ours(uint32_t id, enum rf_direction direction, bool *ours)
{
	char name[BPF_OBJ_NAME_LEN] = "";
	int ret = program_name(id, name);

	*ours = !ret && !strcmp(name, rf_program_names[direction]);
	return ret == -ENOENT ? 0 : ret;
}

/* The ids of the maps of program @id. Returns how many, or -errno. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the kernel writes there */
static int program_maps(uint32_t id, __u32 maps[MAPS_MAX])
{
	struct bpf_prog_info information = {
		.nr_map_ids = MAPS_MAX,
		.map_ids = (uintptr_t)maps,
	};
	__u32 size = sizeof(information);
	_cleanup_close_ int program = bpf_prog_get_fd_by_id(id);

	if (program < 0 || bpf_obj_get_info_by_fd(program, &information, &size))
		return -errno;
	return information.nr_map_ids < MAPS_MAX ? (int)information.nr_map_ids : MAPS_MAX;
}

int rf_program_uses(uint32_t id, enum rf_direction direction, uint32_t map, bool *uses)
{
	__u32 maps[MAPS_MAX] = {};
	bool ours = false;
	int count, ret = rf_program_is_ours(id, direction, &ours);

	*uses = false;
	if (ret || !ours)
		return ret;
	count = program_maps(id, maps);
	for (int i = 0; i < count; i++)
		*uses |= maps[i] == map;
	return count < 0 && count != -ENOENT ? count : 0;
}

/* The maps that tell whose an interface is; their layout may be another load's. */
struct evidence {
	int interfaces;
	int pod_state;
};

static void close_evidence(struct evidence *evidence)
{
	rf_cleanup_close(&evidence->interfaces);
	rf_cleanup_close(&evidence->pod_state);
}

static bool is_map(const struct bpf_map_info *information, enum rf_map map, size_t value_size)
{
	return !strcmp(information->name, rf_map_name(map)) &&
	       information->key_size == sizeof(__u32) && information->value_size == value_size;
}

static int take_map(struct evidence *evidence, uint32_t id)
{
	struct bpf_map_info information = {};
	__u32 size = sizeof(information);
	_cleanup_close_ int map = bpf_map_get_fd_by_id(id);

	if (map < 0 || bpf_obj_get_info_by_fd(map, &information, &size))
		return -errno;
	if (evidence->interfaces < 0 && is_map(&information, RF_MAP_INTERFACES, sizeof(__u32)))
		evidence->interfaces = TAKE_FD(map);
	else if (evidence->pod_state < 0 &&
		 is_map(&information, RF_MAP_POD_STATE, sizeof(struct rf_pod_state)))
		evidence->pod_state = TAKE_FD(map);
	return 0;
}

static int gather(struct evidence *evidence, uint32_t id)
{
	__u32 maps[MAPS_MAX] = {};
	int count = program_maps(id, maps), ret = count < 0 ? count : 0;

	for (int i = 0; i < count && !ret; i++)
		ret = take_map(evidence, maps[i]);
	return ret;
}

/* The value of @key; ENOENT if there is none. */
static int look_up(int map, uint32_t key, void *value)
{
	if (map < 0)
		return -ENOENT;
	return bpf_map_lookup_elem(map, &key, value) ? -errno : 0;
}

int rf_program_serves(uint32_t id, uint32_t ifindex, uint64_t owner, bool *serves)
{
	__attribute__((cleanup(close_evidence))) struct evidence evidence = {-1, -1};
	struct rf_pod_state state = {};
	uint32_t pod_id;
	int ret = gather(&evidence, id);

	if (!ret)
		ret = look_up(evidence.interfaces, ifindex, &pod_id);
	if (!ret)
		ret = look_up(evidence.pod_state, pod_id, &state);
	*serves = !ret && state.owner == owner;
	return ret == -ENOENT ? 0 : ret;
}
