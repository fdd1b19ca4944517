// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pressure.h"
#include "dataplane/census.h"
#include "dataplane/map_batch.h"

#define NOT_IN_CENSUS RF_CENSUS_NODE

static const struct {
	enum rf_map map;
	enum rf_census_subject subject;
	size_t key_size; /* of what is counted entry by entry */
} shown[RF_PRESSURE_MAPS] = {
	{RF_MAP_SESSIONS, RF_CENSUS_SESSIONS, 0},
	{RF_MAP_HALF_OPEN, RF_CENSUS_HALF_OPEN, 0},
	{RF_MAP_FRAGMENTS, RF_CENSUS_FRAGMENTS, 0},
	{RF_MAP_PODS, NOT_IN_CENSUS, sizeof(struct rf_address)},
	{RF_MAP_INTERFACES, NOT_IN_CENSUS, sizeof(uint32_t)},
	{RF_MAP_PINHOLES, NOT_IN_CENSUS, sizeof(struct rf_pinhole_key)},
	{RF_MAP_PEERS, NOT_IN_CENSUS, sizeof(struct rf_peer_key)},
	{RF_MAP_SERVICES, NOT_IN_CENSUS, sizeof(struct rf_service_key)},
	{RF_MAP_RULE_COUNTERS, NOT_IN_CENSUS, sizeof(struct rf_rule_key)},
};

static int count(const struct rf_objects *objects, const struct rf_census *subjects, size_t i,
		 uint32_t *used)
{
	if (shown[i].subject != NOT_IN_CENSUS)
		return rf_census_live(objects, shown[i].subject, &subjects[shown[i].subject], used);
	*used = (uint32_t)rf_map_count(objects->maps[shown[i].map], shown[i].key_size);
	return 0;
}

int rf_pressure_read(const struct rf_objects *objects, struct rf_map_pressure out[RF_PRESSURE_MAPS])
{
	_cleanup_census_ struct rf_census *subjects = NULL;
	int ret = rf_census_open(objects, &subjects);

	for (size_t i = 0; i < RF_PRESSURE_MAPS && !ret; i++) {
		uint32_t max_entries = objects->max_entries[shown[i].map], used;

		ret = count(objects, subjects, i, &used);
		if (ret)
			break;
		out[i] = (struct rf_map_pressure){
			.map = shown[i].map,
			.used = used < max_entries ? used : max_entries,
			.max_entries = max_entries,
			.level = rf_pressure(used, max_entries),
		};
	}
	return ret;
}
