/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pod in the maps: its id, the element of pod_state, its addresses and its interface. Call all of
 * these with the lock held.
 */
#ifndef RINGFENCE_DATAPLANE_POD_H
#define RINGFENCE_DATAPLANE_POD_H

#include "dataplane/record.h"

/*
 * A pod id for @owner: the one that it has already, or a free one, which is then cleared
 * (dataplane/pod_clear.h) and begins a new *@incarnation. MAP_FULL with the numbers if there is
 * none.
 */
int rf_pod_allocate(const struct rf_objects *objects, uint64_t owner, uint32_t *id,
		    uint32_t *incarnation, struct rf_error *error);

/*
 * MAP_FULL with the numbers, as rf_pod_allocate() would, if no pod id is free, and none of a pod
 * whose interface is gone, which an ADD would heal. Needs no lock.
 */
int rf_pod_check_free(const struct rf_objects *objects, struct rf_error *error);

/* Make the element of pod_state that of @record; to be called when the record is written. */
void rf_pod_claim(const struct rf_objects *objects, const struct rf_record *record);

/* The policy that the pod is judged under; 0: none. */
static inline uint32_t rf_pod_policy(const struct rf_objects *objects, uint32_t pod_id)
{
	return RF_POLICY_ID(objects->pod_state[pod_id].policy);
}

/* How the pod of @record is treated, as pod_state has it: flags and etherTypes; the rest zero. What
 * an earlier version's record does not know is zero. */
struct rf_pod_state rf_pod_settings(const struct rf_record *record);

/*
 * Enter the claimed pod of @record with @settings: addresses, interface, state, and last the policy
 * word, with a new epoch. An address that another pod had is this pod's from now on: the runtime
 * has given it away. MAP_FULL with the numbers.
 */
int rf_pod_publish(const struct rf_objects *objects, const struct rf_record *record,
		   const struct rf_pod_state *settings, struct rf_error *error);

/* Let the pod be judged under @policy from its next packet on, by one store of the policy word. */
int rf_pod_switch_policy(const struct rf_objects *objects, uint32_t pod_id, uint32_t policy,
			 struct rf_error *error);

/*
 * Let the live flows of the pod be judged at their next packet, under the policy that it has; of an
 * id that is free, nothing.
 */
int rf_pod_judge_again(const struct rf_objects *objects, uint32_t pod_id, struct rf_error *error);

/* Remove the addresses and the interface that the pod has as @these, and not as @those. */
void rf_pod_leave(const struct rf_objects *objects, const struct rf_record *these,
		  const struct rf_record *those);

/* The pod id of the attachment @owner; 0 if it has none. */
uint32_t rf_pod_find(const struct rf_objects *objects, uint64_t owner);

/*
 * Remove all that leads to pod @pod_id, its pinholes, and its policy word; what leads to another
 * pod by now stays. The element remains the attachment's until rf_pod_free(). 0 or -errno.
 */
int rf_pod_retract(const struct rf_objects *objects, uint32_t pod_id);

/* Give the id back. */
void rf_pod_free(const struct rf_objects *objects, uint32_t pod_id);

/* NOT_IN_FORCE unless all of it is there and this pod's; LOAD if the maps cannot be read. */
int rf_pod_check(const struct rf_objects *objects, const struct rf_record *record,
		 struct rf_error *error);

#endif
