/* SPDX-License-Identifier: Apache-2.0 */
/* A table from 64-bit keys to indices of an array, which may have a key several times. */
#ifndef RINGFENCE_DATAPLANE_POLICY_LOOKUP_H
#define RINGFENCE_DATAPLANE_POLICY_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rf_lookup_slot {
	uint64_t key;
	uint32_t index_plus_1; /* 0: free */
};

struct rf_lookup {
	struct rf_lookup_slot *slots;
	size_t mask;
};

/* Make a table for @count keys. -ENOMEM. The caller owns *@out (rf_lookup_free()). */
int rf_lookup_make(size_t count, struct rf_lookup *out);

/* Add a key; of no more than the table was made for. */
void rf_lookup_add(struct rf_lookup *lookup, uint64_t key, uint32_t index);

/* The next index of @key, from *@cursor on, which is 0 at first. False at the end. */
bool rf_lookup_next(const struct rf_lookup *lookup, uint64_t key, size_t *cursor, uint32_t *index);

void rf_lookup_free(struct rf_lookup *lookup);
#define _cleanup_lookup_ __attribute__((cleanup(rf_lookup_free)))

#endif
