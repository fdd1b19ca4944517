// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/table.h"
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
	{.title = "PERCENT", .key = "percent", .is_right = true},
	{.title = "LEVEL", .key = "level", .style = level_style},
};

int command_pressure(struct invocation *invocation, struct rf_error *error)
{
	struct rf_map_pressure maps[RF_PRESSURE_MAPS];
	int ret = rf_pressure_read(invocation->objects, maps);
	struct table *table;

	if (ret)
		return rf_fail_system(error, RF_CODE_LOAD, ret, "read how full the maps are");
	table = table_begin(invocation->json, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < RF_PRESSURE_MAPS; i++) {
		const struct rf_map_pressure *map = &maps[i];
		cJSON *row = cJSON_CreateObject();

		cJSON_AddStringToObject(row, "map", rf_map_name(map->map));
		row_add_number(row, "used", map->used);
		row_add_number(row, "max", map->max_entries);
		row_add_number(row, "percent", (uint64_t)map->used * 100 / map->max_entries);
		cJSON_AddStringToObject(row, "level", level_names[map->level]);
		table_row(table, row);
	}
	table_end(table);
	return 0;
}
