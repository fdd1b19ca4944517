// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/room.h"
#include "dataplane/map_batch.h"

#include <errno.h>

static int check_map(const struct rf_objects *objects, enum rf_map map, size_t key_size,
		     size_t needed, struct rf_error *error)
{
	size_t used = needed ? rf_map_count(objects->maps[map], key_size) : 0;

	if (used + needed <= objects->max_entries[map])
		return 0;
	rf_error_hint(error,
		      "raise maps.%s in the network configuration; it is taken when the maps are "
		      "next loaded",
		      rf_map_name(map));
	return rf_fail(error, RF_CODE_MAP_FULL, -ENOSPC,
		       "map %s is too small: the policy needs %zu entries, %zu of %u are in use",
		       rf_map_name(map), needed, used, objects->max_entries[map]);
}

int rf_policy_check_room(const struct rf_objects *objects, const struct rf_compiled *compiled,
			 struct rf_error *error)
{
	int ret = check_map(objects, RF_MAP_SERVICES, sizeof(struct rf_service_key),
			    compiled->service_count, error);

	return ret ? ret
		   : check_map(objects, RF_MAP_PEERS, sizeof(struct rf_peer_key),
			       compiled->peer_count, error);
}
