/* SPDX-License-Identifier: Apache-2.0 */
/* The first so many sessions in an order, of however many there are. */
#ifndef RINGFENCE_CTL_SESSION_SESSION_RANKING_H
#define RINGFENCE_CTL_SESSION_SESSION_RANKING_H

#include "ctl/session/session_row.h"

struct ranked_session {
	uint64_t rank; /* what is sorted by: the highest comes first */
	struct session_entry entry;
};

struct session_ranking {
	size_t limit; /* 0: none; what is not among so many first is not kept */
	struct ranked_session *items;
	size_t count;
	size_t capacity;
};

/* Take @entry in, if it is among the first. False if memory is out. */
bool session_ranking_add(struct session_ranking *ranking, uint64_t rank,
			 const struct session_entry *entry);

/* Bring the items into their order; nothing may be added after that. */
void session_ranking_sort(struct session_ranking *ranking);

void session_ranking_free(struct session_ranking *ranking);

#endif
