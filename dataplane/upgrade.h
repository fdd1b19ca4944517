/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs of another build of the same ABI are exchanged for this one's while they work: over
 * the same maps, so that sessions, counters and policies go on, and in their attachments, so that
 * no packet is lost or passes unjudged. It goes both ways: an earlier build does the same.
 *
 *   load → pins → attachments → identifiers.build
 *
 * A kill in between leaves each pod under one build or the other, and the next ADD begins anew.
 */
#ifndef RINGFENCE_DATAPLANE_UPGRADE_H
#define RINGFENCE_DATAPLANE_UPGRADE_H

#include "dataplane/objects.h"

/*
 * Put this build's programs in the place of those that are pinned and attached, if those are of
 * another build; @objects, which is open, then holds this build's. Maps that this build has and the
 * other had not are made with @sizes. Nobody waits for it: who finds another upgrade under way goes
 * on with what is pinned.
 *
 * It is no reason for a pod not to start: if the kernel refuses the programs, or one pod's cannot
 * be exchanged, @warn is called and what is pinned stays. A build that was refused is not tried
 * again until other programs or maps were loaded. LOAD only if the pinned maps are not those of
 * this build, which then cannot work with them.
 */
int rf_upgrade(struct rf_objects *objects, const struct rf_map_sizes *sizes,
	       void (*warn)(const struct rf_error *warning), struct rf_error *error);

#endif
