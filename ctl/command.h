/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of ringfencectl: one file each, one table (main.c). */
#ifndef RINGFENCE_CTL_COMMAND_H
#define RINGFENCE_CTL_COMMAND_H

#include "dataplane/objects.h"
#include "netconf/error.h"

struct command {
	const char *noun;
	const char *verb;      /* NULL: the noun is the command */
	const char *arguments; /* as the help text shows them */
	const char *help;
	int arguments_min;
	int arguments_max;
	/* @arguments ends with NULL. Prints what it has to say; 0, or -errno and an error. */
	int (*run)(const struct rf_objects *objects, char **arguments, struct rf_error *error);
};

int command_pod_list(const struct rf_objects *objects, char **arguments, struct rf_error *error);
int command_policy_apply(const struct rf_objects *objects, char **arguments,
			 struct rf_error *error);
int command_session_list(const struct rf_objects *objects, char **arguments,
			 struct rf_error *error);
int command_stats(const struct rf_objects *objects, char **arguments, struct rf_error *error);
int command_pressure(const struct rf_objects *objects, char **arguments, struct rf_error *error);
int command_monitor(const struct rf_objects *objects, char **arguments, struct rf_error *error);

#endif
