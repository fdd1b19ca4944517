// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/reload_internal.h"

#include <stdlib.h>

void rf_reload_fail(struct rf_reload_pod *pod, const struct rf_error *error)
{
	pod->result = RF_RELOAD_FAILED;
	pod->is_settled = true;
	pod->error = error ? malloc(sizeof(*error)) : NULL;
	if (pod->error)
		*pod->error = *error;
}

void rf_policy_reload_free(struct rf_reload *reload)
{
	for (size_t i = 0; i < reload->pod_count; i++) {
		rf_record_free(&reload->pods[i].record);
		free(reload->pods[i].policy);
		free(reload->pods[i].error);
		free(reload->pods[i].chosen);
	}
	for (size_t i = 0; i < reload->directory_count; i++) {
		free(reload->directories[i].path);
		rf_policy_documents_free(&reload->directories[i].documents);
	}
	free(reload->pods);
	free(reload->directories);
	*reload = (struct rf_reload){};
}
