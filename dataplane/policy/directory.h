/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of policy documents (policyDir), from which a pod takes those that choose it. */
#ifndef RINGFENCE_DATAPLANE_POLICY_DIRECTORY_H
#define RINGFENCE_DATAPLANE_POLICY_DIRECTORY_H

#include "netconf/policy.h"

/*
 * Join to *@policy every document of @directory whose selector chooses the pod ("" for a name that
 * is not known). Documents are the files *.json that do not begin with a dot, in the order of their
 * bytes; one without a name is called after its file. NULL stands for RF_POLICY_DIRECTORY, which
 * need not be there, as a directory that was asked for must.
 *
 * All documents have to be right, also those for other pods: what a broken one was meant for is not
 * known, and to leave it out may weaken a policy. CONFIG for what cannot be read, or is no regular
 * file; otherwise the codes of rf_policy_read() and rf_policy_join(), with the file's path. On
 * failure *@policy is still the caller's to free, and otherwise undefined.
 */
int rf_policy_directory_join(const char *directory, const char *pod_namespace, const char *pod_name,
			     struct rf_policy *policy, struct rf_error *error);

#endif
