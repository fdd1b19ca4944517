/* SPDX-License-Identifier: Apache-2.0 */
/* A running pod's policy changes, under its traffic. */
#ifndef RINGFENCE_DATAPLANE_POLICY_APPLY_H
#define RINGFENCE_DATAPLANE_POLICY_APPLY_H

#include "dataplane/record.h"

/*
 * Let the pod of @key be judged under @policy from its next packet on; live flows are judged again.
 * The new policy is written beside the old one, and one store switches: no packet is judged by a
 * part of either. On failure the old one stays in force. *@changed: false if it was under an equal
 * policy already. -ENOENT if there is no such attachment.
 */
int rf_policy_apply(const struct rf_objects *objects, const struct rf_attachment_key *key,
		    const struct rf_policy *policy, bool *changed, struct rf_error *error);

#endif
