// SPDX-License-Identifier: Apache-2.0
#include "ctl/top/top_rows.h"
#include "ctl/output/clock.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const top_sort_names[] = {"packets", "bits", "denies", "new-flows", "sessions", NULL};

static uint64_t by_packets(const struct top_rate *rate)
{
	return rate->packets[RF_INGRESS] + rate->packets[RF_EGRESS];
}

static uint64_t by_bits(const struct top_rate *rate)
{
	return rate->bits[RF_INGRESS] + rate->bits[RF_EGRESS];
}

static uint64_t by_denies(const struct top_rate *rate)
{
	return rate->denies;
}

static uint64_t by_new_flows(const struct top_rate *rate)
{
	return rate->new_flows;
}

static uint64_t by_sessions(const struct top_rate *rate)
{
	return rate->sessions;
}

/* Equal ones keep their places from look to look. */
static int compare(const void *a, const void *b, void *key)
{
	uint64_t (*const *value)(const struct top_rate *) = key;
	uint64_t one = (*value)(a), other = (*value)(b);

	if (one != other)
		return one < other ? 1 : -1;
	return ((const struct top_rate *)a)->id < ((const struct top_rate *)b)->id ? -1 : 1;
}

void top_sort(const struct top_view *view, struct top_rate *rates, size_t count)
{
	static uint64_t (*const keys[])(const struct top_rate *) = {by_packets, by_bits, by_denies,
								    by_new_flows, by_sessions};
	uint64_t (*key)(const struct top_rate *) = keys[view->sort];

	qsort_r(rates, count, sizeof(*rates), compare, &key);
}

static enum style denies_style(const cJSON *denies)
{
	const char *text = cJSON_GetStringValue(denies);

	return text && strcmp(text, "0") != 0 ? STYLE_BAD : STYLE_PLAIN;
}

static const struct column columns[] = {
	{.title = "POD", .key = "pod"},
	{.title = "INTERFACE", .key = "interface"},
	{.title = "IN PKT/S", .key = "inPackets", .is_right = true},
	{.title = "OUT PKT/S", .key = "outPackets", .is_right = true},
	{.title = "IN BIT/S", .key = "inBits", .is_right = true},
	{.title = "OUT BIT/S", .key = "outBits", .is_right = true},
	{.title = "DENIES/S", .key = "denies", .is_right = true, .style = denies_style},
	{.title = "NEW/S", .key = "newFlows", .is_right = true},
	{.title = "SESSIONS", .key = "sessions", .is_right = true},
};

static void add_quantity(cJSON *row, const char *key, uint64_t number)
{
	char text[8];

	cJSON_AddStringToObject(row, key, text_quantity(number, text));
}

static cJSON *row_of(const struct top_view *view, const struct top_rate *rate)
{
	cJSON *row = cJSON_CreateObject();
	const struct pod *pod;

	cJSON_AddStringToObject(row, "pod", names_pod(view->names, rate->id, rate->incarnation));
	pod = pods_by_id(&view->names->pods, rate->id, rate->incarnation);
	if (pod)
		cJSON_AddStringToObject(row, "interface", pod->record.host_interface);
	add_quantity(row, "inPackets", rate->packets[RF_INGRESS]);
	add_quantity(row, "outPackets", rate->packets[RF_EGRESS]);
	add_quantity(row, "inBits", rate->bits[RF_INGRESS]);
	add_quantity(row, "outBits", rate->bits[RF_EGRESS]);
	add_quantity(row, "denies", rate->denies);
	add_quantity(row, "newFlows", rate->new_flows);
	row_add_number(row, "sessions", rate->sessions);
	return row;
}

void top_print(const struct top_view *view, const struct top_rate *rates, size_t count, int lines)
{
	struct table *table;
	char time[CLOCK_TEXT];

	clock_time_of_day(clock_now(), time);
	*strchr(time, '.') = '\0';
	printf("%s  %zu pod%s, every %llu s, by %s%s\n\n", time, count, count == 1 ? "" : "s",
	       (unsigned long long)view->interval, top_sort_names[view->sort],
	       lines ? "; q ends" : "");
	table = table_begin(false, columns, sizeof(columns) / sizeof(columns[0]));
	/* Three lines are above the rows, and the cursor is behind the last one. */
	for (size_t i = 0; i < count && (!lines || (int)i < lines - 4); i++)
		table_row(table, row_of(view, &rates[i]));
	table_end(table);
	if (!lines)
		putchar('\n');
}

static cJSON *directions(const uint64_t rates[RF_DIRECTIONS])
{
	cJSON *object = cJSON_CreateObject();

	row_add_number(object, "ingress", rates[RF_INGRESS]);
	row_add_number(object, "egress", rates[RF_EGRESS]);
	return object;
}

cJSON *top_json(const struct top_view *view, const struct top_rate *rates, size_t count,
		uint64_t nanoseconds)
{
	cJSON *object = cJSON_CreateObject(), *pods;
	char text[CLOCK_TEXT];

	cJSON_AddStringToObject(object, "time", clock_rfc3339(clock_now(), text));
	row_add_number(object, "milliseconds", nanoseconds / 1000000);
	pods = cJSON_AddArrayToObject(object, "pods");
	for (size_t i = 0; i < count; i++) {
		cJSON *row = cJSON_CreateObject();

		names_add_pod(view->names, row, rates[i].id, rates[i].incarnation);
		cJSON_AddItemToObject(row, "packetsPerSecond", directions(rates[i].packets));
		cJSON_AddItemToObject(row, "bitsPerSecond", directions(rates[i].bits));
		row_add_number(row, "deniesPerSecond", rates[i].denies);
		row_add_number(row, "newFlowsPerSecond", rates[i].new_flows);
		row_add_number(row, "sessions", rates[i].sessions);
		cJSON_AddItemToArray(pods, row);
	}
	return object;
}
