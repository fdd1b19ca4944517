/* SPDX-License-Identifier: Apache-2.0 */
/* Many entries in one system call, where the kernel can; else one by one. */
#ifndef RINGFENCE_DATAPLANE_MAP_BATCH_H
#define RINGFENCE_DATAPLANE_MAP_BATCH_H

#include <stddef.h>

/* @count keys and values, each array without gaps. */
struct rf_map_entries {
	void *keys;
	void *values; /* not needed to delete */
	size_t key_size;
	size_t value_size;
	size_t count;
};

/* Write all of them. 0, or -errno of the first that the map refuses: then some may be written. */
int rf_map_update_all(int map, const struct rf_map_entries *entries);

/* Delete all of them, in order; those that are not there are fine. 0 or -errno. */
int rf_map_delete_all(int map, const struct rf_map_entries *entries);

/*
 * Call @visit for every entry of a hash map, read in batches while others go on writing: an entry
 * that comes or goes meanwhile may be seen or not; @visit may delete. 0 or -errno.
 */
int rf_map_each(int map, size_t key_size, size_t value_size,
		void (*visit)(const void *key, const void *value, void *context), void *context);

/*
 * How many of @entries the map does not give back when it is asked for their keys. Of an LPM trie,
 * one that is missing counts only if what covers it has another value. 0 or -errno.
 */
int rf_map_count_missing(int map, const struct rf_map_entries *entries, size_t *missing);

/* How many entries the map holds. */
size_t rf_map_count(int map, size_t key_size);

#endif
