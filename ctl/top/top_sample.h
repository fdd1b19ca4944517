/* SPDX-License-Identifier: Apache-2.0 */
/* What pods do in a time: the difference of two looks at their counters. */
#ifndef RINGFENCE_CTL_TOP_TOP_SAMPLE_H
#define RINGFENCE_CTL_TOP_TOP_SAMPLE_H

#include "dataplane/objects.h"
#include "netconf/error.h"

/* One pod at one time. */
struct top_pod {
	uint32_t id;
	uint32_t incarnation; /* 0: no pod */
	uint32_t sessions;
	struct rf_pod_counters counters;
};

/* All pods at one time, by pod id. */
struct top_sample {
	uint64_t time; /* ns, CLOCK_MONOTONIC */
	uint32_t count;
	struct top_pod *pods;
};

/* Of one pod, in a second. */
struct top_rate {
	uint32_t id;
	uint32_t incarnation;
	uint32_t sessions;               /* now */
	uint64_t packets[RF_DIRECTIONS]; /* those that passed */
	uint64_t bits[RF_DIRECTIONS];    /* the same */
	uint64_t denies;                 /* those of mode audit, which pass, too */
	uint64_t new_flows;
};

/* Look at all pods. The caller owns *@out (top_sample_free()). LOAD if a map cannot be read. */
int top_sample_take(const struct rf_objects *objects, struct top_sample *out,
		    struct rf_error *error);
void top_sample_free(struct top_sample *sample);

/* The rates between @before and @now of the pods that are there @now: *@count of them, the
 * caller's (free()). NULL if memory is out. A pod that was not there @before began at zero. */
struct top_rate *top_rates(const struct top_sample *before, const struct top_sample *now,
			   size_t *count);

#endif
