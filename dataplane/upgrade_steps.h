/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of an upgrade (upgrade.h), each of which can be done again. */
#ifndef RINGFENCE_DATAPLANE_UPGRADE_STEPS_H
#define RINGFENCE_DATAPLANE_UPGRADE_STEPS_H

#include "dataplane/identifiers.h"

struct ringfence;

/*
 * LOAD unless each map of @skeleton has the type, the sizes of key and value and the flags of the
 * one that is pinned; then let it use that one, whose number of entries counts.
 */
int rf_upgrade_reuse_maps(struct ringfence *skeleton, const struct rf_objects *objects,
			  struct rf_error *error);

/*
 * Pin the programs of @skeleton, which is loaded, in the place of those that are pinned, and maps
 * that are not pinned yet. BPFFS.
 */
int rf_upgrade_pin(struct ringfence *skeleton, const struct rf_objects *objects,
		   struct rf_error *error);

/*
 * Exchange what is attached for each pod of the maps for the programs of @objects. What cannot be
 * exchanged is handed to @warn, with the pod. TRY_AGAIN (-EAGAIN) at the end, if somebody has held
 * a pod's lock too long.
 */
int rf_upgrade_pods(const struct rf_objects *objects, void (*warn)(const struct rf_error *warning),
		    struct rf_error *error);

#endif
