/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classes that several policies have: a new policy takes those that are in the maps already, and
 * the last policy that leaves a class takes it with it. Who has which is read from the files of all
 * policies, under the lock: no count could be right after a kill.
 */
#ifndef RINGFENCE_DATAPLANE_POLICY_SHARE_H
#define RINGFENCE_DATAPLANE_POLICY_SHARE_H

#include "dataplane/policy/file.h"

/*
 * Find the classes of the new @image that complete policies of @set have: ids[i] and shared[i] are
 * set for those; the other elements stay. Both have image->class_count elements.
 */
int rf_policy_share_find(uint32_t set, const struct rf_policy_image *image, uint32_t *ids,
			 bool *shared, struct rf_error *error);

/* Set shared[i] for each class i of @image that one of the @count policies @others has. */
int rf_policy_share_mark(const struct rf_policy_image *image,
			 const struct rf_policy_image *const *others, size_t count, bool *shared,
			 struct rf_error *error);

#endif
