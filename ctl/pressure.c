// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/output/table.h"
#include "dataplane/map_memory.h"
#include "dataplane/pressure.h"

#include <string.h>

static const char *const level_names[] = {
	[RF_PRESSURE_NORMAL] = "normal",
	[RF_PRESSURE_WARNING] = "warning",
	[RF_PRESSURE_CRITICAL] = "critical",
};

static enum style level_style(const cJSON *level)
{
	if (!strcmp(level->valuestring, level_names[RF_PRESSURE_CRITICAL]))
		return STYLE_BAD;
	return strcmp(level->valuestring, level_names[RF_PRESSURE_WARNING]) ? STYLE_PLAIN
									    : STYLE_WARNING;
}

static const struct column columns[] = {
	{.title = "MAP", .key = "map"},
	{.title = "USED", .key = "used", .is_right = true},
	{.title = "MAX", .key = "max", .is_right = true},
	{.title = "BYTES", .key = "bytes", .is_right = true},
	{.title = "PERCENT", .key = "percent", .is_right = true},
	{.title = "LEVEL", .key = "level", .style = level_style},
};

static void add_row(struct table *table, const struct rf_map_pressure *map, uint64_t bytes)
{
	cJSON *row = cJSON_CreateObject();

	cJSON_AddStringToObject(row, "map", rf_map_name(map->map));
	row_add_number(row, "used", map->used);
	row_add_number(row, "max", map->max_entries);
	row_add_number(row, "bytes", bytes);
	row_add_number(row, "percent", (uint64_t)map->used * 100 / map->max_entries);
	cJSON_AddStringToObject(row, "level", level_names[map->level]);
	table_row(table, row);
}

/* Of several maps, by what they are called together. */
static void add_sum(struct table *table, const char *maps, uint64_t bytes)
{
	cJSON *row = cJSON_CreateObject();

	cJSON_AddStringToObject(row, "map", maps);
	cJSON_AddNullToObject(row, "used");
	cJSON_AddNullToObject(row, "max");
	row_add_number(row, "bytes", bytes);
	cJSON_AddNullToObject(row, "percent");
	cJSON_AddNullToObject(row, "level");
	table_row(table, row);
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	struct rf_map_pressure maps[RF_PRESSURE_MAPS];
	uint64_t bytes[RF_MAP_COUNT], shown = 0, total = 0;
	struct table *table;
	int ret = rf_pressure_read(invocation->objects, maps);

	if (!ret)
		ret = rf_map_memory(invocation->objects, bytes);
	if (ret)
		return rf_fail_system(error, RF_CODE_LOAD, ret, "read how full the maps are");
	table = table_begin(invocation->json, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < RF_PRESSURE_MAPS; i++) {
		add_row(table, &maps[i], bytes[maps[i].map]);
		shown += bytes[maps[i].map];
	}
	for (int map = 0; map < RF_MAP_COUNT; map++)
		total += bytes[map];
	add_sum(table, "others", total - shown);
	add_sum(table, "total", total);
	table_end(table);
	return 0;
}

const struct command command_pressure = {
	.noun = "pressure",
	.arguments = "",
	.help = "how full the maps are",
	.run = run,
};
