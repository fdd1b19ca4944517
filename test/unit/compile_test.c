/* SPDX-License-Identifier: Apache-2.0 */
/* The compiler against the model of a policy: what the maps would answer, looked up here as there.
 */
#include "test/lib/compiled.h"
#include "test/lib/compiled_check.h"
#include "test/lib/packet.h"
#include "test/lib/random_policy.h"
#include "test/unit/policy_support.h"

#define POLICIES  3000
#define QUESTIONS 200

/* The answers of the compiled policy @text to flows that open to the pod. */
static void assert_rules(const char *text, const struct policy_question *questions,
			 const uint32_t *rules, size_t count)
{
	struct rf_policy policy;
	struct rf_compiled compiled;

	policy = parse_good_policy(text);
	compiled_make(&policy, &compiled);
	for (size_t i = 0; i < count; i++) {
		compiled_assert_answer(&policy, &compiled, &questions[i]);
		assert_int_equal(compiled_answer(&compiled, &questions[i]).rule, rules[i]);
	}
	rf_compiled_free(&compiled);
	rf_policy_free(&policy);
}

static struct policy_question tcp(const char *peer, uint16_t port)
{
	return (struct policy_question){RF_INGRESS, packet_address(peer), IPPROTO_TCP, port};
}

static void random_policies_mean_what_the_model_says(void **state)
{
	struct prng prng = prng_from_environment();

	(void)state;
	for (int i = 0; i < POLICIES; i++) {
		struct rf_policy policy;
		struct rf_compiled compiled;

		random_policy(&prng, &policy);
		compiled_make(&policy, &compiled);
		for (int j = 0; j < QUESTIONS; j++) {
			struct policy_question question = random_question(&prng, &policy);

			compiled_assert_answer(&policy, &compiled, &question);
		}
		rf_compiled_free(&compiled);
		rf_policy_free(&policy);
	}
}

static void a_direction_that_is_not_given_is_allowed(void **state)
{
	const struct policy_question question = tcp("10.0.0.1", 80);
	struct rf_policy policy = {0};
	struct rf_compiled compiled;

	(void)state;
	compiled_make(&policy, &compiled);
	assert_int_equal(compiled.peer_count, 2);
	assert_int_equal(compiled.service_count, 2);
	assert_int_equal(compiled_answer(&compiled, &question).reason, RF_REASON_DEFAULT_ALLOW);
	rf_compiled_free(&compiled);
}

static void ipv6_rules_do_not_reach_ipv4(void **state)
{
	const struct policy_question questions[] = {
		tcp("10.0.0.1", 1), tcp("0.0.0.0", 1),          tcp("255.255.255.255", 1),
		tcp("fd00::1", 1),  tcp("::fffe:ffff:ffff", 1), tcp("::1:0:0:0", 1),
	};

	(void)state;
	assert_rules(
		"{\"ingress\":{\"rules\":[{\"id\":1,\"action\":\"allow\",\"peers\":[\"::/0\"]}]}}",
		questions, (const uint32_t[]){0, 0, 0, 1, 1, 1}, 6);
	assert_rules("{\"ingress\":{\"rules\":[{\"id\":1,\"action\":\"allow\","
		     "\"peers\":[\"::/80\"]}]}}",
		     questions, (const uint32_t[]){0, 0, 0, 0, 1, 0}, 6);
	assert_rules("{\"ingress\":{\"rules\":[{\"id\":1,\"action\":\"allow\","
		     "\"peers\":[\"0.0.0.0/0\"]}]}}",
		     questions, (const uint32_t[]){1, 1, 1, 0, 0, 0}, 6);
	assert_rules("{\"ingress\":{\"rules\":[{\"id\":1,\"action\":\"allow\","
		     "\"peers\":[\"::/0\",\"10.0.0.0/8\"],\"except\":[\"::/1\"]}]}}",
		     questions, (const uint32_t[]){1, 0, 0, 1, 0, 0}, 6);
}

/* No document can say it: the parser refuses mapped addresses in IPv6 text. */
static void ipv6_prefixes_among_the_mapped_say_nothing(void **state)
{
	struct rf_prefix peer = {.address = packet_address("10.0.0.0"), .length = 104};
	struct rf_rule rule = {.id = 7, .protocol = RF_PROTOCOL_ANY, .peers = &peer};
	struct rf_policy policy = {
		.ingress = {.restricted = true, .rules = &rule, .rule_count = 1}};
	const struct policy_question question = tcp("10.0.0.1", 80);
	struct rf_compiled compiled;

	(void)state;
	rule.peer_count = 1;
	compiled_make(&policy, &compiled);
	compiled_assert_answer(&policy, &compiled, &question);
	assert_int_equal(compiled.peer_count, 2);
	rf_compiled_free(&compiled);
}

static void an_exception_holds_for_all_below_it(void **state)
{
	const struct policy_question questions[] = {
		tcp("10.1.0.0", 1),  tcp("10.9.0.0", 1),     tcp("10.9.1.1", 1),
		tcp("10.10.0.0", 1), tcp("10.8.255.255", 1), tcp("fd00::1", 1),
	};

	(void)state;
	assert_rules("{\"ingress\":{\"rules\":[{\"id\":1,\"action\":\"allow\","
		     "\"peers\":[\"10.0.0.0/8\",\"10.8.0.0/16\"],\"except\":[\"10.9.0.0/16\"]},"
		     "{\"id\":2,\"action\":\"allow\",\"peers\":[\"10.9.1.0/24\"]}]}}",
		     questions, (const uint32_t[]){1, 0, 2, 1, 1, 0}, 6);
	assert_rules("{\"ingress\":{\"rules\":[{\"id\":1,\"action\":\"allow\","
		     "\"except\":[\"10.9.0.0/16\"]}]}}",
		     questions, (const uint32_t[]){1, 0, 0, 1, 1, 1}, 6);
}

/* Every port, whatever the range, and no more entries than the range needs. */
static void port_ranges_are_exact(void **state)
{
	static const struct {
		struct rf_port_range range;
		size_t entries;
	} cases[] = {
		{{1, 65535}, 16},    {{0, 65535}, 1},     {{1, 65534}, 30}, {{0, 0}, 1},
		{{65535, 65535}, 1}, {{3, 12}, 4},        {{7, 8}, 2},      {{8, 15}, 1},
		{{8000, 8100}, 4},   {{32767, 32768}, 2},
	};
	struct rf_rule rule = {.id = 7, .priority = 1, .protocol = IPPROTO_TCP, .port_count = 1};
	struct rf_policy policy = {
		.ingress = {.restricted = true, .rules = &rule, .rule_count = 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rf_port_range range = cases[i].range;
		struct rf_compiled compiled;

		rule.ports = &range;
		compiled_make(&policy, &compiled);
		/* Besides, the default of each direction. */
		assert_int_equal(compiled.service_count, 2 + cases[i].entries);
		for (uint32_t port = 0; port <= 65535; port++) {
			struct policy_question question = tcp("10.0.0.1", (uint16_t)port);

			compiled_assert_answer(&policy, &compiled, &question);
		}
		rf_compiled_free(&compiled);
	}
}

static void precedence_is_resolved(void **state)
{
	const struct policy_question questions[] = {
		tcp("10.0.0.1", 80), tcp("10.0.0.1", 81), tcp("10.0.0.1", 443),
		tcp("10.1.0.1", 80), tcp("10.0.0.1", 22),
	};

	(void)state;
	/* 4 before 5: deny; 2 before 3: lower id; 1 before all: priority, though it names less. */
	assert_rules("{\"ingress\":{\"default\":\"deny\",\"rules\":["
		     "{\"id\":1,\"action\":\"allow\",\"priority\":1,\"protocol\":\"tcp\"},"
		     "{\"id\":9,\"action\":\"deny\",\"priority\":2,\"peers\":[\"10.0.0.1\"],"
		     "\"protocol\":\"tcp\",\"ports\":[\"80\"]}]}}",
		     questions, (const uint32_t[]){1, 1, 1, 1, 1}, 5);
	assert_rules(
		"{\"ingress\":{\"default\":\"deny\",\"rules\":["
		"{\"id\":3,\"action\":\"allow\",\"protocol\":\"tcp\",\"ports\":[\"80-81\"]},"
		"{\"id\":2,\"action\":\"allow\",\"protocol\":\"tcp\",\"ports\":[\"81\"]},"
		"{\"id\":4,\"action\":\"deny\",\"peers\":[\"10.0.0.0/24\"],\"protocol\":\"tcp\","
		"\"ports\":[\"443\"]},"
		"{\"id\":1,\"action\":\"allow\",\"protocol\":\"tcp\",\"ports\":[\"443\"]},"
		"{\"id\":5,\"action\":\"allow\",\"priority\":5,\"peers\":[\"10.1.0.0/16\"]}]}}",
		questions, (const uint32_t[]){3, 2, 4, 5, 0}, 5);
}

/* Of equal priority: reject and deny by id, then log, then allow, whatever their ids. */
static void actions_are_in_order(void **state)
{
	const struct policy_question questions[] = {
		tcp("10.0.0.1", 1),
		tcp("10.0.0.1", 2),
		tcp("10.0.0.1", 3),
		tcp("10.0.0.1", 4),
	};

	(void)state;
	assert_rules("{\"ingress\":{\"rules\":["
		     "{\"id\":1,\"action\":\"allow\",\"protocol\":\"tcp\"},"
		     "{\"id\":2,\"action\":\"log\",\"protocol\":\"tcp\",\"ports\":[\"2-4\"]},"
		     "{\"id\":3,\"action\":\"deny\",\"protocol\":\"tcp\",\"ports\":[\"3\"]},"
		     "{\"id\":4,\"action\":\"reject\",\"protocol\":\"tcp\",\"ports\":[\"3-4\"]}]}}",
		     questions, (const uint32_t[]){1, 2, 3, 4}, 4);
	assert_rules("{\"ingress\":{\"rules\":["
		     "{\"id\":5,\"action\":\"reject\",\"protocol\":\"tcp\",\"ports\":[\"3\"]},"
		     "{\"id\":6,\"action\":\"deny\",\"protocol\":\"tcp\",\"ports\":[\"2-3\"]}]}}",
		     questions, (const uint32_t[]){0, 6, 5, 0}, 4);
}

static void assert_service(const char *rule, struct rf_service expected)
{
	const struct policy_question question = tcp("10.0.0.1", 80);
	struct rf_compiled compiled;
	struct policy_answer found;
	struct rf_policy policy;
	char text[512];

	snprintf(text, sizeof(text), "{\"ingress\":{\"rules\":[{\"id\":1,%s}]}}", rule);
	policy = parse_good_policy(text);
	compiled_make(&policy, &compiled);
	found = compiled_answer(&compiled, &question);
	assert_int_equal(found.reason, expected.reason);
	assert_int_equal(found.flags, expected.flags);
	assert_int_equal(found.priority, expected.priority);
	assert_int_equal(found.dscp, expected.dscp);
	rf_compiled_free(&compiled);
	rf_policy_free(&policy);
}

static void what_a_rule_asks_for_is_in_its_entries(void **state)
{
	(void)state;
	assert_service("\"action\":\"allow\"", (struct rf_service){.reason = RF_REASON_RULE_ALLOW});
	assert_service("\"action\":\"reject\"",
		       (struct rf_service){.reason = RF_REASON_RULE_REJECT});
	assert_service("\"action\":\"log\"", (struct rf_service){.reason = RF_REASON_RULE_ALLOW,
								 .flags = RF_SERVICE_LOG});
	assert_service("\"action\":\"deny\",\"log\":true",
		       (struct rf_service){.reason = RF_REASON_RULE_DENY, .flags = RF_SERVICE_LOG});
	assert_service("\"action\":\"allow\",\"qos\":{\"priorityClass\":0,\"dscp\":\"EF\"}",
		       (struct rf_service){.reason = RF_REASON_RULE_ALLOW,
					   .flags = RF_SERVICE_PRIORITY | RF_SERVICE_DSCP,
					   .dscp = 46});
	assert_service("\"action\":\"log\",\"qos\":{\"priorityClass\":\"1:10\"}",
		       (struct rf_service){.reason = RF_REASON_RULE_ALLOW,
					   .flags = RF_SERVICE_LOG | RF_SERVICE_PRIORITY,
					   .priority = 0x10010});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_policies_mean_what_the_model_says),
		cmocka_unit_test(a_direction_that_is_not_given_is_allowed),
		cmocka_unit_test(ipv6_rules_do_not_reach_ipv4),
		cmocka_unit_test(ipv6_prefixes_among_the_mapped_say_nothing),
		cmocka_unit_test(an_exception_holds_for_all_below_it),
		cmocka_unit_test(port_ranges_are_exact),
		cmocka_unit_test(precedence_is_resolved),
		cmocka_unit_test(actions_are_in_order),
		cmocka_unit_test(what_a_rule_asks_for_is_in_its_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
