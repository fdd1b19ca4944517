// SPDX-License-Identifier: Apache-2.0
/* Maps at the sizes that a busy node asks for, and maps that are too small. */
#include "dataplane/map_batch.h"
#include "dataplane/policy/entries.h"
#include "netconf/cleanup.h"
#include "netconf/json.h"
#include "test/lib/ask.h"
#include "test/lib/fixture.h"
#include "test/lib/random_policy.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLION 1000000

static struct programs *load(const struct rf_map_sizes *sizes)
{
	static const char *const addresses[] = {POD_4, POD_6, ASK_POD_4, ASK_POD_6, NULL};
	struct programs *programs = programs_load(sizes);

	programs_add_pod(programs, POD_ID, addresses, RF_POD_ANTI_SPOOF, ALLOW_ALL);
	return programs;
}

/* The @number-th of many flows that the pod opened, all different. */
static struct rf_flow_key numbered_key(uint32_t number)
{
	struct rf_flow_key key = programs_key(POD_4, 0, "172.16.0.0", 443, IPPROTO_TCP);

	key.peer.word[3] |= htonl(number >> 15);
	key.pod_port = htons(number & 0x7fff);
	return key;
}

/* The last answer to a SYN made it established. */
static void fill_sessions(const struct programs *programs, const struct rf_session *model,
			  uint32_t count)
{
	struct rf_flow_key *keys = calloc(count, sizeof(*keys));
	struct rf_session *values = calloc(count, sizeof(*values));
	struct rf_map_entries entries = {
		.keys = keys,
		.values = values,
		.key_size = sizeof(*keys),
		.value_size = sizeof(*values),
		.count = count,
	};

	assert_true(keys && values);
	for (uint32_t i = 0; i < count; i++) {
		keys[i] = numbered_key(i);
		values[i] = *model;
	}
	assert_int_equal(rf_map_update_all(programs->objects.maps[RF_MAP_SESSIONS], &entries), 0);
	free(keys);
	free(values);
}

/* A map of a million, nine tenths full: one is still found among them, and another can be made. */
static void a_million_sessions_are_held(void **state)
{
	const struct flow flow = {POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0};
	const struct flow next = {POD_4, 40001, PEER_4, 80, IPPROTO_TCP, 0};
	const struct rf_map_sizes sizes = {.sessions = MILLION, .half_open = 1024};
	struct programs *programs = load(&sizes);
	struct rf_session session;

	(void)state;
	assert_int_equal(programs->objects.max_entries[RF_MAP_SESSIONS], MILLION);
	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	assert_handshake(programs, &flow, RF_EGRESS, DEFAULT_ALLOW);
	assert_true(flow_session(programs, RF_MAP_SESSIONS, &flow, &session));
	fill_sessions(programs, &session, MILLION / 10 * 9);
	for (uint32_t i = 0; i < MILLION / 10 * 9; i += 99991) {
		struct rf_flow_key key = numbered_key(i);
		struct in_addr peer = {key.peer.word[3]};
		char text[INET_ADDRSTRLEN];
		struct flow one = {POD_4, ntohs(key.pod_port), text, 443, IPPROTO_TCP, 0};

		inet_ntop(AF_INET, &peer, text, sizeof(text));
		assert_flow(programs, &one, RF_INGRESS, TCP_ACK, SESSION);
	}
	assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, SESSION);
	assert_handshake(programs, &next, RF_EGRESS, DEFAULT_ALLOW);
	assert_true(flow_session(programs, RF_MAP_SESSIONS, &next, &session));
	assert_flow(programs, &next, RF_INGRESS, TCP_ACK, SESSION);
	programs_free(programs);
}

static struct rf_rule numbered_rule(struct prng *prng, uint32_t number)
{
	uint32_t network = htonl(0x0a000000 | number % 4000 << 12);
	uint16_t port = (uint16_t)(1 + prng_below(prng, 60000));
	struct rf_rule rule = {
		.id = number + 1,
		.action = prng_one_in(prng, 3) ? RF_ACTION_DENY : RF_ACTION_ALLOW,
		.priority = 1 + prng_below(prng, 100),
		.protocol = prng_one_in(prng, 2) ? IPPROTO_TCP : IPPROTO_UDP,
	};

	rule.ports = calloc(1, sizeof(*rule.ports));
	assert_non_null(rule.ports);
	rule.port_count = 1;
	rule.ports[0] = (struct rf_port_range){port, port};
	if (prng_one_in(prng, 8))
		rule.ports[0].last += prng_below(prng, 100);
	/* One in five is for every peer. */
	if (number % 5) {
		rule.peers = calloc(1, sizeof(*rule.peers));
		assert_non_null(rule.peers);
		rule.peer_count = 1;
		rule.peers[0].is_v4 = true;
		rule.peers[0].length = 96 + 16 + prng_below(prng, 5);
		rule.peers[0].address = packet_address("0.0.0.0");
		network &= htonl(~0u << (128 - rule.peers[0].length));
		memcpy(rule.peers[0].address.s6_addr + 12, &network, sizeof(network));
	}
	return rule;
}

static void ten_thousand_rules_are_answered_as_the_model_does(void **state)
{
	const struct rf_map_sizes sizes = {.sessions = 1024, .half_open = 4096};
	const struct rf_compile_limits limits = {RF_PEERS_DEFAULT, RF_SERVICES_DEFAULT};
	struct programs *programs = load(&sizes);
	struct prng prng = prng_from_environment();
	struct rf_policy policy = {.ingress = {.restricted = true, .rule_count = 10000}};
	struct rf_compiled compiled = {};
	struct rf_error error = {};
	struct rf_policy_image image;

	(void)state;
	policy.ingress.rules = calloc(policy.ingress.rule_count, sizeof(*policy.ingress.rules));
	assert_non_null(policy.ingress.rules);
	for (uint32_t i = 0; i < policy.ingress.rule_count; i++)
		policy.ingress.rules[i] = numbered_rule(&prng, i);
	if (rf_compile(&policy, &limits, &compiled, &error))
		fail_msg("%s", error.message);
	printf("# %zu peers, %zu services\n", compiled.peer_count, compiled.service_count);
	programs_set_compiled(programs, POD_ID, &compiled, &image);
	for (uint16_t i = 0; i < 2000; i++) {
		struct policy_question question = random_question(&prng, &policy);
		struct policy_answer answer;

		assert_true(ask_agrees(programs, POD_ID, &policy, &question, i, &answer));
	}
	assert_int_equal(rf_policy_entries_remove(&programs->objects, &image, NULL, NULL), 0);
	rf_policy_image_free(&image);
	rf_compiled_free(&compiled);
	rf_policy_free(&policy);
	programs_free(programs);
}

static void compile(const char *text, struct rf_compiled *compiled)
{
	const struct rf_compile_limits limits = {RF_PEERS_DEFAULT, RF_SERVICES_DEFAULT};
	struct rf_error error = {};
	_cleanup_json_ cJSON *json = NULL;
	struct rf_policy policy;

	assert_int_equal(rf_json_parse(text, strlen(text), &json, &error), 0);
	assert_int_equal(rf_policy_parse(json, "policy", false, &policy, &error), 0);
	assert_int_equal(rf_compile(&policy, &limits, compiled, &error), 0);
	rf_policy_free(&policy);
}

/* As policies of other pods leave it. */
static void a_map_that_is_too_small_refuses_with_the_numbers_and_stays_as_it_was(void **state)
{
	static const char text[] =
		"{\"ingress\": {\"rules\": [{\"id\": 1, \"action\": \"allow\", "
		"\"protocol\": \"tcp\", \"ports\": [\"1-1000\"], "
		"\"peers\": [\"10.0.0.0/8\", \"172.16.0.0/12\", \"192.168.0.0/16\", "
		"\"198.18.0.0/15\", \"fd00::/8\", \"2001:db8::/32\"]}]}}";
	static const struct {
		struct rf_map_sizes sizes;
		const char *message;
	} cases[] = {
		{{.sessions = 1024, .half_open = 1024, .peers = 8, .services = 1024},
		 "map peers is too small: the policy needs "},
		{{.sessions = 1024, .half_open = 1024, .peers = 1024, .services = 8},
		 "map services is too small: the policy needs "},
	};
	struct rf_compiled compiled = {};

	(void)state;
	compile(text, &compiled);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct flow flow = {POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};
		struct programs *programs = load(&cases[i].sizes);
		const struct rf_objects *objects = &programs->objects;
		size_t peers =
			rf_map_count(objects->maps[RF_MAP_PEERS], sizeof(struct rf_peer_key));
		size_t services =
			rf_map_count(objects->maps[RF_MAP_SERVICES], sizeof(struct rf_service_key));
		struct rf_policy_image image;
		struct rf_error error = {};
		char expected[160];

		snprintf(expected, sizeof(expected), "%s%zu entries, %zu of 8 are in use",
			 cases[i].message, i ? compiled.service_count : compiled.peer_count,
			 i ? services : peers);
		programs_make_image(programs, &compiled, &image);
		assert_int_equal(rf_policy_entries_write(objects, &image, NULL, &error), -ENOSPC);
		rf_policy_image_free(&image);
		assert_int_equal(error.code, RF_CODE_MAP_FULL);
		assert_string_equal(error.message, expected);
		assert_non_null(strstr(error.details, i ? "maps.services" : "maps.peers"));
		assert_int_equal(
			rf_map_count(objects->maps[RF_MAP_PEERS], sizeof(struct rf_peer_key)),
			peers);
		assert_int_equal(
			rf_map_count(objects->maps[RF_MAP_SERVICES], sizeof(struct rf_service_key)),
			services);
		/* The policy that was in force still is. */
		assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, DEFAULT_ALLOW);
		programs_free(programs);
	}
	rf_compiled_free(&compiled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_sessions_are_held),
		cmocka_unit_test(ten_thousand_rules_are_answered_as_the_model_does),
		cmocka_unit_test(
			a_map_that_is_too_small_refuses_with_the_numbers_and_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
