/* SPDX-License-Identifier: Apache-2.0 */
/* clsact: direct-action filters at a handle and priority of our own. As attach.h, for this mode. */
#ifndef RINGFENCE_DATAPLANE_ATTACH_CLSACT_H
#define RINGFENCE_DATAPLANE_ATTACH_CLSACT_H

#include "dataplane/attach/attach.h"

/* The first that there is. A new filter of kind "bpf" goes before those of the same priority. */
#define RF_CLSACT_PRIORITY 1

/* The handle of point->owner's filters. */
uint32_t rf_clsact_handle(const struct rf_attach_point *point);

/* The parent of the filters for @direction, as rtnetlink calls it. */
uint32_t rf_clsact_parent(enum rf_direction direction);

/* "ingress" or "egress", as the host sees it. */
const char *rf_clsact_hook_name(enum rf_direction direction);

/*
 * ATTACH, with what is in the way, unless filters of ours can be called first at both hooks.
 * Settles point->made_qdisc: true if there is no clsact qdisc yet.
 */
int rf_clsact_settle(struct rf_attach_point *point, struct rf_error *error);

/*
 * ATTACH if the hook of @ifindex has another kind of qdisc, or filters that are shared with other
 * interfaces. A plain `ingress` qdisc would accept the egress filter and never call it. *@missing:
 * it has none.
 */
int rf_clsact_refuse_qdisc(uint32_t ifindex, bool *missing, struct rf_error *error);

int rf_clsact_attach(const struct rf_objects *objects, const struct rf_attach_point *point,
		     struct rf_error *error);
int rf_clsact_detach(const struct rf_attach_point *point, struct rf_error *error);
int rf_clsact_check(const struct rf_objects *objects, const struct rf_attach_point *point,
		    struct rf_error *error);

#endif
