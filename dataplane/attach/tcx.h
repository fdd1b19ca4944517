/* SPDX-License-Identifier: Apache-2.0 */
/* TCX: pinned links, before all other programs at the hook. As attach.h, for this mode. */
#ifndef RINGFENCE_DATAPLANE_ATTACH_TCX_H
#define RINGFENCE_DATAPLANE_ATTACH_TCX_H

#include "dataplane/attach/attach.h"

/* 0 if the kernel has TCX, -EOPNOTSUPP if not, another -errno if it does not say (-ENODEV: no such
 * link). */
int rf_tcx_probe(uint32_t ifindex);

int rf_tcx_attach(const struct rf_objects *objects, const struct rf_attach_point *point,
		  struct rf_error *error);
int rf_tcx_detach(const struct rf_attach_point *point, struct rf_error *error);
int rf_tcx_check(const struct rf_objects *objects, const struct rf_attach_point *point,
		 struct rf_error *error);

#endif
