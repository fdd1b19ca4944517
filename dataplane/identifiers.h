/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers that are given once in the life of the maps: epochs, policy ids, class ids. They are kept
 * in a map beside the others, so that they cannot be lost while an entry that bears one is still
 * there. Call all of these with the lock held.
 */
#ifndef RINGFENCE_DATAPLANE_IDENTIFIERS_H
#define RINGFENCE_DATAPLANE_IDENTIFIERS_H

#include "dataplane/objects.h"

/* A new epoch. */
int rf_next_epoch(const struct rf_objects *objects, uint32_t *epoch, struct rf_error *error);

/* A new policy id, and the first of @class_count new class ids. MAP_FULL if they are used up. */
int rf_next_policy(const struct rf_objects *objects, uint32_t class_count, uint32_t *policy,
		   uint32_t *first_class, struct rf_error *error);

#endif
