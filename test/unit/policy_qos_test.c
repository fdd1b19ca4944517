/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule asks for the packets of its flows. */
#include "test/unit/policy_support.h"

static struct rf_qos read_good(const char *text)
{
	_cleanup_(rf_policy_free) struct rf_policy policy = parse_good_policy(text);

	return policy.ingress.rules[0].qos;
}

static void code_points_are_numbers_or_the_names_of_the_rfcs(void **state)
{
	static const struct {
		const char *text;
		uint8_t dscp;
	} cases[] = {
		{"0", 0},         {"63", 63},       {"\"CS0\"", 0},   {"\"CS1\"", 8},
		{"\"CS2\"", 16},  {"\"CS3\"", 24},  {"\"CS4\"", 32},  {"\"CS5\"", 40},
		{"\"CS6\"", 48},  {"\"CS7\"", 56},  {"\"AF11\"", 10}, {"\"AF12\"", 12},
		{"\"AF13\"", 14}, {"\"AF21\"", 18}, {"\"AF22\"", 20}, {"\"AF23\"", 22},
		{"\"AF31\"", 26}, {"\"AF32\"", 28}, {"\"AF33\"", 30}, {"\"AF41\"", 34},
		{"\"AF42\"", 36}, {"\"AF43\"", 38}, {"\"EF\"", 46},
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rf_qos qos;

		snprintf(text, sizeof(text), RULE("\"qos\":{\"dscp\":%s}"), cases[i].text);
		qos = read_good(text);
		assert_true(qos.has_dscp);
		assert_int_equal(qos.dscp, cases[i].dscp);
		assert_false(qos.has_priority);
	}
}

static void priority_classes_are_numbers_or_as_tc_writes_them(void **state)
{
	static const struct {
		const char *text;
		uint32_t priority;
	} cases[] = {
		{"0", 0},       {"4294967295", UINT32_MAX},    {"\"1:10\"", 0x10010},
		{"\"0:0\"", 0}, {"\"ffff:FFFF\"", UINT32_MAX}, {"\"0001:000a\"", 0x1000a},
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rf_qos qos;

		snprintf(text, sizeof(text), RULE("\"qos\":{\"priorityClass\":%s}"), cases[i].text);
		qos = read_good(text);
		assert_true(qos.has_priority);
		assert_int_equal(qos.priority, cases[i].priority);
		assert_false(qos.has_dscp);
	}
}

static void without_qos_nothing_is_asked_for(void **state)
{
	struct rf_qos qos = read_good(RULE("\"log\":true"));

	(void)state;
	assert_false(qos.has_dscp || qos.has_priority);
	assert_int_equal(qos.dscp, 0);
	assert_int_equal(qos.priority, 0);
}

static void only_rules_that_allow_mark_packets(void **state)
{
	static const struct refusal refused[] = {
		{RULES("{\"id\":1,\"action\":\"deny\",\"qos\":{\"dscp\":0}}"), RF_CODE_CONFIG,
		 "policy.ingress.rules[0].qos: given for a rule whose action is deny"},
		{RULES("{\"qos\":{\"priorityClass\":0},\"id\":1,\"action\":\"reject\"}"),
		 RF_CODE_CONFIG,
		 "policy.ingress.rules[0].qos: given for a rule whose action is reject"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		assert_policy_refused(&refused[i], false);
	assert_true(
		read_good(RULES("{\"qos\":{\"dscp\":1},\"id\":1,\"action\":\"log\"}")).has_dscp);
}

static void what_is_no_qos_is_refused(void **state)
{
	static const struct {
		const char *qos;
		enum rf_code code;
		const char *message;
	} cases[] = {
		{"5", RF_CODE_DECODE, "qos: expected an object, not a number 5"},
		{"{}", RF_CODE_CONFIG, "policy.ingress.rules[0].qos: is empty"},
		{"{\"rate\":5}", RF_CODE_UNSUPPORTED, "qos.rate: unknown key, with value 5"},
		{"{\"dscp\":null}", RF_CODE_DECODE, "qos.dscp: expected a string or a number"},
		{"{\"dscp\":64}", RF_CODE_CONFIG, "qos.dscp: expected a whole number from 0 to 63"},
		{"{\"dscp\":-1}", RF_CODE_CONFIG, "from 0 to 63, not -1"},
		{"{\"dscp\":4.5}", RF_CODE_CONFIG, "from 0 to 63, not 4.5"},
		{"{\"dscp\":\"ef\"}", RF_CODE_CONFIG, "qos.dscp: \"ef\" is no known code point"},
		{"{\"dscp\":\"46\"}", RF_CODE_CONFIG, "\"46\" is no known code point"},
		{"{\"dscp\":\"AF14\"}", RF_CODE_CONFIG, "\"AF14\" is no known code point"},
		{"{\"dscp\":\"CS8\"}", RF_CODE_CONFIG, "\"CS8\" is no known code point"},
		{"{\"dscp\":\"\"}", RF_CODE_CONFIG, "\"\" is no known code point"},
		{"{\"priorityClass\":true}", RF_CODE_DECODE,
		 "qos.priorityClass: expected a string or a number"},
		{"{\"priorityClass\":-1}", RF_CODE_CONFIG, "from 0 to 4294967295, not -1"},
		{"{\"priorityClass\":4294967296}", RF_CODE_CONFIG, "not 4294967296"},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct refusal refusal = {text, cases[i].code, cases[i].message};

		snprintf(text, sizeof(text), RULE("\"qos\":%s"), cases[i].qos);
		assert_policy_refused(&refusal, false);
	}
}

static void what_is_no_class_of_tc_is_refused(void **state)
{
	static const char *const classes[] = {
		"",      "1",       "1:",      ":10",  ":",     "1:10:",   "1:10 ",        " 1:10",
		"1 :10", "10000:1", "1:10000", "1:g",  "x:1",   "0x1:10",  "-1:10",        "1:+1",
		"root",  "1;10",    "1:-1",    "1::1", "1:0x1", "00001:1", "1:10\xc3\xa4",
	};
	char text[128];
	struct refusal refusal = {text, RF_CODE_CONFIG, "is no class of tc"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(classes); i++) {
		snprintf(text, sizeof(text), RULE("\"qos\":{\"priorityClass\":\"%s\"}"),
			 classes[i]);
		assert_policy_refused(&refusal, false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_points_are_numbers_or_the_names_of_the_rfcs),
		cmocka_unit_test(priority_classes_are_numbers_or_as_tc_writes_them),
		cmocka_unit_test(without_qos_nothing_is_asked_for),
		cmocka_unit_test(only_rules_that_allow_mark_packets),
		cmocka_unit_test(what_is_no_qos_is_refused),
		cmocka_unit_test(what_is_no_class_of_tc_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
