/* SPDX-License-Identifier: Apache-2.0 */
/* The documents of a directory (policyDir), read once, and the policies that they make with what
 * pods have of their own. */
#ifndef RINGFENCE_DATAPLANE_POLICY_DOCUMENTS_H
#define RINGFENCE_DATAPLANE_POLICY_DOCUMENTS_H

#include "netconf/policy.h"

struct rf_policy_documents {
	struct rf_policy_part *items; /* in the order of their names; each policy has a name */
	size_t count;
};

/*
 * Read every document of @directory: the files *.json that do not begin with a dot, in the order of
 * their bytes; one without a name is called after its file. NULL stands for RF_POLICY_DIRECTORY,
 * which need not be there, as a directory that was asked for must.
 *
 * All of them have to be right: what a broken one was meant for is not known, and to leave it out
 * may weaken a policy. CONFIG for what cannot be read, or is no regular file; otherwise the codes
 * of rf_policy_read(), with the file's path. On success the caller owns *@out
 * (rf_policy_documents_free()).
 */
int rf_policy_documents_read(const char *directory, struct rf_policy_documents *out,
			     struct rf_error *error);

/*
 * Call @found for each document of @directory that rf_policy_documents_read() would refuse, in
 * their order, with the error. 0, or -errno and an error if the directory cannot be listed.
 */
int rf_policy_documents_check(const char *directory,
			      void (*found)(const struct rf_error *fault, void *context),
			      void *context, struct rf_error *error);

/*
 * Note in @chosen, which has room for one more than the count, which documents' selectors choose
 * the pod ("" for a name that is not known). Returns how many.
 */
size_t rf_policy_documents_select(const struct rf_policy_documents *documents,
				  const char *pod_namespace, const char *pod_name, bool *chosen);

/*
 * Join the @chosen documents to *@policy, which is the configuration's own and one of the parts if
 * it restricts something. With none chosen it stays as it is. The codes of rf_policy_join(). On
 * failure *@policy is still the caller's to free, and otherwise undefined.
 */
int rf_policy_documents_join(const struct rf_policy_documents *documents, const bool *chosen,
			     struct rf_policy *policy, struct rf_error *error);

void rf_policy_documents_free(struct rf_policy_documents *documents);
#define _cleanup_documents_ __attribute__((cleanup(rf_policy_documents_free)))

#endif
