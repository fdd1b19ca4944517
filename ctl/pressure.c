// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "dataplane/pressure.h"

#include <inttypes.h>
#include <stdio.h>

static const char *level_name(enum rf_pressure level)
{
	switch (level) {
	case RF_PRESSURE_CRITICAL:
		return "critical";
	case RF_PRESSURE_WARNING:
		return "warning";
	default:
		return "normal";
	}
}

int command_pressure(const struct rf_objects *objects, char **arguments, struct rf_error *error)
{
	struct rf_map_pressure maps[RF_PRESSURE_MAPS];
	int ret = rf_pressure_read(objects, maps);

	(void)arguments;
	if (ret)
		return rf_fail_system(error, RF_CODE_LOAD, ret, "read how full the maps are");
	printf("%-12s %10s %10s %8s  %s\n", "MAP", "USED", "MAX", "PERCENT", "LEVEL");
	for (size_t i = 0; i < RF_PRESSURE_MAPS; i++)
		printf("%-12s %10" PRIu32 " %10" PRIu32 " %8" PRIu64 "  %s\n",
		       rf_map_name(maps[i].map), maps[i].used, maps[i].max_entries,
		       (uint64_t)maps[i].used * 100 / maps[i].max_entries,
		       level_name(maps[i].level));
	return 0;
}
