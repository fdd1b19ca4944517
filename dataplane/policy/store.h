/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policies that are in the maps. Pods with equal documents share one; the last pod that leaves
 * it takes it with it. Policies share the classes that they have alike (share.h). Each has a file
 * (file.h) with its document and its entries. Call all of these with the lock held.
 *
 * Taking a policy is in two steps, because the id must be in the attachment's record before there
 * is anything that DEL would have to remove: plan, write the record, realise.
 */
#ifndef RINGFENCE_DATAPLANE_POLICY_STORE_H
#define RINGFENCE_DATAPLANE_POLICY_STORE_H

#include "dataplane/objects.h"
#include "dataplane/policy/image.h"

struct rf_policy_plan {
	uint32_t id;
	bool is_new;     /* no equal policy is there: realise writes it */
	char *document;  /* canonical text */
	uint64_t digest; /* of it */
	bool is_compiled;
	struct rf_policy_image image; /* under its ids once it is settled */
	bool *shared;                 /* by class: another policy has it, it is in the maps */
};

/*
 * Do what needs no lock: the canonical text, and unless an equal policy is there, the compilation.
 * Refuses what cannot fit (MAP_FULL with the numbers). On success the caller owns *@plan
 * (rf_policy_plan_free()).
 */
int rf_policy_prepare(const struct rf_objects *objects, const struct rf_policy *policy,
		      struct rf_policy_plan *plan, struct rf_error *error);

/*
 * Settle under which id @policy is or will be, and which classes it shares. With the lock held,
 * from here until it is realised, and without a sweep between.
 */
int rf_policy_settle(const struct rf_objects *objects, const struct rf_policy *policy,
		     struct rf_policy_plan *plan, struct rf_error *error);

/* Write what is new; all or nothing. */
int rf_policy_realise(const struct rf_objects *objects, const struct rf_policy_plan *plan,
		      struct rf_error *error);

/*
 * Remove every policy that no pod is judged under: that of the pod which has just left it, and what
 * a kill has left. Classes that another policy has stay. A policy whose file cannot be read stays:
 * its entries are not known, and nobody's removal shall fail for it. While a pod is judged under
 * such a policy, all others stay, too, since it may have classes of theirs.
 */
int rf_policy_sweep(const struct rf_objects *objects, struct rf_error *error);

/* The same, calling @found, unless it is NULL, for each policy that was removed. */
int rf_policy_sweep_told(const struct rf_objects *objects,
			 void (*found)(uint32_t id, void *context), void *context,
			 struct rf_error *error);

/*
 * Call @found for each policy that rf_policy_sweep() would remove if the pods of which @leaving, by
 * pod id, is true were removed before; NULL: none. 0, or an error as it has.
 */
int rf_policy_each_unused(const struct rf_objects *objects, const bool *leaving,
			  void (*found)(uint32_t id, void *context), void *context,
			  struct rf_error *error);

/* NOT_IN_FORCE unless the file of policy @id is there and complete, and its entries are in the
 * maps. */
int rf_policy_check(const struct rf_objects *objects, uint32_t id, struct rf_error *error);

/*
 * The document of policy @id: *@policy is the caller's (rf_policy_free()). -ENOENT (without an
 * error filled) if there is none.
 */
int rf_policy_load(const struct rf_objects *objects, uint32_t id, struct rf_policy *policy,
		   struct rf_error *error);

void rf_policy_plan_free(struct rf_policy_plan *plan);
#define _cleanup_plan_ __attribute__((cleanup(rf_policy_plan_free)))

#endif
