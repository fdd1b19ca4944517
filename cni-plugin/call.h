/* SPDX-License-Identifier: Apache-2.0 */
/* One call of the plugin: what the runtime said, and the verbs that answer it. */
#ifndef RINGFENCE_CNI_PLUGIN_CALL_H
#define RINGFENCE_CNI_PLUGIN_CALL_H

#include "cni-plugin/environment.h"
#include "netconf/error.h"
#include "netconf/netconf.h"

#include <stddef.h>

struct call {
	struct environment environment;
	char *input; /* stdin, whole */
	size_t input_length;
	struct rf_netconf netconf; /* as much of it as the verb needs */
};

struct verb {
	const char *name;      /* CNI_COMMAND */
	unsigned int required; /* VARIABLE_BIT()s */
	const char *since;     /* the first cniVersion that has it; NULL: all */
	enum rf_netconf_scope scope;
	int (*run)(struct call *call, struct rf_error *error);
	int (*answer)(void); /* instead of run: it answers whatever the rest of the call says */
};

/* All of them, ended by one without a name. */
extern const struct verb verbs[];

/* The verb of that very name, or NULL. */
const struct verb *verb_find(const char *name);

/* Each prints its result, and only that, on stdout. 0, or -errno and an error. */
int verb_add(struct call *call, struct rf_error *error);
int verb_del(struct call *call, struct rf_error *error);
int verb_check(struct call *call, struct rf_error *error);
int verb_gc(struct call *call, struct rf_error *error);
int verb_status(struct call *call, struct rf_error *error);

/* VERSION answers whatever stdin holds, and does not wait for its end. Returns the exit status. */
int verb_version(void);

#endif
