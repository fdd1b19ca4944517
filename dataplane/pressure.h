/* SPDX-License-Identifier: Apache-2.0 */
/* How full the maps are that can become too small. */
#ifndef RINGFENCE_DATAPLANE_PRESSURE_H
#define RINGFENCE_DATAPLANE_PRESSURE_H

#include "dataplane/objects.h"

struct rf_map_pressure {
	enum rf_map map;
	uint32_t used; /* of sessions and fragments: those that live, or were evicted alive not long
			  ago; never more than there can be */
	uint32_t max_entries;
	enum rf_pressure level;
};

#define RF_PRESSURE_MAPS 9

/* Look at all of them, in the order in which they are shown. 0 or -errno. */
int rf_pressure_read(const struct rf_objects *objects,
		     struct rf_map_pressure out[RF_PRESSURE_MAPS]);

#endif
