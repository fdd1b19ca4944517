/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RINGFENCE_TEST_UNIT_POLICY_SUPPORT_H
#define RINGFENCE_TEST_UNIT_POLICY_SUPPORT_H

#include "netconf/policy.h"
#include "test/unit/netconf_support.h"

/* The policy of a text that is known to be good; free it. */
static inline struct rf_policy parse_good_policy(const char *text)
{
	_cleanup_json_ cJSON *json = parse_good_json(text);
	struct rf_error error = {0};
	struct rf_policy policy;

	if (rf_policy_parse(json, "policy", true, &policy, &error) < 0)
		fail_msg("%s: %s", text, error.message);
	return policy;
}

#endif
