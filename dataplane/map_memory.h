/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the kernel's memory the maps take. */
#ifndef RINGFENCE_DATAPLANE_MAP_MEMORY_H
#define RINGFENCE_DATAPLANE_MAP_MEMORY_H

#include "dataplane/memlock.h"
#include "dataplane/objects.h"

/*
 * Write what each map takes, in bytes, to @bytes. By the kernel's own account where it has one, as
 * Linux before 5.11 and from 6.4 on; else by rf_memlock_of_map(). What a trie takes follows its
 * entries, and the kernel does not count the nodes between them: at most rf_memory_of_trie().
 * 0 or -errno.
 */
int rf_map_memory(const struct rf_objects *objects, uint64_t bytes[RF_MAP_COUNT]);

/* What an LPM trie of @shape takes at most when it has @entries. */
uint64_t rf_memory_of_trie(const struct rf_map_shape *shape, uint64_t entries);

#endif
