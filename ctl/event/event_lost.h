/* SPDX-License-Identifier: Apache-2.0 */
/* How many events no reader will see. */
#ifndef RINGFENCE_CTL_EVENT_EVENT_LOST_H
#define RINGFENCE_CTL_EVENT_EVENT_LOST_H

#include "dataplane/objects.h"
#include "netconf/error.h"

#include <stdbool.h>

/* By enum rf_event_ring, what an event in it is called. */
extern const char *const event_ring_names[RF_EVENT_RINGS];

struct lost_watch {
	const struct rf_objects *objects;
	bool has_pod; /* only this one is looked at: */
	uint32_t pod_id;
	uint32_t incarnation;
	struct rf_events_lost *last; /* by pod id */
	struct rf_events_lost total; /* since the watch began */
};

/* Begin to watch. The caller owns *@watch (lost_watch_end()), whose @objects, and @has_pod with
 * @pod_id and @incarnation, are set. */
int lost_watch_begin(struct lost_watch *watch, struct rf_error *error);
void lost_watch_end(struct lost_watch *watch);

/* What was lost since it was asked last, in *@out: true if it is anything. */
bool lost_watch_ask(struct lost_watch *watch, struct rf_events_lost *out);

/* The sum of all that @lost has. */
uint64_t lost_sum(const struct rf_events_lost *lost);

#endif
