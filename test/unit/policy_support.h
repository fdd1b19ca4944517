/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RINGFENCE_TEST_UNIT_POLICY_SUPPORT_H
#define RINGFENCE_TEST_UNIT_POLICY_SUPPORT_H

#include "netconf/policy.h"
#include "test/unit/netconf_support.h"

#include <stdio.h>

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

/* A document with the given rules, and one whose rule has the given members behind id and action.
 */
#define RULES(members) "{\"ingress\":{\"rules\":[" members "]}}"
#define RULE(members)  RULES("{\"id\":1,\"action\":\"allow\"," members "}")

static inline void assert_policy_refused(const struct refusal *refusal, bool with_selector)
{
	_cleanup_json_ cJSON *json = parse_good_json(refusal->text);
	struct rf_error error = {0};
	struct rf_policy untouched;
	struct rf_policy policy;

	memset(&untouched, 0x5a, sizeof(untouched));
	memcpy(&policy, &untouched, sizeof(policy));
	if (rf_policy_parse(json, "policy", with_selector, &policy, &error) == 0)
		fail_msg("%s is taken", refusal->text);
	assert_error(&error, refusal->text, refusal->code, refusal->message);
	assert_memory_equal(&policy, &untouched, sizeof(policy));
	assert_true(rf_policy_parse(json, "policy", with_selector, &policy, NULL) < 0);
}

#endif
