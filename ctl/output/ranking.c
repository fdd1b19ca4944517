// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/ranking.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 1024

/* A place is a rank with the item behind it, and aligned as the rank is. */
static size_t place_size(const struct ranking *ranking)
{
	size_t alignment = sizeof(uint64_t);

	return sizeof(uint64_t) + (ranking->item_size + alignment - 1) / alignment * alignment;
}

static char *place(const struct ranking *ranking, size_t index)
{
	return ranking->places + index * place_size(ranking);
}

static const char *item_in(const char *place)
{
	return place + sizeof(uint64_t);
}

static void fill(const struct ranking *ranking, size_t index, uint64_t rank, const void *item)
{
	char *at = place(ranking, index);

	memcpy(at, &rank, sizeof(rank));
	memcpy(at + sizeof(rank), item, ranking->item_size);
}

/* Which of two comes first: below 0, the one. */
static int compare(const void *one, const void *other, void *context)
{
	const struct ranking *ranking = context;
	uint64_t ranks[2];

	memcpy(&ranks[0], one, sizeof(ranks[0]));
	memcpy(&ranks[1], other, sizeof(ranks[1]));
	if (ranks[0] != ranks[1])
		return ranks[0] < ranks[1] ? 1 : -1;
	return memcmp(item_in(one), item_in(other), ranking->key_size);
}

static bool is_behind(struct ranking *ranking, size_t one, size_t other)
{
	return compare(place(ranking, one), place(ranking, other), ranking) > 0;
}

static void swap(const struct ranking *ranking, size_t one, size_t other)
{
	uint64_t *a = (uint64_t *)place(ranking, one), *b = (uint64_t *)place(ranking, other);

	for (size_t i = 0; i < place_size(ranking) / sizeof(*a); i++) {
		uint64_t copy = a[i];

		a[i] = b[i];
		b[i] = copy;
	}
}

/* The places are a heap whose root is the last of them all: it is the next to go. */
static void sink(struct ranking *ranking)
{
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= ranking->count)
			return;
		if (child + 1 < ranking->count && is_behind(ranking, child + 1, child))
			child++;
		if (!is_behind(ranking, child, at))
			return;
		swap(ranking, at, child);
		at = child;
	}
}

static void rise(struct ranking *ranking)
{
	size_t at = ranking->count - 1;

	for (; at && is_behind(ranking, at, (at - 1) / 2); at = (at - 1) / 2)
		swap(ranking, at, (at - 1) / 2);
}

/* True if an item comes before the one that is the next to go. */
static bool is_among_the_first(const struct ranking *ranking, uint64_t rank, const void *item)
{
	const char *last = place(ranking, 0);
	uint64_t lowest;

	memcpy(&lowest, last, sizeof(lowest));
	return rank > lowest ||
	       (rank == lowest && memcmp(item, item_in(last), ranking->key_size) < 0);
}

static bool grow(struct ranking *ranking)
{
	size_t capacity = ranking->capacity ? ranking->capacity * 2 : CAPACITY_FIRST;
	char *places = reallocarray(ranking->places, capacity, place_size(ranking));

	if (!places)
		return false;
	ranking->places = places;
	ranking->capacity = capacity;
	return true;
}

bool ranking_add(struct ranking *ranking, uint64_t rank, const void *item)
{
	if (ranking->limit && ranking->count == ranking->limit) {
		if (is_among_the_first(ranking, rank, item)) {
			fill(ranking, 0, rank, item);
			sink(ranking);
		}
		return true;
	}
	if (ranking->count == ranking->capacity && !grow(ranking))
		return false;
	fill(ranking, ranking->count++, rank, item);
	/* Without a limit nothing goes. */
	if (ranking->limit)
		rise(ranking);
	return true;
}

void ranking_sort(struct ranking *ranking)
{
	if (ranking->count)
		qsort_r(ranking->places, ranking->count, place_size(ranking), compare, ranking);
}

const void *ranking_item(const struct ranking *ranking, size_t index)
{
	return item_in(place(ranking, index));
}

void ranking_clear(struct ranking *ranking)
{
	ranking->count = 0;
}

void ranking_free(struct ranking *ranking)
{
	free(ranking->places);
	ranking->places = NULL;
	ranking->count = 0;
	ranking->capacity = 0;
}
