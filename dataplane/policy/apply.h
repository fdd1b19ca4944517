/* SPDX-License-Identifier: Apache-2.0 */
/* A running pod's policy changes, under its traffic. */
#ifndef RINGFENCE_DATAPLANE_POLICY_APPLY_H
#define RINGFENCE_DATAPLANE_POLICY_APPLY_H

#include "dataplane/policy/store.h"
#include "dataplane/record.h"

/*
 * Let the pod of @key be judged under @policy from its next packet on; live flows are judged again.
 * The new policy is written beside the old one, and one store switches: no packet is judged by a
 * part of either. On failure the old one stays in force. *@changed: false if it was under an equal
 * policy already. Waits for an ADD or DEL of this pod that is under way. -ENOENT, without an error
 * filled, if there is no such attachment.
 */
int rf_policy_apply(const struct rf_objects *objects, const struct rf_attachment_key *key,
		    const struct rf_policy *policy, bool *changed, struct rf_error *error);

/*
 * The same for the pod of @expected, with a @plan that rf_policy_prepare() has made of @policy and
 * that may be used for one pod after the other: what it found for one it knows for the next. Waits
 * for an ADD or DEL of this pod that is under way. -ENOENT if the attachment is gone by then, and
 * -ESTALE if it has been added again, with other names or another configuration (both without an
 * error filled): the policy might not be its any more, and nothing changes.
 */
int rf_policy_exchange(const struct rf_objects *objects, const struct rf_record *expected,
		       const struct rf_policy *policy, struct rf_policy_plan *plan, bool *changed,
		       struct rf_error *error);

/*
 * What rf_policy_exchange() would say of the pod, if @id is the policy that it should be under; 0:
 * one that is not in the maps yet. Changes nothing.
 */
int rf_policy_foresee(const struct rf_objects *objects, const struct rf_record *expected,
		      uint32_t id, bool *changed, struct rf_error *error);

#endif
