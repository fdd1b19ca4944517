// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/call.h"
#include "cni-plugin/request.h"
#include "dataplane/capabilities.h"
#include "dataplane/heal.h"
#include "dataplane/policy/directory.h"

#include <stdio.h>

static void report_size(const char *key, uint32_t asked, uint32_t actual)
{
	fprintf(stderr,
		"ringfence: maps.%s is %u since the maps were loaded, not %u: it is taken when "
		"they are "
		"next loaded\n",
		key, actual, asked);
}

int verb_add(struct call *call, struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	struct rf_attachment_request request;
	int ret = rf_policy_directory_join(
		call->netconf.policy_directory, call->environment.pod_namespace,
		call->environment.pod_name, &call->netconf.policy, error);

	if (!ret)
		ret = rf_capabilities_check(error);
	if (!ret)
		ret = request_make(call, &request, error);
	if (!ret)
		ret = rf_objects_ensure(&call->netconf.maps, &objects, error);
	if (ret)
		return ret;
	rf_objects_compare_sizes(&objects, &call->netconf.maps, report_size);
	ret = rf_attachment_add(&objects, &request, error);
	if (ret)
		return ret;
	rf_heal(&objects, RF_HEAL_SOME);
	puts(call->netconf.previous_result.text);
	return 0;
}
