/* SPDX-License-Identifier: Apache-2.0 */
/* The CNI_* variables (CNI 1.1.0, "Parameters"). */
#ifndef RINGFENCE_CNI_PLUGIN_ENVIRONMENT_H
#define RINGFENCE_CNI_PLUGIN_ENVIRONMENT_H

#include "netconf/error.h"

#include <stdbool.h>

/* Every variable that is read. */
enum variable {
	VARIABLE_COMMAND,
	VARIABLE_CONTAINER_ID,
	VARIABLE_NETNS,
	VARIABLE_IFNAME,
	VARIABLE_ARGS,
	VARIABLE_NETNS_OVERRIDE,
	VARIABLES,
};

/* Their names, by enum variable, ended by NULL. */
extern const char *const environment_variables[];

/* A set of variables. */
#define VARIABLE_BIT(variable) (1u << (variable))

struct environment {
	const char *container_id;
	const char *netns;
	const char *ifname;
	bool netns_override;     /* CNI_NETNS may be the plugin's own */
	char pod_namespace[254]; /* of CNI_ARGS; "" if not said */
	char pod_name[254];
	const char *bad_argument; /* the key of CNI_ARGS whose value cannot be a name; NULL: none */
};

/* The variable's value; NULL if it is absent or empty, which runtimes mean alike. */
const char *environment_value(enum variable variable);

/*
 * Read the variables. ENVIRONMENT if some of @required (VARIABLE_BIT()s) are missing or empty,
 * naming all of them, or if one that is given is invalid. What is wrong within CNI_ARGS is only
 * noted: a pod must be removable whatever it says.
 */
int environment_read(unsigned int required, struct environment *out, struct rf_error *error);

#endif
