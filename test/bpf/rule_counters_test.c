// SPDX-License-Identifier: Apache-2.0
/* Hits of rules: what is judged is counted under who has decided, and what is followed is not. */
#include "dataplane/rule_counters.h"
#include "test/lib/fixture.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>

#define RULES                                                                                      \
	"{\"ingress\": {\"rules\": ["                                                              \
	"{\"id\": 7, \"action\": \"allow\", \"protocol\": \"tcp\", \"ports\": [\"80\"]}, "         \
	"{\"id\": 8, \"action\": \"reject\", \"protocol\": \"tcp\", \"ports\": [\"81\"]}]}, "      \
	"\"egress\": {\"default\": \"allow\", \"rules\": [{\"id\": 9, \"action\": \"deny\", "      \
	"\"protocol\": \"udp\"}]}}"

static const struct flow web = {POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};
static const struct flow rejected = {POD_4, 81, PEER_4, 40000, IPPROTO_TCP, 0};
static const struct flow names = {POD_6, 40000, PEER_6, 53, IPPROTO_UDP, 0};

static struct rf_rule_counters hits(const struct programs *programs, uint32_t policy,
				    enum rf_direction direction, uint32_t rule)
{
	const struct rf_rule_key key = {RF_SCOPE(policy, direction), rule};
	struct rf_rule_counters counters;

	assert_int_equal(rf_rule_counters_read(&programs->objects, &key, &counters), 0);
	return counters;
}

#define assert_hits(programs, policy, direction, rule, in_flows, in_denied, in_audited)            \
	do {                                                                                       \
		struct rf_rule_counters of_rule = hits((programs), (policy), (direction), (rule)); \
		assert_int_equal(of_rule.flows, in_flows);                                         \
		assert_int_equal(of_rule.denied, in_denied);                                       \
		assert_int_equal(of_rule.audited, in_audited);                                     \
		assert_int_equal(!of_rule.last_hit, !((in_flows) + (in_denied) + (in_audited)));   \
	} while (0)

static void a_flow_is_counted_once_and_each_denied_packet(void **state)
{
	struct programs *programs = *state;
	uint32_t policy = programs_set_policy(programs, POD_ID, RULES);

	assert_hits(programs, policy, RF_INGRESS, 7, 0, 0, 0);
	assert_handshake(programs, &web, RF_INGRESS, RULE_ALLOW);
	assert_flow(programs, &web, RF_EGRESS, TCP_ACK, SESSION);
	for (int i = 0; i < 3; i++) {
		assert_flow(programs, &rejected, RF_INGRESS, TCP_SYN, RULE_REJECT, .rule = 8);
		assert_flow(programs, &names, RF_EGRESS, 0, RULE_DENY, .rule = 9);
	}
	assert_hits(programs, policy, RF_INGRESS, 7, 1, 0, 0);
	assert_hits(programs, policy, RF_INGRESS, 8, 0, 3, 0);
	assert_hits(programs, policy, RF_EGRESS, 9, 0, 3, 0);
	assert_hits(programs, policy, RF_EGRESS, 7, 0, 0, 0);
}

static void each_direction_has_its_default(void **state)
{
	const struct flow to_pod = {POD_4, 22, PEER_4, 40000, IPPROTO_TCP, 0};
	const struct flow from_pod = {POD_4, 40000, PEER_4, 22, IPPROTO_TCP, 0};
	struct programs *programs = *state;
	uint32_t policy = programs_set_policy(programs, POD_ID, RULES);

	assert_flow(programs, &to_pod, RF_INGRESS, TCP_SYN, DEFAULT_DENY);
	assert_flow(programs, &from_pod, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_hits(programs, policy, RF_INGRESS, 0, 0, 1, 0);
	assert_hits(programs, policy, RF_EGRESS, 0, 1, 0, 0);
}

static void what_is_audited_is_told_from_what_is_denied(void **state)
{
	struct programs *programs = *state;
	uint32_t policy = programs_set_policy(programs, POD_ID, RULES);

	programs->objects.pod_state[POD_ID].flags |= RF_POD_AUDIT;
	assert_flow(programs, &names, RF_EGRESS, 0, RULE_DENY, .rule = 9, .audited = true);
	assert_flow(programs, &names, RF_INGRESS, 0, SESSION);
	assert_hits(programs, policy, RF_EGRESS, 9, 0, 0, 1);
}

static void a_flow_that_is_judged_again_hits_the_new_policy_once(void **state)
{
	struct programs *programs = *state;
	uint32_t policy;

	assert_handshake(programs, &web, RF_INGRESS, DEFAULT_ALLOW);
	policy = programs_set_policy(programs, POD_ID, RULES);
	assert_hits(programs, policy, RF_INGRESS, 7, 0, 0, 0);
	for (int i = 0; i < 3; i++)
		assert_flow(programs, &web, RF_EGRESS, TCP_ACK, SESSION);
	assert_hits(programs, policy, RF_INGRESS, 7, 1, 0, 0);
	policy = programs_set_policy(programs, POD_ID, DENY_ALL);
	assert_flow(programs, &web, RF_EGRESS, TCP_ACK, DEFAULT_DENY, .is_reply = true);
	assert_hits(programs, policy, RF_INGRESS, 0, 0, 1, 0);
}

static void a_flow_that_is_audited_when_judged_again_is_counted_once(void **state)
{
	struct programs *programs = *state;
	uint32_t policy;

	programs->objects.pod_state[POD_ID].flags |= RF_POD_AUDIT;
	assert_handshake(programs, &web, RF_INGRESS, DEFAULT_ALLOW);
	policy = programs_set_policy(programs, POD_ID, DENY_ALL);
	assert_flow(programs, &web, RF_EGRESS, TCP_ACK, DEFAULT_DENY, .is_reply = true,
		    .audited = true);
	assert_flow(programs, &web, RF_EGRESS, TCP_ACK, SESSION);
	assert_hits(programs, policy, RF_INGRESS, 0, 0, 0, 1);
}

static void what_stands_above_the_rules_is_not_counted(void **state)
{
	struct programs *programs = *state;
	uint32_t policy = programs_set_policy(programs, POD_ID, RULES);

	assert_flow(programs, &web, RF_INGRESS, TCP_SYN, HOST_ACCESS, .from_node = true);
	assert_hits(programs, policy, RF_INGRESS, 7, 0, 0, 0);
	assert_hits(programs, policy, RF_INGRESS, 0, 0, 0, 0);
}

static void a_full_map_counts_those_that_it_has(void **state)
{
	struct programs *programs = *state;
	uint32_t policy = programs_set_policy(programs, POD_ID, RULES);
	int map = programs->objects.maps[RF_MAP_RULE_COUNTERS];
	struct rf_rule_counters *values =
		calloc((size_t)libbpf_num_possible_cpus(), sizeof(*values));
	uint32_t room = programs->objects.max_entries[RF_MAP_RULE_COUNTERS];

	assert_non_null(values);
	assert_flow(programs, &names, RF_EGRESS, 0, RULE_DENY, .rule = 9);
	for (uint32_t i = 1; i < room; i++) {
		const struct rf_rule_key key = {RF_SCOPE(4711, RF_INGRESS), i};

		assert_int_equal(bpf_map_update_elem(map, &key, values, BPF_ANY), 0);
	}
	free(values);
	assert_flow(programs, &rejected, RF_INGRESS, TCP_SYN, RULE_REJECT, .rule = 8);
	assert_flow(programs, &names, RF_EGRESS, 0, RULE_DENY, .rule = 9);
	assert_hits(programs, policy, RF_INGRESS, 8, 0, 0, 0);
	assert_hits(programs, policy, RF_EGRESS, 9, 0, 2, 0);
	/* Room is made by the policies that go. */
	assert_int_equal(rf_rule_counters_sweep(&programs->objects), 0);
	assert_flow(programs, &rejected, RF_INGRESS, TCP_SYN, RULE_REJECT, .rule = 8);
	assert_hits(programs, policy, RF_INGRESS, 8, 0, 1, 0);
}

static void a_sweep_removes_what_no_pod_is_judged_under(void **state)
{
	struct programs *programs = *state;
	uint32_t first = programs_set_policy(programs, POD_ID, RULES), second;

	assert_flow(programs, &names, RF_EGRESS, 0, RULE_DENY, .rule = 9);
	assert_flow(programs, &rejected, RF_INGRESS, TCP_SYN, RULE_REJECT, .rule = 8);
	second = programs_set_policy(programs, POD_ID, DENY_ALL);
	assert_flow(programs, &names, RF_EGRESS, 0, DEFAULT_DENY);
	assert_int_equal(rf_rule_counters_sweep(&programs->objects), 0);
	assert_hits(programs, first, RF_EGRESS, 9, 0, 0, 0);
	assert_hits(programs, first, RF_INGRESS, 8, 0, 0, 0);
	assert_hits(programs, second, RF_EGRESS, 0, 0, 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_flow_is_counted_once_and_each_denied_packet),
		FIXTURE_TEST(each_direction_has_its_default),
		FIXTURE_TEST(what_is_audited_is_told_from_what_is_denied),
		FIXTURE_TEST(a_flow_that_is_judged_again_hits_the_new_policy_once),
		FIXTURE_TEST(a_flow_that_is_audited_when_judged_again_is_counted_once),
		FIXTURE_TEST(what_stands_above_the_rules_is_not_counted),
		FIXTURE_TEST(a_full_map_counts_those_that_it_has),
		FIXTURE_TEST(a_sweep_removes_what_no_pod_is_judged_under),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
