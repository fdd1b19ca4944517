// SPDX-License-Identifier: Apache-2.0
#include "ctl/event/event_lost.h"
#include "dataplane/counters.h"

#include <errno.h>
#include <stdlib.h>

const char *const event_ring_names[RF_EVENT_RINGS] = {
	[RF_EVENTS_DENIES] = "deny", [RF_EVENTS_FLOWS] = "flow"};

/* That of interfaces without a pod too. Of a pod that has gone, until another one has its id. */
static bool is_watched(const struct lost_watch *watch, uint32_t id)
{
	uint32_t incarnation = watch->objects->pod_state[id].incarnation;

	if (watch->has_pod)
		return id == watch->pod_id && (!incarnation || incarnation == watch->incarnation);
	return !id || incarnation;
}

/* An id that was given to another pod has begun at zero. */
static uint64_t growth(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : now;
}

bool lost_watch_ask(struct lost_watch *watch, struct rf_events_lost *out)
{
	*out = (struct rf_events_lost){};
	for (uint32_t id = 0; id < watch->objects->max_entries[RF_MAP_EVENTS_LOST]; id++) {
		struct rf_events_lost now, *last = &watch->last[id];

		if (!is_watched(watch, id) || rf_events_lost_read(watch->objects, id, &now))
			continue;
		for (int ring = 0; ring < RF_EVENT_RINGS; ring++) {
			out->limited[ring] += growth(now.limited[ring], last->limited[ring]);
			out->full[ring] += growth(now.full[ring], last->full[ring]);
		}
		*last = now;
	}
	for (int ring = 0; ring < RF_EVENT_RINGS; ring++) {
		watch->total.limited[ring] += out->limited[ring];
		watch->total.full[ring] += out->full[ring];
	}
	return lost_sum(out);
}

int lost_watch_begin(struct lost_watch *watch, struct rf_error *error)
{
	struct rf_events_lost before;

	watch->last = calloc(watch->objects->max_entries[RF_MAP_EVENTS_LOST], sizeof(*watch->last));
	if (!watch->last)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "count lost events");
	lost_watch_ask(watch, &before);
	watch->total = (struct rf_events_lost){};
	return 0;
}

void lost_watch_end(struct lost_watch *watch)
{
	free(watch->last);
	watch->last = NULL;
}

uint64_t lost_sum(const struct rf_events_lost *lost)
{
	uint64_t sum = 0;

	for (int ring = 0; ring < RF_EVENT_RINGS; ring++)
		sum += lost->limited[ring] + lost->full[ring];
	return sum;
}
