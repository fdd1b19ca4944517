/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of a policy is the same, and has nothing in common with what it was copied from. */
#include "test/unit/policy_support.h"

#define DOCUMENT                                                                                   \
	"{\"name\":\"web\",\"selector\":{\"namespace\":\"shop\",\"pod\":\"w*\"},"                  \
	"\"ingress\":{\"default\":\"allow\",\"rules\":[{\"id\":1,\"action\":\"log\","              \
	"\"priority\":7,\"peers\":[\"10.0.0.0/8\",\"fd00::/8\"],\"except\":[\"10.9.0.0/16\"],"     \
	"\"protocol\":\"tcp\",\"ports\":[\"80\",\"90-99\"],\"log\":true,"                          \
	"\"qos\":{\"priorityClass\":5,\"dscp\":9},\"document\":\"base\"},"                         \
	"{\"id\":2,\"action\":\"deny\",\"priority\":1000,\"protocol\":\"any\",\"log\":false}]},"   \
	"\"egress\":{\"default\":\"deny\",\"document\":\"base+web\",\"rules\":[]}}"

static void a_copy_is_the_same_and_outlives_the_original(void **state)
{
	struct rf_policy policy = parse_good_policy(DOCUMENT);
	_cleanup_(rf_policy_free) struct rf_policy copy = {0};
	_cleanup_free_ char *text = NULL;
	struct rf_error error = {0};

	(void)state;
	assert_int_equal(rf_policy_copy(&policy, &copy, &error), 0);
	memset(policy.ingress.rules[0].peers, 0, sizeof(struct rf_prefix));
	*policy.ingress.rules[0].document = *policy.egress.document = '?';
	rf_policy_free(&policy);
	text = rf_policy_text(&copy);
	assert_string_equal(text, DOCUMENT);
}

static void a_policy_that_says_nothing_is_copied_too(void **state)
{
	struct rf_policy policy = {0}, copy = {0};
	_cleanup_free_ char *text = NULL;
	struct rf_error error = {0};

	(void)state;
	assert_int_equal(rf_policy_copy(&policy, &copy, &error), 0);
	text = rf_policy_text(&copy);
	assert_string_equal(text, "{}");
	rf_policy_free(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_is_the_same_and_outlives_the_original),
		cmocka_unit_test(a_policy_that_says_nothing_is_copied_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
