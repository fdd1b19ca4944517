/* SPDX-License-Identifier: Apache-2.0 */
/* How `top` shows rates: what all of it has, and those of pods. */
#ifndef RINGFENCE_CTL_TOP_TOP_ROWS_H
#define RINGFENCE_CTL_TOP_TOP_ROWS_H

#include "ctl/top/top_sample.h"
#include "ctl/top/top_view.h"

#include <cjson/cJSON.h>

/* Of @count rows those for which there is room on a screen of @lines (0: it is none). */
size_t top_rows_shown(const struct top_view *view, size_t count, int lines);

/* Print the time, @what there is, and how it is looked at. */
void top_print_head(const struct top_view *view, const char *what, int lines);

/* Begin an object for programs: @nanoseconds have passed between the two looks. */
cJSON *top_json_begin(uint64_t nanoseconds);

/* Add rates in a second, for people and for programs. */
void top_add_quantities(cJSON *row, const uint64_t packets[RF_DIRECTIONS],
			const uint64_t bits[RF_DIRECTIONS]);
void top_add_rates(cJSON *row, const uint64_t packets[RF_DIRECTIONS],
		   const uint64_t bits[RF_DIRECTIONS]);

/* The most first, by what the view sorts by. */
void top_sort(const struct top_view *view, struct top_rate *rates, size_t count);

/* Print a head and a table of at most @lines together; 0: of all. */
void top_print(const struct top_view *view, const struct top_rate *rates, size_t count, int lines);

/* The same for programs: the caller's. */
cJSON *top_json(const struct top_view *view, const struct top_rate *rates, size_t count,
		uint64_t nanoseconds);

#endif
