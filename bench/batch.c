// SPDX-License-Identifier: Apache-2.0
/*
 * What it takes to read all sessions at all: a process that gets them from the kernel in batches,
 * and does nothing with them.
 *
 *   batch MAPS    prints how many there are in MAPS/sessions and MAPS/half_open
 */
#include "bpf/abi.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH 4096

static size_t count(const char *maps, const char *name)
{
	static struct rf_flow_key keys[BATCH];
	static struct rf_session values[BATCH];
	__u32 position = 0, size;
	void *from = NULL;
	size_t sum = 0;
	char path[512];
	int map, ret;

	snprintf(path, sizeof(path), "%s/%s", maps, name);
	map = bpf_obj_get(path);
	do {
		size = BATCH;
		ret = bpf_map_lookup_batch(map, from, &position, keys, values, &size, NULL);
		if (ret && errno != ENOENT) {
			perror(path);
			exit(EXIT_FAILURE);
		}
		sum += size;
		from = &position;
	} while (!ret);
	return sum;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return EXIT_FAILURE;
	printf("%zu\n", count(argv[1], "sessions") + count(argv[1], "half_open"));
	return EXIT_SUCCESS;
}
