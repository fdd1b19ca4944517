/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled entries of one policy in the maps `peers` and `services`. */
#ifndef RINGFENCE_DATAPLANE_POLICY_ENTRIES_H
#define RINGFENCE_DATAPLANE_POLICY_ENTRIES_H

#include "dataplane/compile/compile.h"
#include "dataplane/objects.h"

/*
 * Write the entries under @policy and the class ids from @first_class on. All or nothing: if a map
 * is full (MAP_FULL, with the numbers) what was written is removed again.
 */
int rf_policy_entries_write(const struct rf_objects *objects, uint32_t policy, uint32_t first_class,
			    const struct rf_compiled *compiled, struct rf_error *error);

/* NOT_IN_FORCE unless all of them are there. */
int rf_policy_entries_check(const struct rf_objects *objects, uint32_t policy, uint32_t first_class,
			    const struct rf_compiled *compiled, struct rf_error *error);

/*
 * Remove them, those that are there. The order is such that a program which still reads them finds
 * the whole policy or finds that it is gone, never a part of it (bpf/policy.h, use_rules()): peers
 * from the shortest prefix on, then the common classes, then the others, each from the shortest
 * prefix on.
 */
int rf_policy_entries_remove(const struct rf_objects *objects, uint32_t policy,
			     uint32_t first_class, const struct rf_compiled *compiled,
			     struct rf_error *error);

#endif
