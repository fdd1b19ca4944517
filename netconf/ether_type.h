/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RINGFENCE_NETCONF_ETHER_TYPE_H
#define RINGFENCE_NETCONF_ETHER_TYPE_H

#include "netconf/field.h"
#include "netconf/netconf.h"

/* Read the value of "etherTypes" into @netconf. */
int rf_ether_types_read(const cJSON *value, const struct rf_place *place,
			struct rf_netconf *netconf, struct rf_error *error);

/* What the key calls @type, in host byte order; NULL: it has no name. */
const char *rf_ether_type_name(uint16_t type);

#endif
