/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of a pod, as `stats` and `pod show` have them. */
#ifndef RINGFENCE_CTL_POD_COUNTER_ROWS_H
#define RINGFENCE_CTL_POD_COUNTER_ROWS_H

#include "bpf/abi.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

/* Which of them are meant. */
struct counter_filter {
	uint64_t directions; /* a bit for each; 0: both */
	uint64_t reasons;    /* the same */
};

/* Packets and bytes, by direction and by enum rf_verdict. */
struct counter_sums {
	struct rf_count count[RF_DIRECTIONS][2];
};

/* Call @visit for each counter that is not zero and is meant. */
void counters_each(const struct rf_pod_counters *counters, const struct counter_filter *filter,
		   void (*visit)(int direction, uint32_t reason, const struct rf_count *count,
				 void *context),
		   void *context);

/* An object with `direction`, `verdict`, `reason`, `packets` and `bytes`; the caller's. */
cJSON *counter_row(int direction, uint32_t reason, const struct rf_count *count);

/* The array of those that are not zero and are meant; the caller's. */
cJSON *counters_array(const struct rf_pod_counters *counters, const struct counter_filter *filter);

void counters_sum(struct counter_sums *sums, const struct rf_pod_counters *counters,
		  const struct counter_filter *filter);

/* Add `eventsLost`: how many events of each kind no reader has seen. */
void counters_add_lost(cJSON *row, const struct rf_events_lost *lost);

/* "allow" or "deny", by what the reason's verdict is. */
const char *counter_verdict(uint32_t reason);

#endif
