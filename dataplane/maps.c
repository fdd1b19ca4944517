// SPDX-License-Identifier: Apache-2.0
#include "dataplane/maps.h"
#include "netconf/netconf.h"

static const char *const map_names[RF_MAP_COUNT] = {
	[RF_MAP_PODS] = "pods",
	[RF_MAP_INTERFACES] = "interfaces",
	[RF_MAP_POD_STATE] = "pod_state",
	[RF_MAP_POD_LIMITS] = "pod_limits",
	[RF_MAP_BUCKETS] = "buckets",
	[RF_MAP_CENSUS] = "census",
	[RF_MAP_CENSUS_TURNS] = "census_turns",
	[RF_MAP_PINHOLES] = "pinholes",
	[RF_MAP_PEERS] = "peers",
	[RF_MAP_SERVICES] = "services",
	[RF_MAP_SESSIONS] = "sessions",
	[RF_MAP_HALF_OPEN] = "half_open",
	[RF_MAP_FRAGMENTS] = "fragments",
	[RF_MAP_POD_COUNTERS] = "pod_counters",
	[RF_MAP_RULE_COUNTERS] = "rule_counters",
	[RF_MAP_DENIES] = "denies",
	[RF_MAP_FLOWS] = "flows",
	[RF_MAP_EVENTS_LOST] = "events_lost",
	[RF_MAP_SETTINGS] = "settings",
	[RF_MAP_IDENTIFIERS] = "identifiers",
};

const char *rf_map_name(enum rf_map map)
{
	return map_names[map];
}

#define SIZE(key, member, map, factor, extra)                                                      \
	{                                                                                          \
		key, offsetof(struct rf_map_sizes, member), map, factor, extra                     \
	}

const struct rf_map_size rf_map_size_table[] = {
	SIZE("sessions", sessions, RF_MAP_SESSIONS, 1, 0),
	SIZE("halfOpen", half_open, RF_MAP_HALF_OPEN, 1, 0),
	SIZE("pods", pods, RF_MAP_PODS, RF_ADDRESSES_PER_POD, 0),
	SIZE("pods", pods, RF_MAP_INTERFACES, 1, 0),
	/* Element 0 of the arrays is no pod. */
	SIZE("pods", pods, RF_MAP_POD_STATE, 1, 1),
	SIZE("pods", pods, RF_MAP_POD_COUNTERS, 1, 1),
	SIZE("pods", pods, RF_MAP_POD_LIMITS, 1, 1),
	SIZE("pods", pods, RF_MAP_EVENTS_LOST, 1, 1),
	SIZE("pods", pods, RF_MAP_BUCKETS, RF_BUCKET_KINDS, RF_BUCKET_KINDS),
	SIZE("pods", pods, RF_MAP_CENSUS, 1, RF_CENSUS_NODE),
	SIZE("pods", pods, RF_MAP_CENSUS_TURNS, 1, RF_CENSUS_NODE),
	SIZE("pinholes", pinholes, RF_MAP_PINHOLES, 1, 0),
	SIZE("peers", peers, RF_MAP_PEERS, 1, 0),
	SIZE("services", services, RF_MAP_SERVICES, 1, 0),
	SIZE("fragments", fragments, RF_MAP_FRAGMENTS, 1, 0),
	SIZE("rules", rules, RF_MAP_RULE_COUNTERS, 1, 0),
	SIZE("denies", denies, RF_MAP_DENIES, 1, 0),
	SIZE("flows", flows, RF_MAP_FLOWS, 1, 0),
};
const size_t rf_map_size_count = sizeof(rf_map_size_table) / sizeof(rf_map_size_table[0]);
