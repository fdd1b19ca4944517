// SPDX-License-Identifier: Apache-2.0
#include "dataplane/map_batch.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <stdbool.h>
#include <string.h>

#define KEY_SIZE_MAX   128
#define VALUE_SIZE_MAX 128

/* A batch holds whole buckets of the kernel's table, so it must hold the fullest. */
#define BATCH 4096

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

int rf_map_each(int map, size_t key_size, size_t value_size,
		void (*visit)(const void *key, const void *value, void *context), void *context)
{
	_cleanup_free_ char *keys = calloc(BATCH, key_size);
	_cleanup_free_ char *values = calloc(BATCH, value_size);
	__u32 position = 0, count;
	bool first = true, more = true;

	if (!keys || !values)
		return -ENOMEM;
	while (more) {
		count = BATCH;
		if (bpf_map_lookup_batch(map, first ? NULL : &position, &position, keys, values,
					 &count, NULL)) {
			if (errno != ENOENT)
				return -errno;
			more = false;
		}
		first = false;
		for (__u32 i = 0; i < count; i++)
			visit(at(keys, key_size, i), at(values, value_size, i), context);
	}
	return 0;
}

int rf_map_count_missing(int map, const struct rf_map_entries *entries, size_t *missing)
{
	char value[VALUE_SIZE_MAX];
	size_t count = 0;

	for (size_t i = 0; i < entries->count; i++) {
		int ret = bpf_map_lookup_elem(map, at(entries->keys, entries->key_size, i), value);

		if (ret && errno != ENOENT)
			return -errno;
		count += ret || memcmp(value, at(entries->values, entries->value_size, i),
				       entries->value_size);
	}
	*missing = count;
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
