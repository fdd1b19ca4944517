// SPDX-License-Identifier: Apache-2.0
#include "ctl/doctor/doctor.h"
#include "dataplane/pressure.h"

#include <inttypes.h>

/* The key of `maps` that sizes @map; NULL if none does. */
static const char *key_of(enum rf_map map)
{
	for (size_t i = 0; i < rf_map_size_count; i++)
		if (rf_map_size_table[i].map == map)
			return rf_map_size_table[i].key;
	return NULL;
}

static void report(struct doctor *doctor, const struct rf_map_pressure *map)
{
	bool critical = map->level == RF_PRESSURE_CRITICAL;
	const char *key = key_of(map->map);
	cJSON *finding = doctor_find(doctor, critical ? FINDING_FAULT : FINDING_WARNING,
				     "map %s holds %u of %u entries", rf_map_name(map->map),
				     map->used, map->max_entries);

	doctor_why(finding, "when it is full, new pods or policies are refused, or flows are "
			    "forgotten that still live");
	if (key)
		doctor_fix(finding,
			   "a larger maps.%s in ringfence's entry of the conflist; it is taken "
			   "when the maps are loaded anew, such as after a reboot",
			   key);
}

void doctor_check_maps(struct doctor *doctor)
{
	struct rf_map_pressure maps[RF_PRESSURE_MAPS];
	bool is_normal = true;

	if (!doctor->objects)
		return;
	if (rf_pressure_read(doctor->objects, maps)) {
		doctor_find(doctor, FINDING_FAULT, "how full the maps are cannot be read");
		return;
	}
	for (size_t i = 0; i < RF_PRESSURE_MAPS; i++)
		if (maps[i].level != RF_PRESSURE_NORMAL) {
			report(doctor, &maps[i]);
			is_normal = false;
		}
	if (is_normal)
		doctor_find(doctor, FINDING_OK, "the maps have room");
}
