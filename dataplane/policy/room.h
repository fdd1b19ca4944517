/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a policy would fit, before anything is written. */
#ifndef RINGFENCE_DATAPLANE_POLICY_ROOM_H
#define RINGFENCE_DATAPLANE_POLICY_ROOM_H

#include "dataplane/objects.h"
#include "dataplane/policy/image.h"

/*
 * MAP_FULL (-ENOSPC), with the numbers, unless there is room for the new @image beside what is in
 * the maps now; classes that are there already need none.
 */
int rf_policy_check_room(const struct rf_objects *objects, const struct rf_policy_image *image,
			 struct rf_error *error);

#endif
