// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/lookup.h"

#include <errno.h>
#include <stdlib.h>

int rf_lookup_make(size_t count, struct rf_lookup *out)
{
	size_t size = 2;

	/* At most half full, so that a search ends. */
	while (size < 2 * count)
		size *= 2;
	out->slots = calloc(size, sizeof(*out->slots));
	out->mask = size - 1;
	return out->slots ? 0 : -ENOMEM;
}

static size_t first_slot(const struct rf_lookup *lookup, uint64_t key)
{
	return (key * 0x9e3779b97f4a7c15u >> 32) & lookup->mask;
}

void rf_lookup_add(struct rf_lookup *lookup, uint64_t key, uint32_t index)
{
	size_t slot = first_slot(lookup, key);

	while (lookup->slots[slot].index_plus_1)
		slot = (slot + 1) & lookup->mask;
	lookup->slots[slot] = (struct rf_lookup_slot){.key = key, .index_plus_1 = index + 1};
}

bool rf_lookup_next(const struct rf_lookup *lookup, uint64_t key, size_t *cursor, uint32_t *index)
{
	const struct rf_lookup_slot *slot;

	do {
		slot = &lookup->slots[(first_slot(lookup, key) + *cursor) & lookup->mask];
		++*cursor;
	} while (slot->index_plus_1 && slot->key != key);
	*index = slot->index_plus_1 - 1;
	return slot->index_plus_1;
}

void rf_lookup_free(struct rf_lookup *lookup)
{
	free(lookup->slots);
	*lookup = (struct rf_lookup){};
}
