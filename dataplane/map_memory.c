// SPDX-License-Identifier: Apache-2.0
#include "dataplane/map_memory.h"
#include "dataplane/files.h"
#include "dataplane/map_batch.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each node of a trie is allocated alone: kernel/bpf/lpm_trie.c, and mm/slab_common.c for sizes. */
#define TRIE_NODE      40
#define TRIE_PREFIXLEN 4 /* of the key, which the node has in its own 40 bytes */

static uint64_t allocation(uint64_t size)
{
	uint64_t power = 8;

	if (size > 64 && size <= 96)
		return 96;
	if (size > 128 && size <= 192)
		return 192;
	while (power < size)
		power *= 2;
	return power;
}

uint64_t rf_memory_of_trie(const struct rf_map_shape *shape, uint64_t entries)
{
	uint64_t node = TRIE_NODE + shape->key_size - TRIE_PREFIXLEN + shape->value_size;

	/* Where two branches part there is a node without an entry: one less than there are leaves.
	 */
	return entries ? (2 * entries - 1) * allocation(node) : 0;
}

#define LINE "\nmemlock:"

/* That line of the map's descriptor; 0 if it has none. */
static uint64_t account(int map)
{
	_cleanup_free_ char *text = NULL;
	const char *line;
	char path[64];
	size_t length;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", map);
	if (rf_read_file(path, &text, &length))
		return 0;
	line = strstr(text, LINE);
	return line ? strtoull(line + strlen(LINE), NULL, 10) : 0;
}

static int shape_of(int map, struct rf_map_shape *shape)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(map, &info, &size))
		return -errno;
	*shape = (struct rf_map_shape){
		.type = info.type,
		.key_size = info.key_size,
		.value_size = info.value_size,
		.max_entries = info.max_entries,
		.flags = info.map_flags,
	};
	return 0;
}

int rf_map_memory(const struct rf_objects *objects, uint64_t bytes[RF_MAP_COUNT])
{
	/* Between these kernels it is entries times key and value: nothing, for a ring. */
	bool has_account = account(objects->maps[RF_MAP_DENIES]) > 0;
	int cpus = libbpf_num_possible_cpus();

	for (int map = 0; map < RF_MAP_COUNT; map++) {
		struct rf_map_shape shape = {};
		int ret = shape_of(objects->maps[map], &shape);

		if (ret)
			return ret;
		if (shape.type == BPF_MAP_TYPE_LPM_TRIE)
			bytes[map] = rf_memory_of_trie(
				&shape, rf_map_count(objects->maps[map], shape.key_size));
		else
			bytes[map] = has_account ? account(objects->maps[map])
						 : rf_memlock_of_map(&shape, cpus > 0 ? cpus : 1);
	}
	return 0;
}
