// SPDX-License-Identifier: Apache-2.0
/* How many entries a policy compiles to, and what becomes of one that needs too many. */
#include "test/lib/compiled.h"
#include "test/lib/compiled_check.h"
#include "test/lib/packet.h"
#include "test/lib/random_policy.h"
#include "test/unit/policy_support.h"

#include <errno.h>
#include <string.h>

static void equal_sets_share_a_class(void **state)
{
	struct rf_policy policy;
	struct rf_compiled compiled;

	(void)state;
	policy = parse_good_policy(
		"{\"ingress\":{\"rules\":["
		"{\"id\":1,\"action\":\"allow\",\"peers\":[\"10.1.0.0/16\",\"10.2.0.0/16\","
		"\"fd00::/8\",\"10.1.2.0/24\"],\"protocol\":\"tcp\",\"ports\":[\"80\"]}]}}");
	compiled_make(&policy, &compiled);
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
		compiled_make(&policy, &a);
		compiled_make(&policy, &b);
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
	assert_int_equal(rf_compile(&policy, &compiled_no_limits, &compiled, NULL), 0);
	/* A prefix each, and the two roots; a port each, and the two defaults. */
	assert_int_equal(compiled.peer_count, 1002);
	assert_int_equal(compiled.service_count, 10002);
	for (int i = 0; i < 20; i++) {
		struct policy_question question = random_question(&prng, &policy);

		compiled_assert_answer(&policy, &compiled, &question);
	}
	rf_compiled_free(&compiled);
	rf_policy_free(&policy);
}

/* Half of the rules are for every peer: they are not repeated for each prefix of the others. */
static void rules_for_every_peer_stand_once(void **state)
{
	const struct policy_question question = {RF_INGRESS, packet_address("10.0.1.1"),
						 IPPROTO_TCP, 99};
	struct rf_compiled compiled;
	struct rf_policy policy;

	(void)state;
	make_rules(&policy, 200, 200);
	for (size_t i = 0; i < policy.ingress.rule_count; i += 2)
		policy.ingress.rules[i].peer_count = 0;
	compiled_make(&policy, &compiled);
	assert_int_equal(compiled.peer_count, 102);
	assert_int_equal(compiled.service_count, 202);
	compiled_assert_answer(&policy, &compiled, &question);
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
