/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pods as the plugin leaves them behind, with record and policy file, in the maps of a test's own
 * programs: for what the dataplane does with pods that run. Nothing is attached. The test has a
 * /run of its own (run_directory.h).
 */
#ifndef RINGFENCE_TEST_LIB_RUNNING_POD_H
#define RINGFENCE_TEST_LIB_RUNNING_POD_H

#include "netconf/policy.h"
#include "test/lib/programs.h"

/* ADD of the container "pod-<@number>" with @addresses (ended by NULL), behind the interface
 * @ifindex. Returns the pod's id. Aborts on failure, as all of these do. */
uint32_t running_pod_add(struct programs *programs, uint32_t number, const char *const *addresses,
			 uint32_t ifindex, const struct rf_policy *policy);

/* rf_policy_apply() to the pod of that number. */
int running_pod_apply(struct programs *programs, uint32_t number, const struct rf_policy *policy,
		      struct rf_error *error);

/* DEL. */
void running_pod_remove(struct programs *programs, uint32_t number);

/* How many policy files there are, complete or not, of all sets of maps. */
size_t running_pod_policy_files(void);

/* The policy of a document's @text. The caller frees it (rf_policy_free()). */
void running_pod_parse(const char *text, struct rf_policy *policy);

#endif
