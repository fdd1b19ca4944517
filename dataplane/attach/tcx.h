/* SPDX-License-Identifier: Apache-2.0 */
/* TCX: pinned links, before all other programs at the hook. As attach.h, for this mode. */
#ifndef RINGFENCE_DATAPLANE_ATTACH_TCX_H
#define RINGFENCE_DATAPLANE_ATTACH_TCX_H

#include "dataplane/attach/attach.h"

/*
 * 0 if ours can be called first at both hooks of @ifindex, or is. -EOPNOTSUPP, without an error
 * filled, if the kernel has no TCX; ATTACH if ours is there and somebody has put a program before
 * it, or if there is no place left.
 */
int rf_tcx_settle(const struct rf_objects *objects, uint32_t ifindex, struct rf_error *error);

int rf_tcx_attach(const struct rf_objects *objects, const struct rf_attach_point *point,
		  struct rf_error *error);
int rf_tcx_detach(const struct rf_attach_point *point, struct rf_error *error);
int rf_tcx_check(const struct rf_objects *objects, const struct rf_attach_point *point,
		 struct rf_error *error);
int rf_tcx_exchange(const struct rf_objects *objects, const struct rf_attach_point *point,
		    bool *found, struct rf_error *error);

/*
 * Detach the links of point->owner that the kernel has at point->ifindex, whatever is pinned: pins
 * may have been removed, or mounted over. Waits for the kernel's grace periods if there are any.
 */
int rf_tcx_detach_unpinned(const struct rf_attach_point *point, struct rf_error *error);

#endif
