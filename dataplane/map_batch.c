// SPDX-License-Identifier: Apache-2.0
#include "dataplane/map_batch.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#define KEY_SIZE_MAX 128

static void *at(void *array, size_t size, size_t index)
{
	return (char *)array + size * index;
}

int rf_map_update_all(int map, const struct rf_map_entries *entries)
{
	__u32 count = entries->count;

	/* What a batch leaves out (LPM tries have none before 5.13) goes one by one, and says why.
	 */
	if (!count || !bpf_map_update_batch(map, entries->keys, entries->values, &count, NULL))
		return 0;
	for (size_t i = 0; i < entries->count; i++)
		if (bpf_map_update_elem(map, at(entries->keys, entries->key_size, i),
					at(entries->values, entries->value_size, i), BPF_ANY))
			return -errno;
	return 0;
}

int rf_map_delete_all(int map, const struct rf_map_entries *entries)
{
	__u32 count = entries->count;

	if (!count || !bpf_map_delete_batch(map, entries->keys, &count, NULL))
		return 0;
	for (size_t i = 0; i < entries->count; i++)
		if (bpf_map_delete_elem(map, at(entries->keys, entries->key_size, i)) &&
		    errno != ENOENT)
			return -errno;
	return 0;
}

size_t rf_map_count(int map, size_t key_size)
{
	char key[KEY_SIZE_MAX], next[KEY_SIZE_MAX];
	size_t count = 0;
	void *previous = NULL;

	while (!bpf_map_get_next_key(map, previous, next)) {
		memcpy(key, next, key_size);
		previous = key;
		count++;
	}
	return count;
}
