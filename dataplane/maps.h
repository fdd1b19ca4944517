/* SPDX-License-Identifier: Apache-2.0 */
/* The pinned maps by number and name, and which key of the configuration sizes which. */
#ifndef RINGFENCE_DATAPLANE_MAPS_H
#define RINGFENCE_DATAPLANE_MAPS_H

#include "bpf/abi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rf_map {
	RF_MAP_PODS,
	RF_MAP_INTERFACES,
	RF_MAP_POD_STATE,
	RF_MAP_POD_LIMITS,
	RF_MAP_BUCKETS,
	RF_MAP_CENSUS,
	RF_MAP_CENSUS_TURNS,
	RF_MAP_PINHOLES,
	RF_MAP_PEERS,
	RF_MAP_SERVICES,
	RF_MAP_SESSIONS,
	RF_MAP_HALF_OPEN,
	RF_MAP_FRAGMENTS,
	RF_MAP_POD_COUNTERS,
	RF_MAP_RULE_COUNTERS,
	RF_MAP_DENIES,
	RF_MAP_FLOWS,
	RF_MAP_EVENTS_LOST,
	RF_MAP_SETTINGS,
	RF_MAP_IDENTIFIERS,
	RF_MAP_COUNT,
};

/* The map's name, as it is pinned and as errors call it. */
const char *rf_map_name(enum rf_map map);

/*
 * Maps that a build has added since RF_ABI began, a bit each: an earlier build of that ABI has not
 * pinned them, and an upgrade makes them. What needs one must do without it until then.
 */
#ifndef RF_MAP_EXTENSIONS
#define RF_MAP_EXTENSIONS 0u
#endif

static inline bool rf_map_is_extension(enum rf_map map)
{
	return RF_MAP_EXTENSIONS >> map & 1;
}

/* Which key of the configuration's `maps` sizes which map. */
struct rf_map_size {
	const char *key;
	size_t offset; /* in struct rf_map_sizes */
	enum rf_map map;
	uint32_t factor; /* entries of the map for each one that is asked for, */
	uint32_t extra;  /* and more */
};

extern const struct rf_map_size rf_map_size_table[];
extern const size_t rf_map_size_count;

#endif
