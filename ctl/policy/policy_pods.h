/* SPDX-License-Identifier: Apache-2.0 */
/* The policies that pods are judged under, and these pods. */
#ifndef RINGFENCE_CTL_POLICY_POLICY_PODS_H
#define RINGFENCE_CTL_POLICY_POLICY_PODS_H

#include "ctl/pod/pods.h"
#include "dataplane/objects.h"
#include "netconf/policy.h"

struct policy_in_use {
	uint32_t id;
	uint32_t *pods; /* ids */
	size_t pod_count;
};

/*
 * Call @visit for each policy that a pod is judged under, or only for @wanted if it is not 0, by
 * id, with its document, until it returns other than 0, which is then returned. One whose document
 * cannot be read is told on stderr, and fails the whole in the end.
 */
int policies_each(const struct rf_objects *objects, uint32_t wanted,
		  int (*visit)(const struct policy_in_use *in_use, const struct rf_policy *policy,
			       struct rf_error *error, void *context),
		  void *context, struct rf_error *error);

/* The policy of the pod that is called @text. As pods_resolve(); NOT_IN_FORCE if it is in force for
 * none, as of a pod that has gone since, or whose ADD was interrupted. */
int policy_of_pod(const struct pods *pods, const char *text, uint32_t *policy,
		  struct rf_error *error);

#endif
