/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers that are given once in the life of the maps: epochs, policy ids, class ids. They are kept
 * in a map beside the others, so that they cannot be lost while an entry that bears one is still
 * there. Call all of these with the lock held.
 */
#ifndef RINGFENCE_DATAPLANE_IDENTIFIERS_H
#define RINGFENCE_DATAPLANE_IDENTIFIERS_H

#include "dataplane/objects.h"

/* What was given last, and the build of the programs. Needs no lock. LOAD. */
int rf_identifiers_read(const struct rf_objects *objects, struct rf_identifiers *identifiers,
			struct rf_error *error);

/*
 * The build of the programs that are attached is @build from now on; 0: they are being exchanged.
 * @refused: see struct rf_identifiers.
 */
int rf_identifiers_set_build(const struct rf_objects *objects, uint64_t build, uint64_t refused,
			     struct rf_error *error);

/* A new epoch. */
int rf_next_epoch(const struct rf_objects *objects, uint32_t *epoch, struct rf_error *error);

/* A new policy id, and the first of @class_count new class ids. MAP_FULL if they are used up. */
int rf_next_policy(const struct rf_objects *objects, uint32_t class_count, uint32_t *policy,
		   uint32_t *first_class, struct rf_error *error);

#endif
