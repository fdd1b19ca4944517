// SPDX-License-Identifier: Apache-2.0
#include "ctl/pod/counter_rows.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"
#include "dataplane/counters.h"

void counters_each(const struct rf_pod_counters *counters, const struct counter_filter *filter,
		   void (*visit)(int direction, uint32_t reason, const struct rf_count *count,
				 void *context),
		   void *context)
{
	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		for (uint32_t reason = 0; reason < RF_REASON_COUNT; reason++) {
			const struct rf_count *count = &counters->count[direction][reason];

			if (!count->packets ||
			    (filter->directions && !(filter->directions >> direction & 1)) ||
			    (filter->reasons && !(filter->reasons >> reason & 1)))
				continue;
			visit(direction, reason, count, context);
		}
}

const char *counter_verdict(uint32_t reason)
{
	return rf_reason_allows(reason) ? "allow" : "deny";
}

cJSON *counter_row(int direction, uint32_t reason, const struct rf_count *count)
{
	cJSON *row = cJSON_CreateObject();

	cJSON_AddStringToObject(row, "direction", text_direction(direction));
	cJSON_AddStringToObject(row, "verdict", counter_verdict(reason));
	cJSON_AddStringToObject(row, "reason", rf_reason_name(reason));
	row_add_number(row, "packets", count->packets);
	row_add_number(row, "bytes", count->bytes);
	return row;
}

static void add_to_array(int direction, uint32_t reason, const struct rf_count *count,
			 void *context)
{
	cJSON_AddItemToArray(context, counter_row(direction, reason, count));
}

cJSON *counters_array(const struct rf_pod_counters *counters, const struct counter_filter *filter)
{
	cJSON *array = cJSON_CreateArray();

	counters_each(counters, filter, add_to_array, array);
	return array;
}

static void add_to_sums(int direction, uint32_t reason, const struct rf_count *count, void *context)
{
	struct counter_sums *sums = context;
	struct rf_count *sum = &sums->count[direction][rf_reason_allows(reason)];

	sum->packets += count->packets;
	sum->bytes += count->bytes;
}

void counters_sum(struct counter_sums *sums, const struct rf_pod_counters *counters,
		  const struct counter_filter *filter)
{
	counters_each(counters, filter, add_to_sums, sums);
}

void counters_add_lost(cJSON *row, const struct rf_events_lost *lost)
{
	static const char *const keys[RF_EVENT_RINGS] = {
		[RF_EVENTS_DENIES] = "denies", [RF_EVENTS_FLOWS] = "flows"};
	cJSON *object = cJSON_AddObjectToObject(row, "eventsLost");

	for (int ring = 0; ring < RF_EVENT_RINGS; ring++) {
		cJSON *kind = cJSON_AddObjectToObject(object, keys[ring]);

		row_add_number(kind, "beyondRate", lost->limited[ring]);
		row_add_number(kind, "unread", lost->full[ring]);
	}
}
