/* SPDX-License-Identifier: Apache-2.0 */
/* The compiler against the model of a policy: what the maps would answer, looked up here as there.
 */
#include "dataplane/compile/compile.h"
#include "netconf/cleanup.h"
#include "test/lib/compiled.h"
#include "test/lib/packet.h"
#include "test/lib/random_policy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define POLICIES  3000
#define QUESTIONS 200

static const struct rf_compile_limits no_limits = {.peers = SIZE_MAX, .services = SIZE_MAX};

static void print_policy(const struct rf_policy *policy)
{
	cJSON *json = rf_policy_to_json(policy);
	char *text = cJSON_Print(json);

	print_error("%s\n", text ? text : "(no text of the policy)");
	cJSON_free(text);
	cJSON_Delete(json);
}

static void assert_answer(const struct rf_policy *policy, const struct rf_compiled *compiled,
			  const struct policy_question *question)
{
	struct policy_answer expected = policy_model(policy, question);
	struct policy_answer found = compiled_answer(compiled, question);
	char text[POLICY_QUESTION_TEXT];

	if (found.verdict == expected.verdict && found.reason == expected.reason &&
	    found.rule == expected.rule && found.flags == expected.flags &&
	    found.dscp == expected.dscp && found.priority == expected.priority)
		return;
	print_policy(policy);
	fail_msg("%s: reason %d rule %u flags %u dscp %u priority %u, the model says reason %d "
		 "rule %u flags %u dscp %u priority %u",
		 policy_question_format(question, text), found.reason, found.rule, found.flags,
		 found.dscp, found.priority, expected.reason, expected.rule, expected.flags,
		 expected.dscp, expected.priority);
}

static bool is_common(const struct rf_compiled *compiled, uint32_t class_id)
{
	for (size_t i = 0; i < compiled->peer_count; i++) {
		if (compiled->peers[i].value.common == class_id)
			return true;
	}
	return false;
}

/* What compile.h promises of the entries. */
static void assert_well_formed(const struct rf_compiled *compiled)
{
	uint32_t last = 0;

	for (size_t i = 0; i < compiled->peer_count; i++) {
		const struct rf_peer_entry *entry = &compiled->peers[i];

		assert_in_range(entry->value.common, 1, compiled->class_count);
		assert_in_range(entry->value.own, 0, compiled->class_count);
		assert_false(is_common(compiled, entry->value.own));
		if (!i)
			continue;
		assert_true(entry[-1].key.prefix_length <= entry->key.prefix_length);
		assert_memory_not_equal(&entry[-1].key, &entry->key, sizeof(entry->key));
	}
	for (size_t i = 0; i < compiled->service_count; i++) {
		const struct rf_service_entry *entry = &compiled->services[i];

		assert_in_range(entry->key.class_id, 1, compiled->class_count);
		assert_int_equal(entry->key.class_id <= compiled->common_count,
				 is_common(compiled, entry->key.class_id));
		/* Class after class, none left out. */
		assert_in_range(entry->key.class_id, last, last + 1);
		if (entry->key.class_id == last) {
			assert_true(entry[-1].key.prefix_length <= entry->key.prefix_length);
			assert_memory_not_equal(&entry[-1].key, &entry->key, sizeof(entry->key));
		}
		last = entry->key.class_id;
	}
	assert_int_equal(last, compiled->class_count);
}

static void compile(const struct rf_policy *policy, struct rf_compiled *compiled)
{
	struct rf_error error = {0};

	if (rf_compile(policy, &no_limits, compiled, &error))
		fail_msg("%s", error.message);
	assert_well_formed(compiled);
}

static void parse_text(const char *text, struct rf_policy *policy)
{
	struct rf_error error = {0};
	cJSON *json = cJSON_Parse(text);

	assert_non_null(json);
	if (rf_policy_parse(json, "policy", false, policy, &error))
		fail_msg("%s", error.message);
	cJSON_Delete(json);
}

/* The answers of the compiled policy @text to flows that open to the pod. */
static void assert_rules(const char *text, const struct policy_question *questions,
			 const uint32_t *rules, size_t count)
{
	struct rf_policy policy;
	struct rf_compiled compiled;

	parse_text(text, &policy);
	compile(&policy, &compiled);
	for (size_t i = 0; i < count; i++) {
		assert_answer(&policy, &compiled, &questions[i]);
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
		compile(&policy, &compiled);
		for (int j = 0; j < QUESTIONS; j++) {
			struct policy_question question = random_question(&prng, &policy);

			assert_answer(&policy, &compiled, &question);
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
	compile(&policy, &compiled);
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
	compile(&policy, &compiled);
	assert_answer(&policy, &compiled, &question);
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
		compile(&policy, &compiled);
		/* Besides, the default of each direction. */
		assert_int_equal(compiled.service_count, 2 + cases[i].entries);
		for (uint32_t port = 0; port <= 65535; port++) {
			struct policy_question question = tcp("10.0.0.1", (uint16_t)port);

			assert_answer(&policy, &compiled, &question);
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
	parse_text(text, &policy);
	compile(&policy, &compiled);
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

static void equal_sets_share_a_class(void **state)
{
	struct rf_policy policy;
	struct rf_compiled compiled;

	(void)state;
	parse_text("{\"ingress\":{\"rules\":["
		   "{\"id\":1,\"action\":\"allow\",\"peers\":[\"10.1.0.0/16\",\"10.2.0.0/16\","
		   "\"fd00::/8\",\"10.1.2.0/24\"],\"protocol\":\"tcp\",\"ports\":[\"80\"]}]}}",
		   &policy);
	compile(&policy, &compiled);
	/* Default of each direction, and one of its own. 10.1.2.0/24 says nothing new. */
	assert_int_equal(compiled.class_count, 3);
	assert_int_equal(compiled.service_count, 3);
	assert_int_equal(compiled.peer_count, 5);
	rf_compiled_free(&compiled);
	rf_policy_free(&policy);
}

static void the_same_policy_compiles_to_the_same_entries(void **state)
{
	struct prng prng = prng_from_environment();

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct rf_policy policy;
		struct rf_compiled a, b;

		random_policy(&prng, &policy);
		compile(&policy, &a);
		compile(&policy, &b);
		assert_int_equal(a.peer_count, b.peer_count);
		assert_int_equal(a.service_count, b.service_count);
		assert_memory_equal(a.peers, b.peers, a.peer_count * sizeof(*a.peers));
		assert_memory_equal(a.services, b.services, a.service_count * sizeof(*a.services));
		rf_compiled_free(&a);
		rf_compiled_free(&b);
		rf_policy_free(&policy);
	}
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	assert_non_null(memory);
	return memory;
}

static struct rf_prefix v4_prefix(uint32_t address, uint8_t length)
{
	struct rf_prefix prefix = {
		.address = {.s6_addr = {[10] = 0xff, [11] = 0xff}},
		.length = RF_V4_PREFIX_LENGTH + length,
		.is_v4 = true,
	};

	address = htonl(address);
	memcpy(prefix.address.s6_addr + 12, &address, sizeof(address));
	return prefix;
}

/* @count rules for TCP, each with a port of its own and one of @prefixes. */
static void make_rules(struct rf_policy *policy, uint32_t count, uint32_t prefixes)
{
	*policy = (struct rf_policy){.ingress = {.restricted = true}};
	policy->ingress.default_action = RF_ACTION_DENY;
	policy->ingress.rules = allocate(count, sizeof(*policy->ingress.rules));
	policy->ingress.rule_count = count;
	for (uint32_t i = 0; i < count; i++) {
		struct rf_rule *rule = &policy->ingress.rules[i];

		*rule = (struct rf_rule){
			.id = i + 1,
			.action = RF_ACTION_ALLOW,
			.priority = RF_PRIORITY_WHEN_ABSENT,
			.protocol = IPPROTO_TCP,
			.peers = allocate(1, sizeof(*rule->peers)),
			.peer_count = 1,
			.ports = allocate(1, sizeof(*rule->ports)),
			.port_count = 1,
		};
		rule->peers[0] = v4_prefix(0x0a000000 | i % prefixes << 8, 24);
		rule->ports[0] = (struct rf_port_range){(uint16_t)(i + 1), (uint16_t)(i + 1)};
	}
}

/* As make_rules(), but half of the rules are for all of 10.0.0.0/8: each /24 has them all. */
static void make_nested_rules(struct rf_policy *policy)
{
	make_rules(policy, 10000, 10000);
	for (size_t i = 0; i < policy->ingress.rule_count; i += 2)
		policy->ingress.rules[i].peers[0] = v4_prefix(0x0a000000, 8);
}

static void ten_thousand_rules_add_and_do_not_multiply(void **state)
{
	struct rf_policy policy;
	struct rf_compiled compiled;
	struct prng prng = prng_from_environment();

	(void)state;
	make_rules(&policy, 10000, 1000);
	assert_int_equal(rf_compile(&policy, &no_limits, &compiled, NULL), 0);
	/* A prefix each, and the two roots; a port each, and the two defaults. */
	assert_int_equal(compiled.peer_count, 1002);
	assert_int_equal(compiled.service_count, 10002);
	for (int i = 0; i < 20; i++) {
		struct policy_question question = random_question(&prng, &policy);

		assert_answer(&policy, &compiled, &question);
	}
	rf_compiled_free(&compiled);
	rf_policy_free(&policy);
}

/* Half of the rules are for every peer: they are not repeated for each prefix of the others. */
static void rules_for_every_peer_stand_once(void **state)
{
	const struct policy_question question = tcp("10.0.1.1", 99);
	struct rf_compiled compiled;
	struct rf_policy policy;

	(void)state;
	make_rules(&policy, 200, 200);
	for (size_t i = 0; i < policy.ingress.rule_count; i += 2)
		policy.ingress.rules[i].peer_count = 0;
	compile(&policy, &compiled);
	assert_int_equal(compiled.peer_count, 102);
	assert_int_equal(compiled.service_count, 202);
	assert_answer(&policy, &compiled, &question);
	rf_compiled_free(&compiled);
	rf_policy_free(&policy);
}

static void assert_refused(const struct rf_policy *policy, struct rf_compile_limits limits,
			   const char *message)
{
	struct rf_compiled compiled = {.class_count = 77};
	struct rf_error error = {0};

	assert_int_equal(rf_compile(policy, &limits, &compiled, &error), -ENOSPC);
	assert_int_equal(error.code, RF_CODE_MAP_FULL);
	assert_string_equal(error.message, message);
	assert_true(error.details[0]);
	assert_int_equal(compiled.class_count, 77);
	assert_null(compiled.peers);
}

static void more_than_the_maps_hold_is_refused_with_the_numbers(void **state)
{
	struct rf_compiled compiled;
	struct rf_policy policy;

	(void)state;
	make_rules(&policy, 500, 100);
	assert_refused(&policy, (struct rf_compile_limits){101, 502},
		       "the policy needs 102 entries in peers, the map holds 101 (maps.peers)");
	assert_refused(&policy, (struct rf_compile_limits){102, 501},
		       "the policy needs 502 entries in services, the map holds 501 "
		       "(maps.services)");
	assert_refused(&policy, (struct rf_compile_limits){0, 0},
		       "the policy needs 502 entries in services, the map holds 0 (maps.services)");
	assert_int_equal(
		rf_compile(&policy, &(struct rf_compile_limits){102, 502}, &compiled, NULL), 0);
	rf_compiled_free(&compiled);
	rf_policy_free(&policy);
}

/* 5,000 rules times 5,000 prefixes: neither time nor memory is spent on it. */
static void what_multiplies_is_refused(void **state)
{
	const struct rf_compile_limits limits = {RF_PEERS_DEFAULT, RF_SERVICES_DEFAULT};
	struct rf_error error = {0};
	struct rf_compiled compiled;
	struct rf_policy policy;

	(void)state;
	make_nested_rules(&policy);
	assert_int_equal(rf_compile(&policy, &limits, &compiled, &error), -ENOSPC);
	assert_int_equal(error.code, RF_CODE_MAP_FULL);
	assert_non_null(strstr(error.message, "the policy needs more than "));
	assert_non_null(strstr(error.message, " entries in services, the map holds 131072"));
	rf_policy_free(&policy);
}

/* Few entries, but each prefix has a set of its own of thousands of rules. */
static void what_multiplies_only_in_work_is_refused(void **state)
{
	const struct rf_compile_limits limits = {RF_PEERS_DEFAULT, RF_SERVICES_DEFAULT};
	struct rf_error error = {0};
	struct rf_compiled compiled;
	struct rf_policy policy;

	(void)state;
	make_nested_rules(&policy);
	for (size_t i = 0; i < policy.ingress.rule_count; i++) {
		policy.ingress.rules[i].protocol = RF_PROTOCOL_ANY;
		policy.ingress.rules[i].port_count = 0;
	}
	assert_int_equal(rf_compile(&policy, &limits, &compiled, &error), -ENOSPC);
	assert_int_equal(error.code, RF_CODE_MAP_FULL);
	assert_non_null(strstr(error.message, "more than 16777216"));
	rf_policy_free(&policy);
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
		cmocka_unit_test(equal_sets_share_a_class),
		cmocka_unit_test(the_same_policy_compiles_to_the_same_entries),
		cmocka_unit_test(ten_thousand_rules_add_and_do_not_multiply),
		cmocka_unit_test(rules_for_every_peer_stand_once),
		cmocka_unit_test(more_than_the_maps_hold_is_refused_with_the_numbers),
		cmocka_unit_test(what_multiplies_is_refused),
		cmocka_unit_test(what_multiplies_only_in_work_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
