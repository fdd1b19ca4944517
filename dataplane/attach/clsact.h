/* SPDX-License-Identifier: Apache-2.0 */
/* clsact: direct-action filters at a handle and priority of our own. As attach.h, for this mode. */
#ifndef RINGFENCE_DATAPLANE_ATTACH_CLSACT_H
#define RINGFENCE_DATAPLANE_ATTACH_CLSACT_H

#include "dataplane/attach/attach.h"

/*
 * ATTACH, with what is in the way, unless filters of ours can be called first at both hooks.
 * Settles point->made_qdisc: true if there is no clsact qdisc yet.
 */
int rf_clsact_settle(struct rf_attach_point *point, struct rf_error *error);

int rf_clsact_attach(const struct rf_objects *objects, const struct rf_attach_point *point,
		     struct rf_error *error);
int rf_clsact_exchange(const struct rf_objects *objects, const struct rf_attach_point *point,
		       bool *found, struct rf_error *error);
int rf_clsact_detach(const struct rf_attach_point *point, struct rf_error *error);
int rf_clsact_check(const struct rf_objects *objects, const struct rf_attach_point *point,
		    struct rf_error *error);

#endif
