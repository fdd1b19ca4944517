/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RINGFENCE_NETCONF_NETCONF_MAPS_H
#define RINGFENCE_NETCONF_NETCONF_MAPS_H

#include "netconf/field.h"
#include "netconf/netconf.h"

/* Read the value of "maps"; sizes that it does not give stay as they are in @out. */
int rf_map_sizes_read(const cJSON *value, const struct rf_place *place, struct rf_map_sizes *out,
		      struct rf_error *error);

#endif
