/* SPDX-License-Identifier: Apache-2.0 */
/* The first so many items in an order, of however many there are. */
#ifndef RINGFENCE_CTL_OUTPUT_RANKING_H
#define RINGFENCE_CTL_OUTPUT_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero but for the first three is empty. */
struct ranking {
	size_t item_size; /* bytes */
	size_t key_size;  /* bytes with which an item begins: equal ranks come in their order */
	size_t limit;     /* 0: none; what is not among so many first is not kept */
	char *places;
	size_t count;
	size_t capacity;
};

/* Take a copy of @item in, if it is among the first: the highest @rank is the very first. False if
 * memory is out. */
bool ranking_add(struct ranking *ranking, uint64_t rank, const void *item);

/* Bring the items into their order; nothing may be added after that, but to an empty one. */
void ranking_sort(struct ranking *ranking);

/* The item at @index, from 0 on; valid until the next one is added. */
const void *ranking_item(const struct ranking *ranking, size_t index);

/* Forget the items. The memory is kept for others. */
void ranking_clear(struct ranking *ranking);

void ranking_free(struct ranking *ranking);

#endif
