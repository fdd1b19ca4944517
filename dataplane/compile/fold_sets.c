/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/compile/fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int rf_rank_sets_init(struct rf_rank_sets *sets, size_t most)
{
	size_t slots = 2;

	/* At most half full, with one more set, which is the empty one. */
	while (slots < 2 * (most + 1))
		slots *= 2;
	sets->sets = calloc(most + 1, sizeof(*sets->sets));
	sets->table = calloc(slots, sizeof(*sets->table));
	if (!sets->sets || !sets->table)
		return -ENOMEM;
	sets->table_mask = slots - 1;
	sets->set_count = 1;
	return 0;
}

void rf_rank_sets_free(struct rf_rank_sets *sets)
{
	free(sets->ranks);
	free(sets->sets);
	free(sets->table);
}

/* Mixed well enough for sets that differ in one rank; equality is compared in full. */
static uint64_t hash_ranks(const uint32_t *ranks, size_t count)
{
	uint64_t hash = count;

	for (size_t i = 0; i < count; i++) {
		hash = (hash ^ ranks[i]) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	return hash;
}

size_t rf_rank_sets_intern(struct rf_rank_sets *sets, size_t count, bool *is_new)
{
	const uint32_t *ranks = sets->ranks + sets->used;
	struct rf_rank_set set = {.start = sets->used, .count = count};
	size_t slot;

	*is_new = false;
	if (!count)
		return 0;
	set.hash = hash_ranks(ranks, count);
	for (slot = set.hash & sets->table_mask; sets->table[slot];
	     slot = (slot + 1) & sets->table_mask) {
		size_t index = sets->table[slot] - 1;
		const struct rf_rank_set *other = &sets->sets[index];

		if (other->hash == set.hash && other->count == count &&
		    !memcmp(sets->ranks + other->start, ranks, count * sizeof(*ranks)))
			return index;
	}
	*is_new = true;
	sets->sets[sets->set_count] = set;
	sets->table[slot] = (uint32_t)++sets->set_count;
	sets->used += count;
	return sets->set_count - 1;
}
