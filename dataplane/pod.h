/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pod in the maps: its id, the element of pod_state, its addresses and its interface. Call all of
 * these with the lock held.
 */
#ifndef RINGFENCE_DATAPLANE_POD_H
#define RINGFENCE_DATAPLANE_POD_H

#include "dataplane/record.h"

/*
 * A pod id for @owner: the one that it has already, or a free one, whose counters are then zero. An
 * id that was free begins a new *@incarnation. MAP_FULL with the numbers if there is none.
 */
int rf_pod_allocate(const struct rf_objects *objects, uint64_t owner, uint32_t *id,
		    uint32_t *incarnation, struct rf_error *error);

/* How the pod of @netconf is treated, as pod_state has it: flags and etherTypes; the rest zero. */
struct rf_pod_state rf_pod_settings(const struct rf_netconf *netconf);

/*
 * Enter the pod of @record with @settings: state, addresses, interface, and last the policy word,
 * with a new epoch. An address that another pod had is this pod's from now on: the runtime has
 * given it away. MAP_FULL with the numbers.
 */
int rf_pod_publish(const struct rf_objects *objects, const struct rf_record *record,
		   const struct rf_pod_state *settings, struct rf_error *error);

/* Let the pod be judged under @policy from its next packet on, by one store of the policy word. */
int rf_pod_switch_policy(const struct rf_objects *objects, uint32_t pod_id, uint32_t policy,
			 struct rf_error *error);

/* The pod was published as @before and now is as @now: remove what only the earlier had. */
void rf_pod_leave_earlier(const struct rf_objects *objects, const struct rf_record *before,
			  const struct rf_record *now);

/* Remove of the pod what is still its own; what another pod has by now stays. */
void rf_pod_retract(const struct rf_objects *objects, const struct rf_record *record);

/* NOT_IN_FORCE unless all of it is there and this pod's. */
int rf_pod_check(const struct rf_objects *objects, const struct rf_record *record,
		 struct rf_error *error);

#endif
