/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a pod in the maps share. */
#ifndef RINGFENCE_DATAPLANE_POD_INTERNAL_H
#define RINGFENCE_DATAPLANE_POD_INTERNAL_H

#include "dataplane/objects.h"

/* pod_find.c. 0 if @map leads from @key to the pod, -ENOENT if not, another -errno if it cannot
 * be read. */
int rf_pod_look_up(const struct rf_objects *objects, enum rf_map map, const void *key,
		   uint32_t pod_id);

#endif
