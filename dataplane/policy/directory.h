/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of a pod that is being added, with what the directory of documents has for it. */
#ifndef RINGFENCE_DATAPLANE_POLICY_DIRECTORY_H
#define RINGFENCE_DATAPLANE_POLICY_DIRECTORY_H

#include "netconf/policy.h"

/*
 * Join to *@policy every document of @directory whose selector chooses the pod ("" for a name that
 * is not known): rf_policy_documents_read(), with its rules and codes. *@own is what *@policy was
 * before, as text, malloc()ed and the caller's; NULL if nothing was joined, so that it is still
 * that. On failure *@policy is still the caller's to free, and otherwise undefined.
 */
int rf_policy_directory_join(const char *directory, const char *pod_namespace, const char *pod_name,
			     struct rf_policy *policy, char **own, struct rf_error *error);

#endif
