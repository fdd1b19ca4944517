// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/directory.h"
#include "dataplane/policy/documents.h"
#include "netconf/cleanup.h"

int rf_policy_directory_join(const char *directory, const char *pod_namespace, const char *pod_name,
			     struct rf_policy *policy, char **own, struct rf_error *error)
{
	_cleanup_documents_ struct rf_policy_documents documents = {};
	_cleanup_free_ bool *chosen = NULL;
	_cleanup_free_ char *text = NULL;
	int ret = rf_policy_documents_read(directory, &documents, error);

	*own = NULL;
	if (ret)
		return ret;
	chosen = calloc(documents.count + 1, sizeof(*chosen));
	if (!chosen)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy documents");
	if (!rf_policy_documents_select(&documents, pod_namespace, pod_name, chosen))
		return 0;
	text = rf_policy_text(policy);
	if (!text)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy document");
	ret = rf_policy_documents_join(&documents, chosen, policy, error);
	if (!ret)
		*own = TAKE_PTR(text);
	return ret;
}
