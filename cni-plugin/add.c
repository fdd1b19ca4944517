// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/call.h"
#include "cni-plugin/request.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>

#define POLICY_DIRECTORY "/etc/ringfence/policy.d"

static void report_size(const char *key, uint32_t asked, uint32_t actual)
{
	fprintf(stderr,
		"ringfence: maps.%s is %u since the maps were loaded, not %u: it is taken when "
		"they are "
		"next loaded\n",
		key, actual, asked);
}

/* The directory is there by design, and not read yet: a policy in it must not be left out in
 * silence. */
static int refuse_policy_directory(struct rf_error *error)
{
	glob_t found = {};
	int ret = 0;

	if (!glob(POLICY_DIRECTORY "/*.json", GLOB_NOSORT, NULL, &found)) {
		ret = rf_fail(error, RF_CODE_UNSUPPORTED, -EOPNOTSUPP,
			      "policyDir: policy documents such as %s are not supported yet",
			      found.gl_pathv[0]);
		rf_error_hint(error, "put the policy into the network configuration, and move the "
				     "documents elsewhere");
	}
	globfree(&found);
	return ret;
}

int verb_add(struct call *call, struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	struct rf_attachment_request request;
	int ret = refuse_policy_directory(error);

	if (!ret)
		ret = request_make(call, &request, error);
	if (!ret)
		ret = rf_objects_ensure(&call->netconf.maps, &objects, error);
	if (ret)
		return ret;
	rf_objects_compare_sizes(&objects, &call->netconf.maps, report_size);
	ret = rf_attachment_add(&objects, &request, error);
	if (!ret)
		puts(call->netconf.previous_result.text);
	return ret;
}
