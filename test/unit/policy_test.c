/* SPDX-License-Identifier: Apache-2.0 */
#include "test/unit/policy_support.h"

#include <netinet/in.h>
#include <time.h>

static void the_designs_document_is_read(void **state)
{
	_cleanup_(rf_policy_free) struct rf_policy policy = parse_good_policy(
		"{\"name\":\"web\",\"selector\":{\"namespace\":\"shop\",\"pod\":\"web-*\"},"
		"\"ingress\":{\"default\":\"deny\",\"rules\":[{\"id\":1001,\"action\":\"allow\","
		"\"priority\":100,\"peers\":[\"10.0.0.0/8\",\"fd00::/8\"],"
		"\"except\":[\"10.9.0.0/16\"],\"protocol\":\"tcp\","
		"\"ports\":[\"443\",\"8000-8100\"],\"log\":false}]},"
		"\"egress\":{\"default\":\"allow\",\"rules\":[]}}");
	const struct rf_rule *rule = &policy.ingress.rules[0];
	char text[RF_PREFIX_TEXT];

	(void)state;
	assert_string_equal(policy.name, "web");
	assert_string_equal(policy.selector_namespace, "shop");
	assert_string_equal(policy.selector_pod, "web-*");
	assert_true(policy.ingress.restricted && policy.egress.restricted);
	assert_int_equal(policy.ingress.default_action, RF_ACTION_DENY);
	assert_int_equal(policy.egress.default_action, RF_ACTION_ALLOW);
	assert_int_equal(policy.ingress.rule_count, 1);
	assert_int_equal(policy.egress.rule_count, 0);
	assert_int_equal(rule->id, 1001);
	assert_int_equal(rule->action, RF_ACTION_ALLOW);
	assert_int_equal(rule->priority, 100);
	assert_int_equal(rule->protocol, IPPROTO_TCP);
	assert_int_equal(rule->peer_count, 2);
	assert_string_equal(rf_prefix_format(&rule->peers[1], text), "fd00::/8");
	assert_int_equal(rule->except_count, 1);
	assert_string_equal(rf_prefix_format(&rule->except[0], text), "10.9.0.0/16");
	assert_int_equal(rule->port_count, 2);
	assert_int_equal(rule->ports[0].first, 443);
	assert_int_equal(rule->ports[0].last, 443);
	assert_int_equal(rule->ports[1].first, 8000);
	assert_int_equal(rule->ports[1].last, 8100);
}

static void what_is_absent_has_its_default(void **state)
{
	_cleanup_(rf_policy_free) struct rf_policy policy = parse_good_policy(
		"{\"ingress\":{\"rules\":[{\"action\":\"deny\",\"id\":4294967295}]}}");
	const struct rf_rule *rule = &policy.ingress.rules[0];

	(void)state;
	assert_null(policy.name);
	assert_null(policy.selector_pod);
	assert_true(policy.ingress.restricted);
	assert_int_equal(policy.ingress.default_action, RF_ACTION_DENY);
	assert_false(policy.egress.restricted);
	assert_int_equal(rule->id, UINT32_MAX);
	assert_int_equal(rule->priority, 1000);
	assert_int_equal(rule->protocol, RF_PROTOCOL_ANY);
	assert_int_equal(rule->peer_count + rule->except_count + rule->port_count, 0);
}

static void an_empty_document_restricts_nothing(void **state)
{
	_cleanup_(rf_policy_free) struct rf_policy policy = parse_good_policy("{}");
	struct rf_policy zeroed = {0};

	(void)state;
	assert_memory_equal(&policy, &zeroed, sizeof(policy));
	rf_policy_free(&zeroed);
}

static void an_empty_direction_denies(void **state)
{
	_cleanup_(rf_policy_free) struct rf_policy policy = parse_good_policy("{\"egress\":{}}");

	(void)state;
	assert_true(policy.egress.restricted);
	assert_int_equal(policy.egress.default_action, RF_ACTION_DENY);
	assert_false(policy.ingress.restricted);
}

static void protocols_are_names_or_numbers(void **state)
{
	static const struct {
		const char *text;
		int protocol;
	} cases[] = {
		{RULE("\"protocol\":\"tcp\""), 6},     {RULE("\"protocol\":\"udp\""), 17},
		{RULE("\"protocol\":\"sctp\""), 132},  {RULE("\"protocol\":\"icmp\""), 1},
		{RULE("\"protocol\":\"icmpv6\""), 58}, {RULE("\"protocol\":\"any\""), -1},
		{RULE("\"protocol\":0"), 0},           {RULE("\"protocol\":255"), 255},
		{RULE("\"protocol\":6"), 6},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		_cleanup_(rf_policy_free) struct rf_policy policy =
			parse_good_policy(cases[i].text);

		assert_int_equal(policy.ingress.rules[0].protocol, cases[i].protocol);
	}
}

static void ports_are_numbers_ranges_or_icmp_types(void **state)
{
	static const struct {
		const char *text;
		uint16_t first;
		uint16_t last;
	} cases[] = {
		{RULE("\"ports\":[\"0\"],\"protocol\":\"tcp\""), 0, 0},
		{RULE("\"protocol\":\"udp\",\"ports\":[\"65535\"]"), 65535, 65535},
		{RULE("\"protocol\":\"sctp\",\"ports\":[\"0-65535\"]"), 0, 65535},
		{RULE("\"protocol\":6,\"ports\":[443]"), 443, 443},
		{RULE("\"protocol\":\"icmp\",\"ports\":[\"8\"]"), 8 << 8, 8 << 8 | 255},
		{RULE("\"protocol\":\"icmp\",\"ports\":[8]"), 8 << 8, 8 << 8 | 255},
		{RULE("\"protocol\":1,\"ports\":[\"3/4\"]"), 3 << 8 | 4, 3 << 8 | 4},
		{RULE("\"protocol\":\"icmpv6\",\"ports\":[\"255/255\"]"), 65535, 65535},
		{RULE("\"protocol\":58,\"ports\":[\"128/0\"]"), 128 << 8, 128 << 8},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		_cleanup_(rf_policy_free) struct rf_policy policy =
			parse_good_policy(cases[i].text);
		const struct rf_rule *rule = &policy.ingress.rules[0];

		assert_int_equal(rule->port_count, 1);
		assert_int_equal(rule->ports[0].first, cases[i].first);
		assert_int_equal(rule->ports[0].last, cases[i].last);
	}
}

static void empty_ports_and_except_are_none(void **state)
{
	_cleanup_(rf_policy_free) struct rf_policy policy =
		parse_good_policy(RULE("\"ports\":[],\"except\":[]"));

	(void)state;
	assert_int_equal(policy.ingress.rules[0].port_count, 0);
	assert_int_equal(policy.ingress.rules[0].except_count, 0);
}

static void unknown_keys_are_refused_with_key_and_value(void **state)
{
	static const struct refusal cases[] = {
		{"{\"Ingress\":{}}", RF_CODE_UNSUPPORTED,
		 "policy.Ingress: unknown key, with value {}"},
		{"{\"ingress\":{\"rule\":[1]}}", RF_CODE_UNSUPPORTED,
		 "policy.ingress.rule: unknown key, with value [1]"},
		{RULE("\"quality\":5"), RF_CODE_UNSUPPORTED,
		 "policy.ingress.rules[0].quality: unknown key, with value 5"},
		{RULE("\"peer\":\"10.0.0.1\""), RF_CODE_UNSUPPORTED,
		 "policy.ingress.rules[0].peer: unknown key, with value \"10.0.0.1\""},
		{"{\"selector\":{\"name\":\"x\"}}", RF_CODE_UNSUPPORTED,
		 "policy.selector.name: unknown key, with value \"x\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_policy_refused(&cases[i], true);
}

static void actions_are_four_and_log_reports(void **state)
{
	static const struct {
		const char *text;
		enum rf_action action;
		bool is_logged;
	} cases[] = {
		{RULES("{\"id\":1,\"action\":\"allow\"}"), RF_ACTION_ALLOW, false},
		{RULES("{\"id\":1,\"action\":\"deny\"}"), RF_ACTION_DENY, false},
		{RULES("{\"id\":1,\"action\":\"reject\"}"), RF_ACTION_REJECT, false},
		{RULES("{\"id\":1,\"action\":\"log\"}"), RF_ACTION_LOG, true},
		{RULES("{\"id\":1,\"action\":\"log\",\"log\":false}"), RF_ACTION_LOG, true},
		{RULES("{\"id\":1,\"action\":\"allow\",\"log\":true}"), RF_ACTION_ALLOW, true},
		{RULES("{\"log\":true,\"id\":1,\"action\":\"deny\"}"), RF_ACTION_DENY, true},
		{RULES("{\"id\":1,\"action\":\"reject\",\"log\":true}"), RF_ACTION_REJECT, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		_cleanup_(rf_policy_free) struct rf_policy policy =
			parse_good_policy(cases[i].text);

		assert_int_equal(policy.ingress.rules[0].action, cases[i].action);
		assert_int_equal(policy.ingress.rules[0].is_logged, cases[i].is_logged);
	}
}

static void a_default_is_allow_or_deny(void **state)
{
	static const struct refusal cases[] = {
		{"{\"ingress\":{\"default\":\"reject\"}}", RF_CODE_CONFIG,
		 "policy.ingress.default: \"reject\" is not allowed: expected one of allow, deny"},
		{"{\"egress\":{\"default\":\"log\"}}", RF_CODE_CONFIG,
		 "policy.egress.default: \"log\" is not allowed: expected one of allow, deny"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_policy_refused(&cases[i], false);
}

static void wrong_types_are_refused(void **state)
{
	static const struct refusal cases[] = {
		{"null", RF_CODE_DECODE, "policy: expected an object, not null"},
		{"[]", RF_CODE_DECODE, "policy: expected an object, not an array"},
		{"{\"name\":5}", RF_CODE_DECODE, "policy.name: expected a string, not a number 5"},
		{"{\"selector\":null}", RF_CODE_DECODE, "policy.selector: expected an object"},
		{"{\"selector\":{\"pod\":1}}", RF_CODE_DECODE,
		 "policy.selector.pod: expected a string"},
		{"{\"ingress\":null}", RF_CODE_DECODE,
		 "policy.ingress: expected an object, not null"},
		{"{\"egress\":[]}", RF_CODE_DECODE, "policy.egress: expected an object"},
		{"{\"egress\":{\"default\":null}}", RF_CODE_DECODE,
		 "policy.egress.default: expected"},
		{"{\"egress\":{\"rules\":null}}", RF_CODE_DECODE,
		 "policy.egress.rules: expected an array"},
		{"{\"egress\":{\"rules\":{}}}", RF_CODE_DECODE,
		 "policy.egress.rules: expected an array"},
		{RULES("[]"), RF_CODE_DECODE, "policy.ingress.rules[0]: expected an object"},
		{RULES("{\"id\":\"1\"}"), RF_CODE_DECODE, "rules[0].id: expected a number"},
		{RULES("{\"action\":true}"), RF_CODE_DECODE, "rules[0].action: expected a string"},
		{RULE("\"priority\":\"1\""), RF_CODE_DECODE,
		 "rules[0].priority: expected a number"},
		{RULE("\"peers\":\"10.0.0.1\""), RF_CODE_DECODE,
		 "rules[0].peers: expected an array"},
		{RULE("\"peers\":[1]"), RF_CODE_DECODE, "rules[0].peers[0]: expected a string"},
		{RULE("\"except\":{}"), RF_CODE_DECODE, "rules[0].except: expected an array"},
		{RULE("\"except\":[null]"), RF_CODE_DECODE,
		 "rules[0].except[0]: expected a string"},
		{RULE("\"protocol\":null"), RF_CODE_DECODE,
		 "rules[0].protocol: expected a string or"},
		{RULE("\"ports\":443"), RF_CODE_DECODE, "rules[0].ports: expected an array"},
		{RULE("\"protocol\":\"tcp\",\"ports\":[true]"), RF_CODE_DECODE,
		 "rules[0].ports[0]: expected a string or a number, not a boolean true"},
		{RULE("\"log\":\"yes\""), RF_CODE_DECODE, "rules[0].log: expected true or false"},
		{RULE("\"document\":null"), RF_CODE_DECODE,
		 "rules[0].document: expected a string, not null"},
		{"{\"egress\":{\"document\":7}}", RF_CODE_DECODE,
		 "policy.egress.document: expected a string, not a number 7"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_policy_refused(&cases[i], true);
}

static void invalid_values_are_refused(void **state)
{
	static const struct refusal cases[] = {
		{"{\"name\":\"\"}", RF_CODE_CONFIG, "policy.name: is empty"},
		{"{\"ingress\":{\"default\":\"drop\"}}", RF_CODE_CONFIG,
		 "policy.ingress.default: \"drop\" is not allowed: expected one of allow, deny"},
		{RULES("{\"action\":\"allow\"}"), RF_CODE_CONFIG, "rules[0]: required key \"id\""},
		{RULES("{\"id\":1}"), RF_CODE_CONFIG,
		 "rules[0]: required key \"action\" is missing"},
		{RULES("{\"id\":0}"), RF_CODE_CONFIG,
		 "rules[0].id: expected a whole number from 1 to 4294967295, not 0"},
		{RULES("{\"id\":4294967296}"), RF_CODE_CONFIG, "not 4294967296"},
		{RULES("{\"id\":1.5}"), RF_CODE_CONFIG, "not 1.5"},
		{RULES("{\"id\":1,\"action\":\"Allow\"}"), RF_CODE_CONFIG,
		 "\"Allow\" is not allowed"},
		{RULE("\"priority\":-1"), RF_CODE_CONFIG,
		 "rules[0].priority: expected a whole number"},
		{RULE("\"peers\":[]"), RF_CODE_CONFIG, "policy.ingress.rules[0].peers: is empty"},
		{RULE("\"protocol\":\"TCP\""), RF_CODE_CONFIG, "\"TCP\" is no known protocol"},
		{RULE("\"protocol\":\"6\""), RF_CODE_CONFIG, "\"6\" is no known protocol"},
		{RULE("\"protocol\":256"), RF_CODE_CONFIG, "from 0 to 255, not 256"},
		{RULE("\"ports\":[\"80\"]"), RF_CODE_CONFIG,
		 "rules[0].ports: given for a protocol"},
		{RULE("\"ports\":[\"80\"],\"protocol\":47"), RF_CODE_CONFIG, "has no ports"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_policy_refused(&cases[i], false);
}

static void invalid_ports_are_refused(void **state)
{
	static const char *const tcp[] = {
		"\"\"",        "\"65536\"",    "\"080\"",    "\"+80\"",  "\"-80\"",
		"\"80-\"",     "\"-\"",        "\"90-80\"",  "\"80 \"",  "\" 80\"",
		"\"80 - 90\"", "\"80-90-95\"", "\"80/tcp\"", "\"0x50\"", "\"http\"",
		"\"80,90\"",   "65536",        "-1",         "80.5",     "\"4294967376\"",
		"\"1-65536\"", "\"00\""};
	static const char *const icmp[] = {"\"256\"",  "\"8/256\"", "\"8/\"",   "\"/0\"",
					   "\"8-10\"", "\"08\"",    "\"8/00\"", "\"8/0/0\"",
					   "256",      "\"echo\""};
	char text[256];
	struct refusal refusal = {text, RF_CODE_CONFIG, "policy.ingress.rules[0].ports[1]: "};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(tcp); i++) {
		snprintf(text, sizeof(text), RULE("\"protocol\":\"tcp\",\"ports\":[1,%s]"), tcp[i]);
		assert_policy_refused(&refusal, false);
	}
	for (size_t i = 0; i < COUNT_OF(icmp); i++) {
		snprintf(text, sizeof(text), RULE("\"protocol\":\"icmp\",\"ports\":[1,%s]"),
			 icmp[i]);
		assert_policy_refused(&refusal, false);
	}
}

static void bad_prefixes_are_named_with_what_was_meant(void **state)
{
	static const struct refusal cases[] = {
		{RULE("\"peers\":[\"10.0.0.0/8\",\"10.1.2.3/8\"]"), RF_CODE_CONFIG,
		 "policy.ingress.rules[0].peers[1]: \"10.1.2.3/8\" has host bits set: did you mean "
		 "10.0.0.0/8?"},
		{RULE("\"except\":[\"fd00::1/64\"]"), RF_CODE_CONFIG,
		 "policy.ingress.rules[0].except[0]: \"fd00::1/64\" has host bits set: did you "
		 "mean "
		 "fd00::/64?"},
		{RULE("\"peers\":[\"::ffff:1.2.3.4\"]"), RF_CODE_CONFIG, "write it as IPv4"},
		{RULE("\"peers\":[\"web\"]"), RF_CODE_CONFIG, "\"web\" is no address or prefix"},
		{RULE("\"peers\":[\"\"]"), RF_CODE_CONFIG, "\"\" is no address or prefix"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_policy_refused(&cases[i], false);
}

static void icmp_goes_with_its_own_family(void **state)
{
	static const struct refusal cases[] = {
		{RULE("\"protocol\":\"icmp\",\"peers\":[\"10.0.0.0/8\",\"fd00::/8\"]"),
		 RF_CODE_CONFIG,
		 "rules[0].peers[1]: fd00::/8 is IPv6, but the rule's protocol is icmp"},
		{RULE("\"peers\":[\"10.0.0.0/8\"],\"protocol\":\"icmpv6\""), RF_CODE_CONFIG,
		 "rules[0].peers[0]: 10.0.0.0/8 is IPv4, but the rule's protocol is icmpv6"},
		{RULE("\"protocol\":58,\"except\":[\"10.0.0.0/8\"]"), RF_CODE_CONFIG,
		 "rules[0].except[0]: 10.0.0.0/8 is IPv4"},
	};
	_cleanup_(rf_policy_free) struct rf_policy policy = parse_good_policy(
		RULE("\"protocol\":\"icmpv6\",\"peers\":[\"fd00::/8\"],\"ports\":[\"128\"]"));

	(void)state;
	assert_int_equal(policy.ingress.rule_count, 1);
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_policy_refused(&cases[i], false);
}

static void exceptions_lie_in_a_peer_and_leave_something_of_it(void **state)
{
	static const struct refusal refused[] = {
		{RULE("\"peers\":[\"10.0.0.0/8\"],\"except\":[\"10.1.0.0/16\",\"11.0.0.0/16\"]"),
		 RF_CODE_CONFIG,
		 "rules[0].except[1]: 11.0.0.0/16 lies in none of the rule's peers"},
		{RULE("\"peers\":[\"10.1.0.0/16\"],\"except\":[\"10.0.0.0/8\"]"), RF_CODE_CONFIG,
		 "10.0.0.0/8 would leave nothing of the peer 10.1.0.0/16"},
		{RULE("\"peers\":[\"10.1.0.0/16\"],\"except\":[\"10.1.0.0/16\"]"), RF_CODE_CONFIG,
		 "10.1.0.0/16 would leave nothing of the peer 10.1.0.0/16"},
		{RULE("\"peers\":[\"10.9.1.0/24\",\"10.0.0.0/8\"],\"except\":[\"10.9.0.0/16\"]"),
		 RF_CODE_CONFIG, "10.9.0.0/16 would leave nothing of the peer 10.9.1.0/24"},
		{RULE("\"peers\":[\"0.0.0.0/0\"],\"except\":[\"fd00::/8\"]"), RF_CODE_CONFIG,
		 "fd00::/8 lies in none"},
		{RULE("\"peers\":[\"::/0\"],\"except\":[\"10.0.0.0/8\"]"), RF_CODE_CONFIG,
		 "10.0.0.0/8 lies in none"},
	};
	static const char *const taken[] = {
		RULE("\"except\":[\"10.0.0.0/8\",\"::/0\"]"),
		RULE("\"peers\":[\"::/0\",\"0.0.0.0/0\"],\"except\":[\"10.0.0.0/8\",\"fd00::/8\"]"),
		RULE("\"peers\":[\"10.0.0.0/8\",\"10.128.0.0/9\",\"12.0.0.0/8\"],"
		     "\"except\":[\"10.1.0.0/16\",\"10.255.255.255\",\"12.0.0.0\"]"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		assert_policy_refused(&refused[i], false);
	for (size_t i = 0; i < COUNT_OF(taken); i++) {
		_cleanup_(rf_policy_free) struct rf_policy policy = parse_good_policy(taken[i]);

		assert_true(policy.ingress.rules[0].except_count > 0);
	}
}

static void an_id_is_used_once(void **state)
{
	static const struct refusal cases[] = {
		{RULES("{\"id\":7,\"action\":\"deny\"},{\"id\":8,\"action\":\"deny\"},"
		       "{\"id\":7,\"action\":\"deny\"}"),
		 RF_CODE_CONFIG,
		 "policy.ingress.rules[2].id: 7 is already the id of policy.ingress.rules[0]"},
		{"{\"egress\":{\"rules\":[{\"id\":7,\"action\":\"deny\"}]},"
		 "\"ingress\":{\"rules\":[{\"id\":1,\"action\":\"deny\"},{\"id\":7,\"action\":"
		 "\"allow\"}]}}",
		 RF_CODE_CONFIG,
		 "policy.egress.rules[0].id: 7 is already the id of policy.ingress.rules[1]"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_policy_refused(&cases[i], false);
}

static void a_selector_is_for_documents_only(void **state)
{
	static const struct refusal refusal = {
		"{\"selector\":{\"pod\":\"web-*\"}}", RF_CODE_UNSUPPORTED,
		"policy.selector: not allowed here, with value {\"pod\":\"web-*\"}"};

	(void)state;
	assert_policy_refused(&refusal, false);
}

/* @count rules of one peer and one port each. */
static char *many_rules(int count)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	fputs("{\"egress\":{\"rules\":[", stream);
	for (int i = 0; i < count; i++)
		fprintf(stream,
			"%s{\"id\":%d,\"action\":\"allow\",\"peers\":[\"10.%d.%d.%d\"],"
			"\"protocol\":\"tcp\",\"ports\":[\"443\"]}",
			i ? "," : "", count - i, i >> 16, i >> 8 & 255, i & 255);
	fputs("]}}", stream);
	fclose(stream);
	return text;
}

static void a_hundred_thousand_rules_are_read_quickly_and_no_more(void **state)
{
	_cleanup_free_ char *most = many_rules(100000);
	_cleanup_free_ char *too_many = many_rules(100001);
	struct refusal refusal = {too_many, RF_CODE_CONFIG,
				  "policy: has 100001 rules: at most 100000 are allowed"};
	_cleanup_(rf_policy_free) struct rf_policy policy = {0};
	_cleanup_json_ cJSON *json = NULL;
	clock_t start = clock();

	(void)state;
	policy = parse_good_policy(most);
	json = rf_policy_to_json(&policy);
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10);
	assert_int_equal(policy.egress.rule_count, 100000);
	assert_non_null(json);
	assert_policy_refused(&refusal, false);
}

static void many_peers_with_many_exceptions_are_read_quickly(void **state)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_(rf_policy_free) struct rf_policy policy = {0};
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	clock_t start;

	(void)state;
	assert_non_null(stream);
	fputs("{\"egress\":{\"rules\":[{\"id\":1,\"action\":\"allow\",\"peers\":[", stream);
	for (int i = 0; i < 50000; i++)
		fprintf(stream, "%s\"10.%d.%d.0/24\"", i ? "," : "", i >> 8, i & 255);
	fputs("],\"except\":[", stream);
	for (int i = 0; i < 50000; i++)
		fprintf(stream, "%s\"10.%d.%d.7\"", i ? "," : "", i >> 8, i & 255);
	fputs("]}]}}", stream);
	fclose(stream);
	start = clock();
	policy = parse_good_policy(text);
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 5);
	assert_int_equal(policy.egress.rules[0].except_count, 50000);
}

static void precedence_is_priority_then_action_then_id(void **state)
{
	static const struct rf_rule ordered[] = {
		{.priority = 0, .action = RF_ACTION_ALLOW, .id = 9},
		{.priority = 5, .action = RF_ACTION_DENY, .id = 7},
		{.priority = 5, .action = RF_ACTION_REJECT, .id = 8},
		{.priority = 5, .action = RF_ACTION_DENY, .id = UINT32_MAX},
		{.priority = 5, .action = RF_ACTION_LOG, .id = 3},
		{.priority = 5, .action = RF_ACTION_LOG, .id = 4},
		{.priority = 5, .action = RF_ACTION_ALLOW, .id = 1},
		{.priority = 5, .action = RF_ACTION_ALLOW, .id = 2},
		{.priority = UINT32_MAX, .action = RF_ACTION_DENY, .id = 3},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ordered); i++) {
		for (size_t j = 0; j < COUNT_OF(ordered); j++) {
			int order = rf_rule_compare(&ordered[i], &ordered[j]);

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_designs_document_is_read),
		cmocka_unit_test(what_is_absent_has_its_default),
		cmocka_unit_test(an_empty_document_restricts_nothing),
		cmocka_unit_test(an_empty_direction_denies),
		cmocka_unit_test(protocols_are_names_or_numbers),
		cmocka_unit_test(ports_are_numbers_ranges_or_icmp_types),
		cmocka_unit_test(empty_ports_and_except_are_none),
		cmocka_unit_test(unknown_keys_are_refused_with_key_and_value),
		cmocka_unit_test(actions_are_four_and_log_reports),
		cmocka_unit_test(a_default_is_allow_or_deny),
		cmocka_unit_test(wrong_types_are_refused),
		cmocka_unit_test(invalid_values_are_refused),
		cmocka_unit_test(invalid_ports_are_refused),
		cmocka_unit_test(bad_prefixes_are_named_with_what_was_meant),
		cmocka_unit_test(icmp_goes_with_its_own_family),
		cmocka_unit_test(exceptions_lie_in_a_peer_and_leave_something_of_it),
		cmocka_unit_test(an_id_is_used_once),
		cmocka_unit_test(a_selector_is_for_documents_only),
		cmocka_unit_test(a_hundred_thousand_rules_are_read_quickly_and_no_more),
		cmocka_unit_test(many_peers_with_many_exceptions_are_read_quickly),
		cmocka_unit_test(precedence_is_priority_then_action_then_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
