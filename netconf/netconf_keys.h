/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a network configuration that are ringfence's own. Internal to netconf. */
#ifndef RINGFENCE_NETCONF_NETCONF_KEYS_H
#define RINGFENCE_NETCONF_NETCONF_KEYS_H

#include "netconf/field.h"
#include "netconf/netconf.h"

/* What holds where the configuration says nothing. */
void rf_netconf_set_defaults(struct rf_netconf *netconf);

/*
 * Read every key of the configuration but cniVersion, name and prevResult into @netconf. Keys that
 * are the specification's or libcni's are passed over.
 */
int rf_netconf_read_keys(const cJSON *json, struct rf_netconf *netconf, struct rf_error *error);

/* netconf_limits.c */
int rf_read_limits(const cJSON *value, const struct rf_place *place, void *target,
		   struct rf_error *error);

/* netconf_bandwidth.c */
int rf_read_runtime_config(const cJSON *value, const struct rf_place *place, void *target,
			   struct rf_error *error);

/*
 * netconf_later.c: what is not there yet. Its value is checked as it will be, then refused, since
 * to ignore it would enforce something else than what is written.
 */
int rf_read_agent(const cJSON *value, const struct rf_place *place, void *target,
		  struct rf_error *error);

#endif
