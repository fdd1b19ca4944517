/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a record keeps of the configuration that its pod was added with: enough to make the pod's
 * policy again, and to say how the pod is to be judged besides. The keys are the configuration's.
 */
#ifndef RINGFENCE_DATAPLANE_CONFIGURED_H
#define RINGFENCE_DATAPLANE_CONFIGURED_H

#include "netconf/netconf.h"

#include <cjson/cJSON.h>

struct rf_configured {
	bool is_known;          /* false: a record of an earlier version; all else is zero */
	char *policy;           /* the file of its policy (record_policy.h) */
	char *policy_directory; /* NULL: RF_POLICY_DIRECTORY */
	bool anti_spoof;
	bool host_access_by_policy;
	uint16_t ether_types[RF_ETHER_TYPES_MAX]; /* host byte order */
	size_t ether_type_count;
};

/* Take it from @netconf, save for the policy's file. -ENOMEM; on success the caller owns *@out. */
int rf_configured_draw(const struct rf_netconf *netconf, struct rf_configured *out);

/* Add it to a record; false if memory is out. Nothing is added if it is not known. */
bool rf_configured_add(cJSON *record, const struct rf_configured *configured);

/* Read it from a record, which need not have it: *@out is the caller's, also on failure. -EINVAL if
 * it is not whole. */
int rf_configured_take(const cJSON *record, struct rf_configured *out);

void rf_configured_free(struct rf_configured *configured);

#endif
