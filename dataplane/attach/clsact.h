/* SPDX-License-Identifier: Apache-2.0 */
/* clsact: direct-action filters at a handle and priority of our own. As attach.h, for this mode. */
#ifndef RINGFENCE_DATAPLANE_ATTACH_CLSACT_H
#define RINGFENCE_DATAPLANE_ATTACH_CLSACT_H

#include "dataplane/attach/attach.h"

/*
 * *@make_qdisc: true if @ifindex has no clsact qdisc yet. ATTACH if the hook is taken by a plain
 * `ingress` qdisc: the kernel would accept the egress filter and never call it.
 */
int rf_clsact_settle(uint32_t ifindex, bool *make_qdisc, struct rf_error *error);

int rf_clsact_attach(const struct rf_objects *objects, const struct rf_attach_point *point,
		     struct rf_error *error);
int rf_clsact_detach(const struct rf_attach_point *point, struct rf_error *error);
int rf_clsact_check(const struct rf_objects *objects, const struct rf_attach_point *point,
		    struct rf_error *error);

#endif
