/* SPDX-License-Identifier: Apache-2.0 */
/* How a pod is treated: as the programs read it, and as its record keeps it. */
#include "dataplane/bandwidth.h"
#include "dataplane/record_json.h"
#include "dataplane/treatment.h"

#include "test/unit/netconf_support.h"

static const struct rf_treatment everything = {
	.mode = RF_MODE_AUDIT,
	.limits = {.new_flows_per_second = 7, .new_flows_burst = 8, .sessions = UINT32_MAX},
	.bandwidth = {.ingress_rate = 8000000,
		      .ingress_burst = 2000000,
		      .egress_rate = 9007199254740991,
		      .egress_burst = 0},
};

static void what_is_not_limited_has_neither_flag_nor_limit(void **state)
{
	const struct rf_treatment treatment = {0};
	const struct rf_pod_limits none = {0};
	struct rf_pod_limits limits = rf_treatment_limits(&treatment);

	(void)state;
	assert_int_equal(rf_treatment_flags(&treatment), 0);
	assert_memory_equal(&limits, &none, sizeof(limits));
}

static void each_limit_has_its_flag(void **state)
{
	static const struct {
		struct rf_treatment treatment;
		uint32_t flags;
	} cases[] = {
		{{.mode = RF_MODE_AUDIT}, RF_POD_AUDIT},
		{{.limits = {.sessions = 1}}, RF_POD_LIMIT_SESSIONS},
		{{.limits = {.new_flows_per_second = 1, .new_flows_burst = 1}},
		 RF_POD_LIMIT_NEW_FLOWS},
		{{.bandwidth = {.ingress_rate = 1}}, RF_POD_RATE(RF_INGRESS)},
		{{.bandwidth = {.egress_rate = 1}}, RF_POD_RATE(RF_EGRESS)},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(rf_treatment_flags(&cases[i].treatment), cases[i].flags);
	assert_int_equal(rf_treatment_flags(&everything), RF_TREATMENT_FLAGS);
}

static void limits_are_as_the_programs_count(void **state)
{
	struct rf_pod_limits limits = rf_treatment_limits(&everything);

	(void)state;
	assert_int_equal(limits.new_flows_per_second, 7);
	assert_int_equal(limits.new_flows_burst, 8);
	assert_int_equal(limits.sessions, UINT32_MAX);
	assert_int_equal(limits.rate[RF_INGRESS], 1000000);
	assert_int_equal(limits.burst[RF_INGRESS], rf_bandwidth_burst(8000000, 2000000));
	assert_int_equal(limits.rate[RF_EGRESS], rf_bandwidth_rate(9007199254740991));
	assert_int_equal(limits.burst[RF_EGRESS], rf_bandwidth_burst(9007199254740991, 0));
}

#define RECORD(members)                                                                            \
	"{\"network\":\"n\",\"container\":\"c\",\"interface\":\"eth0\",\"podNamespace\":\"\","     \
	"\"podName\":\"\",\"hostInterface\":\"v\",\"podId\":1,\"policyId\":2,\"incarnation\":3,"   \
	"\"ips\":[],\"ifindex\":4,\"owner\":\"5\",\"attach\":\"tcx\"" members "}"

static struct rf_treatment read_record(const char *text)
{
	_cleanup_record_ struct rf_record record = {};
	struct rf_error error = {};

	if (rf_record_parse(text, strlen(text), &record, &error))
		fail_msg("%s: %s", text, error.message);
	return record.treatment;
}

static void assert_equal_treatments(const struct rf_treatment *a, const struct rf_treatment *b)
{
	assert_int_equal(a->mode, b->mode);
	assert_memory_equal(&a->limits, &b->limits, sizeof(a->limits));
	assert_memory_equal(&a->bandwidth, &b->bandwidth, sizeof(a->bandwidth));
}

static void a_record_keeps_the_treatment(void **state)
{
	_cleanup_record_ struct rf_record record = {};
	struct rf_error error = {};
	_cleanup_free_ char *text = NULL;
	struct rf_treatment again;

	(void)state;
	assert_int_equal(rf_record_parse(RECORD(""), strlen(RECORD("")), &record, &error), 0);
	record.treatment = everything;
	text = rf_record_format(&record);
	assert_non_null(text);
	again = read_record(text);
	assert_equal_treatments(&again, &everything);
}

static void a_record_of_before_is_of_a_pod_that_is_enforced(void **state)
{
	const struct rf_treatment enforced = {0};
	struct rf_treatment treatment = read_record(RECORD(""));

	(void)state;
	assert_equal_treatments(&treatment, &enforced);
	treatment = read_record(RECORD(",\"mode\":\"enforce\",\"limits\":{\"later\":1}"));
	assert_equal_treatments(&treatment, &enforced);
}

static void a_record_with_a_broken_treatment_is_broken(void **state)
{
	static const char *const texts[] = {
		RECORD(",\"mode\":\"other\""),
		RECORD(",\"mode\":1"),
		RECORD(",\"limits\":[{\"sessions\":1}]"),
		RECORD(",\"bandwidth\":null"),
		RECORD(",\"limits\":{\"sessions\":4294967296}"),
		RECORD(",\"limits\":{\"newFlowsPerSecond\":\"1\"}"),
		RECORD(",\"limits\":{\"newFlowsBurst\":-1}"),
		RECORD(",\"bandwidth\":{\"ingressRate\":1.5}"),
		RECORD(",\"bandwidth\":{\"ingressBurst\":-1}"),
		RECORD(",\"bandwidth\":{\"egressRate\":null}"),
		RECORD(",\"bandwidth\":{\"egressBurst\":[]}"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct rf_record record = {};
		struct rf_error error = {};

		assert_int_equal(rf_record_parse(texts[i], strlen(texts[i]), &record, &error),
				 -EINVAL);
		assert_int_equal(error.code, RF_CODE_RECORD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_limited_has_neither_flag_nor_limit),
		cmocka_unit_test(each_limit_has_its_flag),
		cmocka_unit_test(limits_are_as_the_programs_count),
		cmocka_unit_test(a_record_keeps_the_treatment),
		cmocka_unit_test(a_record_of_before_is_of_a_pod_that_is_enforced),
		cmocka_unit_test(a_record_with_a_broken_treatment_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
