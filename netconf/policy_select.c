// SPDX-License-Identifier: Apache-2.0
#include "netconf/policy.h"

#include <fnmatch.h>

static bool matches(const char *glob, const char *text)
{
	return !glob || !fnmatch(glob, text, 0);
}

bool rf_policy_selects(const struct rf_policy *policy, const char *pod_namespace,
		       const char *pod_name)
{
	return matches(policy->selector_namespace, pod_namespace) &&
	       matches(policy->selector_pod, pod_name);
}
