// SPDX-License-Identifier: Apache-2.0
#include "ctl/session/session_ranking.h"

#include <stdlib.h>

static void swap(struct ranked_session *a, struct ranked_session *b)
{
	struct ranked_session copy = *a;

	*a = *b;
	*b = copy;
}

/* The items are a heap whose root has the lowest rank: it is the next to go. */
static void sink(struct session_ranking *ranking)
{
	struct ranked_session *items = ranking->items;
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= ranking->count)
			return;
		if (child + 1 < ranking->count && items[child + 1].rank < items[child].rank)
			child++;
		if (items[at].rank <= items[child].rank)
			return;
		swap(&items[at], &items[child]);
		at = child;
	}
}

static void rise(struct session_ranking *ranking)
{
	struct ranked_session *items = ranking->items;

	for (size_t at = ranking->count - 1; at; at = (at - 1) / 2) {
		if (items[(at - 1) / 2].rank <= items[at].rank)
			return;
		swap(&items[(at - 1) / 2], &items[at]);
	}
}

bool session_ranking_add(struct session_ranking *ranking, uint64_t rank,
			 const struct session_entry *entry)
{
	if (ranking->limit && ranking->count == ranking->limit) {
		if (rank > ranking->items[0].rank) {
			ranking->items[0] = (struct ranked_session){rank, *entry};
			sink(ranking);
		}
		return true;
	}
	if (ranking->count == ranking->capacity) {
		size_t capacity = ranking->capacity ? ranking->capacity * 2 : 1024;
		struct ranked_session *items =
			reallocarray(ranking->items, capacity, sizeof(*items));

		if (!items)
			return false;
		ranking->items = items;
		ranking->capacity = capacity;
	}
	ranking->items[ranking->count++] = (struct ranked_session){rank, *entry};
	/* Without a limit nothing goes. */
	if (ranking->limit)
		rise(ranking);
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct ranked_session *one = a, *other = b;

	return one->rank < other->rank ? 1 : -(one->rank > other->rank);
}

void session_ranking_sort(struct session_ranking *ranking)
{
	if (ranking->count)
		qsort(ranking->items, ranking->count, sizeof(*ranking->items), compare);
}

void session_ranking_free(struct session_ranking *ranking)
{
	free(ranking->items);
	*ranking = (struct session_ranking){};
}
