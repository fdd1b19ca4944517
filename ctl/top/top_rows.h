/* SPDX-License-Identifier: Apache-2.0 */
/* How `top` shows rates. */
#ifndef RINGFENCE_CTL_TOP_TOP_ROWS_H
#define RINGFENCE_CTL_TOP_TOP_ROWS_H

#include "ctl/pod/names.h"
#include "ctl/top/top_sample.h"

/* What --sort takes; ended by NULL. */
extern const char *const top_sort_names[];

struct top_view {
	const struct rf_objects *objects;
	struct names *names;
	unsigned int sort; /* index in top_sort_names */
	uint64_t interval; /* seconds */
	bool json;
};

/* The most first, by what the view sorts by. */
void top_sort(const struct top_view *view, struct top_rate *rates, size_t count);

/* Print a head and a table of at most @lines together; 0: of all. */
void top_print(const struct top_view *view, const struct top_rate *rates, size_t count, int lines);

/* The same for programs: the caller's. @nanoseconds have passed between the two looks. */
cJSON *top_json(const struct top_view *view, const struct top_rate *rates, size_t count,
		uint64_t nanoseconds);

#endif
