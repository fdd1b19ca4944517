/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries of one policy in the maps `peers` and `services`, as its image has them. @shared says
 * of each class of the image whether another policy has it, too: such a class is neither written
 * nor removed. NULL: none is.
 */
#ifndef RINGFENCE_DATAPLANE_POLICY_ENTRIES_H
#define RINGFENCE_DATAPLANE_POLICY_ENTRIES_H

#include "dataplane/objects.h"
#include "dataplane/policy/image.h"

/*
 * Write the entries. All or nothing: if a map is full (MAP_FULL, with the numbers) what was written
 * is removed again.
 */
int rf_policy_entries_write(const struct rf_objects *objects, const struct rf_policy_image *image,
			    const bool *shared, struct rf_error *error);

/* NOT_IN_FORCE unless all of them are there, shared or not. */
int rf_policy_entries_check(const struct rf_objects *objects, const struct rf_policy_image *image,
			    struct rf_error *error);

/*
 * Remove them, those that are there, when no pod is judged under the policy any more. A program
 * that still reads them looks at the policy word behind its lookups, and takes nothing of a policy
 * that is not the pod's any more (bpf/policy.h, judge_flow()). Besides, the order is such that it
 * finds the whole policy or finds that it is gone, never a part of it, as long as no class is
 * shared: peers from the shortest prefix on, then the common classes, then the others, each class
 * from the shortest prefix on.
 */
int rf_policy_entries_remove(const struct rf_objects *objects, const struct rf_policy_image *image,
			     const bool *shared, struct rf_error *error);

#endif
