/* SPDX-License-Identifier: Apache-2.0 */
/* `top` by flow: what has been added to the counters of sessions since the look before. */
#ifndef RINGFENCE_CTL_TOP_TOP_FLOWS_H
#define RINGFENCE_CTL_TOP_TOP_FLOWS_H

#include "ctl/output/ranking.h"
#include "ctl/session/session_filter.h"
#include "ctl/session/session_row.h"
#include "ctl/top/flow_memory.h"
#include "ctl/top/top_view.h"

/* One flow, in a second. */
struct top_flow {
	struct session_entry entry;
	uint64_t packets[RF_DIRECTIONS];
	uint64_t bits[RF_DIRECTIONS];
};

/* A flow, and when it was read: ns, CLOCK_MONOTONIC. */
struct flow_reading {
	struct session_entry entry;
	uint64_t time;
};

#define FLOW_READINGS 64

/* All zero before the first look. */
struct top_flows {
	struct session_filter filter;
	struct flow_memory memory;
	struct flow_reading read[FLOW_READINGS]; /* and not yet compared */
	size_t read_count;
	struct ranking first; /* of struct top_flow: those with packets that can be shown */
	size_t count;         /* of all flows */
	size_t with_packets;  /* since the look before */
	uint64_t nanoseconds; /* since then */
	unsigned int sort;    /* enum top_sort */
	bool is_short_of_memory;
};

/* Look again. LOAD if a map cannot be read, INTERNAL if memory is out. */
int top_flows_look(struct top_flows *flows, const struct top_view *view, struct rf_error *error);

/* Print the first of those that had packets between the last two looks, within @lines (0: no
 * screen). */
void top_flows_show(const struct top_flows *flows, const struct top_view *view, int lines);

void top_flows_free(struct top_flows *flows);

#endif
