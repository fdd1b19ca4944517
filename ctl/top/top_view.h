/* SPDX-License-Identifier: Apache-2.0 */
/* What `top` was asked for. */
#ifndef RINGFENCE_CTL_TOP_TOP_VIEW_H
#define RINGFENCE_CTL_TOP_TOP_VIEW_H

#include "ctl/pod/names.h"
#include "ctl/session/flow_filter.h"

/* What --sort takes; ended by NULL. */
extern const char *const top_sort_names[];

enum top_sort {
	TOP_SORT_PACKETS,
	TOP_SORT_BITS,
	/* Flows are not sorted by these. */
	TOP_SORT_DENIES,
	TOP_SORT_NEW_FLOWS,
	TOP_SORT_SESSIONS,
};

struct top_view {
	const struct rf_objects *objects;
	struct names *names;
	struct flow_filter filter; /* of a pod, or of none */
	unsigned int sort;         /* enum top_sort */
	uint64_t interval;         /* seconds */
	uint64_t limit;            /* rows at most; 0: all */
	bool json;
};

#endif
