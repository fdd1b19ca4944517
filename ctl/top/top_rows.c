// SPDX-License-Identifier: Apache-2.0
#include "ctl/top/top_rows.h"
#include "ctl/output/clock.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Above the rows, and the cursor behind the last one. */
#define LINES_BESIDE_ROWS 4

const char *const top_sort_names[] = {
	[TOP_SORT_PACKETS] = "packets",   [TOP_SORT_BITS] = "bits",
	[TOP_SORT_DENIES] = "denies",     [TOP_SORT_NEW_FLOWS] = "new-flows",
	[TOP_SORT_SESSIONS] = "sessions", NULL,
};

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
	static uint64_t (*const keys[])(const struct top_rate *) = {
		[TOP_SORT_PACKETS] = by_packets,   [TOP_SORT_BITS] = by_bits,
		[TOP_SORT_DENIES] = by_denies,     [TOP_SORT_NEW_FLOWS] = by_new_flows,
		[TOP_SORT_SESSIONS] = by_sessions,
	};
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

void top_add_quantities(cJSON *row, const uint64_t packets[RF_DIRECTIONS],
			const uint64_t bits[RF_DIRECTIONS])
{
	add_quantity(row, "inPackets", packets[RF_INGRESS]);
	add_quantity(row, "outPackets", packets[RF_EGRESS]);
	add_quantity(row, "inBits", bits[RF_INGRESS]);
	add_quantity(row, "outBits", bits[RF_EGRESS]);
}

static cJSON *row_of(const struct top_view *view, const struct top_rate *rate)
{
	cJSON *row = cJSON_CreateObject();
	const struct pod *pod;

	cJSON_AddStringToObject(row, "pod", names_pod(view->names, rate->id, rate->incarnation));
	pod = pods_by_id(&view->names->pods, rate->id, rate->incarnation);
	if (pod)
		cJSON_AddStringToObject(row, "interface", pod->record.host_interface);
	top_add_quantities(row, rate->packets, rate->bits);
	add_quantity(row, "denies", rate->denies);
	add_quantity(row, "newFlows", rate->new_flows);
	row_add_number(row, "sessions", rate->sessions);
	return row;
}

size_t top_rows_shown(const struct top_view *view, size_t count, int lines)
{
	size_t room = lines > LINES_BESIDE_ROWS ? (size_t)(lines - LINES_BESIDE_ROWS) : 0;

	if (view->limit && count > view->limit)
		count = view->limit;
	return lines && count > room ? room : count;
}

void top_print_head(const struct top_view *view, const char *what, int lines)
{
	char time[CLOCK_TEXT];

	clock_time_of_day(clock_now(), time);
	*strchr(time, '.') = '\0';
	printf("%s  %s, every %llu s, by %s%s\n\n", time, what, (unsigned long long)view->interval,
	       top_sort_names[view->sort], lines ? "; q ends" : "");
}

void top_print(const struct top_view *view, const struct top_rate *rates, size_t count, int lines)
{
	size_t shown = top_rows_shown(view, count, lines);
	struct table *table;
	char what[32];

	snprintf(what, sizeof(what), "%zu pod%s", count, count == 1 ? "" : "s");
	top_print_head(view, what, lines);
	table = table_begin(false, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < shown; i++)
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

void top_add_rates(cJSON *row, const uint64_t packets[RF_DIRECTIONS],
		   const uint64_t bits[RF_DIRECTIONS])
{
	cJSON_AddItemToObject(row, "packetsPerSecond", directions(packets));
	cJSON_AddItemToObject(row, "bitsPerSecond", directions(bits));
}

cJSON *top_json_begin(uint64_t nanoseconds)
{
	cJSON *object = cJSON_CreateObject();
	char text[CLOCK_TEXT];

	cJSON_AddStringToObject(object, "time", clock_rfc3339(clock_now(), text));
	row_add_number(object, "milliseconds", nanoseconds / 1000000);
	return object;
}

cJSON *top_json(const struct top_view *view, const struct top_rate *rates, size_t count,
		uint64_t nanoseconds)
{
	cJSON *object = top_json_begin(nanoseconds), *pods;

	pods = cJSON_AddArrayToObject(object, "pods");
	for (size_t i = 0; i < top_rows_shown(view, count, 0); i++) {
		cJSON *row = cJSON_CreateObject();

		names_add_pod(view->names, row, rates[i].id, rates[i].incarnation);
		top_add_rates(row, rates[i].packets, rates[i].bits);
		row_add_number(row, "deniesPerSecond", rates[i].denies);
		row_add_number(row, "newFlowsPerSecond", rates[i].new_flows);
		row_add_number(row, "sessions", rates[i].sessions);
		cJSON_AddItemToArray(pods, row);
	}
	return object;
}
