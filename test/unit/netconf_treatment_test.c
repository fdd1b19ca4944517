/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that say how a pod is treated besides its policy. */
#include "test/unit/configuration_support.h"

static struct rf_treatment read_good(const char *text)
{
	_cleanup_(rf_netconf_free) struct rf_netconf netconf = {0};

	parse_good_netconf(text, RF_NETCONF_WHOLE, &netconf);
	return netconf.treatment;
}

static void assert_no_limits(const struct rf_treatment *treatment)
{
	assert_int_equal(treatment->limits.new_flows_per_second, 0);
	assert_int_equal(treatment->limits.new_flows_burst, 0);
	assert_int_equal(treatment->limits.sessions, 0);
	assert_int_equal(treatment->bandwidth.ingress_rate, 0);
	assert_int_equal(treatment->bandwidth.ingress_burst, 0);
	assert_int_equal(treatment->bandwidth.egress_rate, 0);
	assert_int_equal(treatment->bandwidth.egress_burst, 0);
}

static void a_pod_is_enforced_without_limits_if_nothing_is_said(void **state)
{
	static const char *const texts[] = {
		CONF("\"attach\":\"auto\""),
		CONF("\"mode\":\"enforce\""),
		CONF("\"limits\":{}"),
		CONF("\"runtimeConfig\":null"),
		CONF("\"runtimeConfig\":{}"),
		CONF("\"runtimeConfig\":{\"bandwidth\":null}"),
		CONF("\"runtimeConfig\":{\"bandwidth\":{}}"),
		CONF("\"runtimeConfig\":{\"bandwidth\":{\"egressRate\":0}}"),
		CONF("\"runtimeConfig\":{\"portMappings\":[1],\"bandwidth\":{\"ingressRate\":0,"
		     "\"ingressBurst\":0,\"egressRate\":0,\"egressBurst\":0}}"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct rf_treatment treatment = read_good(texts[i]);

		assert_int_equal(treatment.mode, RF_MODE_ENFORCE);
		assert_no_limits(&treatment);
	}
}

static void a_pod_may_be_audited(void **state)
{
	struct rf_treatment treatment = read_good(CONF("\"mode\":\"audit\""));

	(void)state;
	assert_int_equal(treatment.mode, RF_MODE_AUDIT);
	assert_no_limits(&treatment);
}

static void limits_are_read(void **state)
{
	struct rf_treatment treatment =
		read_good(CONF("\"limits\":{\"newFlowsPerSecond\":1,\"newFlowsBurst\":4294967295,"
			       "\"sessions\":2}"));

	(void)state;
	assert_int_equal(treatment.limits.new_flows_per_second, 1);
	assert_int_equal(treatment.limits.new_flows_burst, UINT32_MAX);
	assert_int_equal(treatment.limits.sessions, 2);
}

static void a_burst_of_flows_is_those_of_a_second_if_nothing_is_said(void **state)
{
	struct rf_treatment treatment = read_good(CONF("\"limits\":{\"newFlowsPerSecond\":100}"));

	(void)state;
	assert_int_equal(treatment.limits.new_flows_burst, 100);
	assert_int_equal(treatment.limits.sessions, 0);
}

static void bandwidth_is_read_in_bits(void **state)
{
	struct rf_treatment treatment = read_good(
		CONF("\"runtimeConfig\":{\"bandwidth\":{\"ingressRate\":1,\"ingressBurst\":2,"
		     "\"egressRate\":9007199254740991,\"egressBurst\":2147483647}}"));

	(void)state;
	assert_int_equal(treatment.bandwidth.ingress_rate, 1);
	assert_int_equal(treatment.bandwidth.ingress_burst, 2);
	assert_int_equal(treatment.bandwidth.egress_rate, 9007199254740991);
	assert_int_equal(treatment.bandwidth.egress_burst, 2147483647);
}

static void a_rate_needs_no_burst(void **state)
{
	struct rf_treatment treatment = read_good(
		CONF("\"runtimeConfig\":{\"bandwidth\":{\"egressRate\":8000,\"egressBurst\":0}}"));

	(void)state;
	assert_int_equal(treatment.bandwidth.egress_rate, 8000);
	assert_int_equal(treatment.bandwidth.egress_burst, 0);
	assert_int_equal(treatment.bandwidth.ingress_rate, 0);
}

static void a_burst_without_its_rate_is_refused(void **state)
{
	static const struct refusal cases[] = {
		{CONF("\"limits\":{\"newFlowsBurst\":5}"), RF_CODE_CONFIG,
		 "limits.newFlowsBurst: given without newFlowsPerSecond"},
		{CONF("\"runtimeConfig\":{\"bandwidth\":{\"ingressBurst\":1}}"), RF_CODE_CONFIG,
		 "runtimeConfig.bandwidth.ingressBurst: given without a rate"},
		{CONF("\"runtimeConfig\":{\"bandwidth\":{\"ingressRate\":8000,\"egressRate\":0,"
		      "\"egressBurst\":1}}"),
		 RF_CODE_CONFIG, "runtimeConfig.bandwidth.egressBurst: given without a rate"},
	};

	(void)state;
	assert_all_refused(cases, COUNT_OF(cases));
}

static void what_is_no_limit_is_refused(void **state)
{
	static const struct refusal cases[] = {
		{CONF("\"mode\":\"Audit\""), RF_CODE_CONFIG,
		 "mode: \"Audit\" is not allowed: expected one of enforce, audit"},
		{CONF("\"limits\":{\"newFlowsPerSecond\":0}"), RF_CODE_CONFIG,
		 "limits.newFlowsPerSecond: expected a whole number from 1"},
		{CONF("\"limits\":{\"newFlowsBurst\":0,\"newFlowsPerSecond\":1}"), RF_CODE_CONFIG,
		 "limits.newFlowsBurst: expected a whole number from 1"},
		{CONF("\"limits\":{\"sessions\":4294967296}"), RF_CODE_CONFIG,
		 "limits.sessions: expected a whole number from 1 to 4294967295, not 4294967296"},
		{CONF("\"runtimeConfig\":{\"bandwidth\":{\"egressRate\":-1}}"), RF_CODE_CONFIG,
		 "runtimeConfig.bandwidth.egressRate: expected a whole number from 0"},
		{CONF("\"runtimeConfig\":{\"bandwidth\":{\"egressRate\":1.5}}"), RF_CODE_CONFIG,
		 "runtimeConfig.bandwidth.egressRate: expected a whole number"},
	};

	(void)state;
	assert_all_refused(cases, COUNT_OF(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pod_is_enforced_without_limits_if_nothing_is_said),
		cmocka_unit_test(a_pod_may_be_audited),
		cmocka_unit_test(limits_are_read),
		cmocka_unit_test(a_burst_of_flows_is_those_of_a_second_if_nothing_is_said),
		cmocka_unit_test(bandwidth_is_read_in_bits),
		cmocka_unit_test(a_rate_needs_no_burst),
		cmocka_unit_test(a_burst_without_its_rate_is_refused),
		cmocka_unit_test(what_is_no_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
