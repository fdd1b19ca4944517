/* SPDX-License-Identifier: Apache-2.0 */
/* The CNI_* variables (CNI 1.1.0, "Parameters"). */
#ifndef RINGFENCE_CNI_PLUGIN_ENVIRONMENT_H
#define RINGFENCE_CNI_PLUGIN_ENVIRONMENT_H

#include "netconf/error.h"

#include <stdbool.h>

enum variable {
	VARIABLE_CONTAINER_ID = 1,
	VARIABLE_NETNS = 2,
	VARIABLE_IFNAME = 4,
};

struct environment {
	const char *container_id;
	const char *netns;
	const char *ifname;
	bool netns_override;     /* CNI_NETNS may be the plugin's own */
	char pod_namespace[254]; /* of CNI_ARGS; "" if not said */
	char pod_name[254];
};

/*
 * Read the variables. ENVIRONMENT if some of @required (enum variable, as bits) are missing or
 * empty, naming all of them, or if one that is given is invalid.
 */
int environment_read(unsigned int required, struct environment *out, struct rf_error *error);

#endif
