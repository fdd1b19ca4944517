/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a policy would fit, before anything is written. */
#ifndef RINGFENCE_DATAPLANE_POLICY_ROOM_H
#define RINGFENCE_DATAPLANE_POLICY_ROOM_H

#include "dataplane/compile/compile.h"
#include "dataplane/objects.h"

/*
 * MAP_FULL (-ENOSPC), with the numbers, unless there is room for @compiled beside what is in the
 * maps now.
 */
int rf_policy_check_room(const struct rf_objects *objects, const struct rf_compiled *compiled,
			 struct rf_error *error);

#endif
