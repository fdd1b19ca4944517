// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/clock.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"
#include "ctl/top/top_flows.h"
#include "ctl/top/top_rows.h"

#include <stdio.h>

/* What is sorted by comes first: a narrow terminal has no room for the last ones. */
static const struct column columns[] = {
	{.title = "IN PKT/S", .key = "inPackets", .is_right = true},
	{.title = "OUT PKT/S", .key = "outPackets", .is_right = true},
	{.title = "IN BIT/S", .key = "inBits", .is_right = true},
	{.title = "OUT BIT/S", .key = "outBits", .is_right = true},
	{.title = "PROTO", .key = "protocol"},
	{.title = "FROM", .key = "from"},
	{.title = "TO", .key = "to"},
	{.title = "POD", .key = "pod"},
	{.title = "OPENED", .key = "direction"},
	{.title = "ALLOWED BY", .key = "by", .style = session_judge_style},
};

static cJSON *row_of(const struct session_view *session_view, const struct top_flow *flow)
{
	cJSON *row = session_row_brief(session_view, &flow->entry);

	top_add_quantities(row, flow->packets, flow->bits);
	return row;
}

static void print(const struct top_flows *flows, const struct top_view *view, int lines)
{
	const struct session_view session_view = {view->names, &flows->filter.clock};
	size_t shown = top_rows_shown(view, flows->first.count, lines);
	char what[128], first[40] = "";
	struct table *table;

	if (shown < flows->with_packets)
		snprintf(first, sizeof(first), ", the first %zu", shown);
	snprintf(what, sizeof(what), "%zu of %zu flow%s %s packets%s", flows->with_packets,
		 flows->count, flows->count == 1 ? "" : "s",
		 flows->with_packets == 1 ? "has" : "have", first);
	top_print_head(view, what, lines);
	table = table_begin(false, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < shown; i++)
		table_row(table, row_of(&session_view, ranking_item(&flows->first, i)));
	table_end(table);
	if (!lines)
		putchar('\n');
}

static cJSON *json_of(const struct top_flows *flows, const struct top_view *view)
{
	const struct session_view session_view = {view->names, &flows->filter.clock};
	cJSON *object = top_json_begin(flows->nanoseconds), *array;

	row_add_number(object, "sessions", flows->count);
	row_add_number(object, "withPackets", flows->with_packets);
	array = cJSON_AddArrayToObject(object, "flows");
	for (size_t i = 0; i < flows->first.count; i++) {
		const struct top_flow *flow = ranking_item(&flows->first, i);
		cJSON *row = session_row_full(&session_view, &flow->entry);

		top_add_rates(row, flow->packets, flow->bits);
		cJSON_AddItemToArray(array, row);
	}
	return object;
}

void top_flows_show(const struct top_flows *flows, const struct top_view *view, int lines)
{
	if (view->json)
		json_print(json_of(flows, view));
	else
		print(flows, view, lines);
}
