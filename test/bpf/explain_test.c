// SPDX-License-Identifier: Apache-2.0
/*
 * What rf_explain says of a packet is what the programs then do with it, and it leaves no trace.
 * sequence_test.c asks it before each of its packets; here is what comes up there rarely or never.
 */
#include "test/lib/bucket.h"
#include "test/lib/fixture.h"
#include "test/lib/icmp_error.h"
#include "test/lib/random_scenario.h"
#include "test/lib/replay.h"
#include "test/lib/traces.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>

#define SEQUENCES 3

static const struct flow web = {POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};
static const struct flow names = {POD_6, 53, PEER_6, 40000, IPPROTO_UDP, 0};

static int setup(void **state)
{
	fixture_setup(state);
	((struct programs *)*state)->looks_for_traces = true;
	return 0;
}

#define EXPLAIN_TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)

static struct rf_explanation explain_packet(struct programs *programs, enum rf_direction direction,
					    const struct packet_spec *packet, uint32_t from)
{
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_build(packet, bytes, sizeof(bytes));

	return programs_explain(programs, direction, bytes, length, from);
}

static struct rf_explanation explain(struct programs *programs, const struct flow *flow,
				     enum rf_direction direction, uint8_t tcp_flags)
{
	struct packet_spec packet = flow_packet(flow, direction, tcp_flags);

	return explain_packet(programs, direction, &packet, PROGRAMS_FORWARDED);
}

/* The packet is explained as what it then is. */
static void check_explained(struct programs *programs, const struct flow *flow,
			    enum rf_direction direction, uint8_t tcp_flags,
			    const struct verdict *expected, int line)
{
	struct rf_explanation said = explain(programs, flow, direction, tcp_flags);
	bool is_audited = said.flags & RF_EXPLANATION_AUDITED;

	if (said.reason != expected->reason || is_audited != expected->audited ||
	    said.pod != POD_ID || (expected->rule && said.rule != expected->rule)) {
		print_error("explained as reason %u, rule %u, pod %u\n", said.reason, said.rule,
			    said.pod);
		_fail(__FILE__, line);
	}
	fixture_flow(programs, flow, direction, tcp_flags, expected, __FILE__, line);
}
#define assert_explained(programs, flow, direction, tcp_flags, ...)                                \
	check_explained((programs), (flow), (direction), (tcp_flags), VERDICT(__VA_ARGS__),        \
			__LINE__)

static void limit(struct programs *programs, uint32_t flags, const struct rf_pod_limits *limits)
{
	uint32_t pod = POD_ID;

	assert_int_equal(bpf_map_update_elem(programs->objects.maps[RF_MAP_POD_LIMITS], &pod,
					     limits, BPF_ANY),
			 0);
	programs->objects.pod_state[POD_ID].flags |= flags;
}

static void any_packet_of_any_sequence_leaves_no_trace(void **state)
{
	struct prng prng = prng_from_environment();
	struct programs *programs = replay_load();
	struct replay_tally tally = {};

	(void)state;
	programs->looks_for_traces = true;
	for (int i = 0; i < SEQUENCES; i++) {
		struct scenario scenario;
		bool agrees;

		random_scenario(&prng, &scenario);
		agrees = replay_agrees(programs, &scenario, 0, &tally);
		scenario_free(&scenario);
		assert_true(agrees);
	}
	programs_free(programs);
}

/* The digest that the others rely on. */
static void a_real_packet_leaves_a_trace(void **state)
{
	struct programs *programs = *state;
	uint64_t before = traces_digest(programs);

	assert_true(traces_digest(programs) == before);
	assert_flow(programs, &web, RF_INGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_true(traces_digest(programs) != before);
	before = traces_digest(programs);
	assert_flow(programs, &web, RF_INGRESS, TCP_SYN, SESSION);
	assert_true(traces_digest(programs) != before);
}

static void what_decides_is_said_and_the_flow_that_was_asked_for(void **state)
{
	struct rf_flow_key key = flow_key(&web);
	struct programs *programs = *state;
	struct rf_explanation said;

	programs_set_policy(programs, POD_ID,
			    "{\"ingress\": {\"rules\": [{\"id\": 7, \"action\": \"allow\", "
			    "\"protocol\": \"tcp\", \"ports\": [\"80\"]}]}}");
	said = explain(programs, &web, RF_INGRESS, TCP_SYN);
	assert_int_equal(said.flags, RF_EXPLANATION_FLOW);
	assert_memory_equal(&said.flow, &key, sizeof(key));
	assert_int_equal(said.pod, POD_ID);
	assert_int_equal(said.incarnation, programs->objects.pod_state[POD_ID].incarnation);
	assert_true(said.policy == programs->objects.pod_state[POD_ID].policy);
	assert_int_equal(said.rules_reason, RF_REASON_RULE_ALLOW);
	assert_int_equal(said.by_rules, 7);
	assert_explained(programs, &web, RF_INGRESS, TCP_SYN, RULE_ALLOW, .rule = 7);
	assert_explained(programs, &names, RF_INGRESS, 0, DEFAULT_DENY);
	assert_explained(programs, &names, RF_EGRESS, 0, DEFAULT_ALLOW);
}

static void the_rate_of_new_flows_is_asked_and_not_used(void **state)
{
	const struct rf_pod_limits limits = {.new_flows_per_second = 1, .new_flows_burst = 2};
	struct programs *programs = *state;
	struct flow flow = web;

	limit(programs, RF_POD_LIMIT_NEW_FLOWS, &limits);
	for (int i = 0; i < 2; i++, flow.peer_port++) {
		for (int often = 0; often < 5; often++)
			assert_int_equal(explain(programs, &flow, RF_INGRESS, TCP_SYN).reason,
					 RF_REASON_DEFAULT_ALLOW);
		assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, DEFAULT_ALLOW);
	}
	bucket_stop_filling(programs, RF_BUCKET(POD_ID, RF_BUCKET_NEW_FLOWS));
	assert_explained(programs, &flow, RF_INGRESS, TCP_SYN, NEW_FLOW_RATE);
}

static void the_limit_of_sessions_is_asked_and_not_used(void **state)
{
	const struct rf_pod_limits limits = {.sessions = 2};
	struct programs *programs = *state;
	struct flow flow = web;

	limit(programs, RF_POD_LIMIT_SESSIONS, &limits);
	for (int i = 0; i < 2; i++, flow.peer_port++)
		assert_explained(programs, &flow, RF_INGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_explained(programs, &flow, RF_INGRESS, TCP_SYN, SESSION_LIMIT);
	/* What has timed out no longer counts, though nobody has settled that. */
	flow.peer_port--;
	flow_age(programs, RF_MAP_HALF_OPEN, &flow, 1u << 24);
	flow.peer_port++;
	assert_explained(programs, &flow, RF_INGRESS, TCP_SYN, DEFAULT_ALLOW);
}

static void bandwidth_is_asked_and_not_used(void **state)
{
	const struct rf_pod_limits limits = {.rate = {1, 1}, .burst = {100, 100}};
	struct programs *programs = *state;

	limit(programs, RF_POD_RATE_INGRESS, &limits);
	assert_explained(programs, &web, RF_INGRESS, TCP_SYN, DEFAULT_ALLOW);
	bucket_stop_filling(programs, RF_BUCKET(POD_ID, RF_BUCKET_INGRESS_BYTES));
	assert_explained(programs, &web, RF_INGRESS, TCP_SYN, BANDWIDTH);
	assert_int_equal(explain(programs, &web, RF_EGRESS, TCP_SYN_ACK).reason, RF_REASON_SESSION);
}

static void what_would_be_denied_in_audit_is_said_to_pass(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	programs->objects.pod_state[POD_ID].flags |= RF_POD_AUDIT;
	assert_explained(programs, &web, RF_INGRESS, TCP_SYN, DEFAULT_DENY, .audited = true);
	assert_true(explain(programs, &web, RF_INGRESS, TCP_SYN).session_flags &
		    RF_SESSION_AUDITED);
}

static void the_node_is_told_from_others(void **state)
{
	struct packet_spec packet = flow_packet(&web, RF_INGRESS, TCP_SYN);
	struct programs *programs = *state;
	struct rf_explanation said;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	said = explain_packet(programs, RF_INGRESS, &packet, PROGRAMS_NODE);
	assert_int_equal(said.reason, RF_REASON_HOST_ACCESS);
	assert_int_equal(said.rules_reason, RF_REASON_DEFAULT_DENY);
	programs->objects.pod_state[POD_ID].flags |= RF_POD_HOST_BY_POLICY;
	said = explain_packet(programs, RF_INGRESS, &packet, PROGRAMS_NODE);
	assert_int_equal(said.reason, RF_REASON_DEFAULT_DENY);
	assert_verdict(programs, RF_INGRESS, &packet, DEFAULT_DENY, .from_node = true);
}

static void a_pinhole_is_said_to_stand_above_the_rules(void **state)
{
	const struct rf_flow_key flow = flow_key(&web);
	struct programs *programs = *state;
	struct rf_explanation said;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	programs_set_pinhole(programs, POD_ID, &flow, RF_INGRESS, RF_ALLOW, 99, 0);
	said = explain(programs, &web, RF_INGRESS, TCP_SYN);
	assert_int_equal(said.rules_reason, RF_REASON_DEFAULT_DENY);
	assert_int_equal(said.by_rules, 0);
	assert_int_equal(said.rule, 99);
	assert_explained(programs, &web, RF_INGRESS, TCP_SYN, PINHOLE_ALLOW);
}

static void a_live_session_is_told_beside_what_a_new_flow_would_get(void **state)
{
	struct programs *programs = *state;
	struct rf_explanation said;
	uint64_t judged_under;

	programs_set_policy(programs, POD_ID,
			    "{\"ingress\": {\"rules\": [{\"id\": 7, \"action\": \"allow\"}]}}");
	judged_under = programs->objects.pod_state[POD_ID].policy;
	assert_handshake(programs, &web, RF_INGRESS, RULE_ALLOW);
	said = explain(programs, &web, RF_INGRESS, TCP_SYN);
	assert_int_equal(said.flags, RF_EXPLANATION_FLOW | RF_EXPLANATION_SESSION);
	assert_int_equal(said.rules_reason, RF_REASON_RULE_ALLOW);
	assert_int_equal(said.session_reason, RF_REASON_SESSION);
	assert_int_equal(said.session_rule, 7);
	assert_int_equal(said.session_opener, RF_INGRESS);

	/* Under another policy it goes on, or not, as that says. */
	programs_set_policy(programs, POD_ID,
			    "{\"ingress\": {\"rules\": [{\"id\": 8, \"action\": \"allow\"}]}}");
	said = explain(programs, &web, RF_EGRESS, TCP_ACK);
	assert_int_equal(said.reason, RF_REASON_SESSION);
	assert_int_equal(said.rule, 8);
	assert_int_equal(said.session_reason, RF_REASON_SESSION);
	assert_int_equal(said.session_rule, 7);
	assert_int_equal(said.session_again, 8);
	assert_true(said.session_policy == judged_under);
	programs_set_policy(programs, POD_ID, DENY_ALL);
	said = explain(programs, &web, RF_EGRESS, TCP_ACK);
	assert_int_equal(said.session_reason, RF_REASON_DEFAULT_DENY);
	assert_explained(programs, &web, RF_EGRESS, TCP_ACK, DEFAULT_DENY, .is_reply = true);
	assert_false(explain(programs, &web, RF_EGRESS, TCP_ACK).flags & RF_EXPLANATION_SESSION);
}

static void a_half_open_flow_is_told_from_an_answered_one(void **state)
{
	struct programs *programs = *state;

	assert_flow(programs, &web, RF_INGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_true(explain(programs, &web, RF_INGRESS, TCP_SYN).flags & RF_EXPLANATION_HALF_OPEN);
	assert_flow(programs, &web, RF_EGRESS, TCP_SYN_ACK, SESSION);
	assert_flow(programs, &web, RF_INGRESS, TCP_ACK, SESSION);
	assert_false(explain(programs, &web, RF_INGRESS, TCP_ACK).flags & RF_EXPLANATION_HALF_OPEN);
	flow_age(programs, RF_MAP_SESSIONS, &web, 1u << 24);
	assert_false(explain(programs, &web, RF_INGRESS, TCP_ACK).flags & RF_EXPLANATION_SESSION);
}

/* As on the hot path, which asks the session alone. */
static void a_session_outlives_the_loss_of_its_address(void **state)
{
	struct in6_addr address = packet_address(POD_4);
	struct programs *programs = *state;
	uint32_t other = OTHER_POD_ID;

	assert_handshake(programs, &web, RF_INGRESS, DEFAULT_ALLOW);
	assert_int_equal(
		bpf_map_update_elem(programs->objects.maps[RF_MAP_PODS], &address, &other, BPF_ANY),
		0);
	assert_explained(programs, &web, RF_INGRESS, TCP_ACK, SESSION);
	assert_explained(programs, &web, RF_INGRESS, TCP_SYN, NOT_FOR_POD);
}

static void an_error_about_a_flow_that_is_denied_now_leaves_it_there(void **state)
{
	const struct packet_spec cause = flow_packet(&web, RF_EGRESS, TCP_ACK);
	struct programs *programs = *state;
	struct icmp_error error;

	assert_handshake(programs, &web, RF_INGRESS, DEFAULT_ALLOW);
	icmp_error_about(&error, &cause, PEER_4, 3, 0);
	assert_int_equal(
		explain_packet(programs, RF_INGRESS, &error.packet, PROGRAMS_FORWARDED).reason,
		RF_REASON_RELATED);
	programs_set_policy(programs, POD_ID, DENY_ALL);
	assert_int_equal(
		explain_packet(programs, RF_INGRESS, &error.packet, PROGRAMS_FORWARDED).reason,
		RF_REASON_DEFAULT_DENY);
	assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, &web), RF_STATE_ESTABLISHED);
	assert_verdict(programs, RF_INGRESS, &error.packet, DEFAULT_DENY);
	assert_true(flow_has_no_session(programs, &web));
}

static void an_interface_without_a_pod_and_entries_that_are_gone_are_said(void **state)
{
	struct programs *programs = *state;
	struct rf_explanation said;

	programs->objects.pod_state[POD_ID].policy = RF_POLICY_WORD(4711, 1);
	assert_int_equal(explain(programs, &web, RF_INGRESS, TCP_SYN).rules_reason,
			 RF_REASON_NO_POLICY);
	assert_explained(programs, &web, RF_INGRESS, TCP_SYN, NO_POLICY);
	programs_move_pod(programs, POD_ID, PROGRAMS_ELSEWHERE);
	said = explain(programs, &web, RF_INGRESS, TCP_SYN);
	assert_int_equal(said.reason, RF_REASON_UNKNOWN_POD);
	assert_int_equal(said.pod, 0);
	assert_int_equal(said.flags, 0);
}

static void what_is_no_flow_is_said_to_be_none(void **state)
{
	const struct packet_spec arp = {.ether_type = 0x0806, .payload_size = 46};
	const struct packet_spec lldp = {.ether_type = 0x88cc, .payload_size = 46};
	struct programs *programs = *state;
	struct rf_explanation said = explain_packet(programs, RF_EGRESS, &lldp, PROGRAMS_FORWARDED);

	assert_int_equal(said.reason, RF_REASON_ETHER_TYPE_DENY);
	assert_int_equal(said.flags, 0);
	said = explain_packet(programs, RF_EGRESS, &arp, PROGRAMS_FORWARDED);
	assert_int_equal(said.reason, RF_REASON_MALFORMED);
	assert_verdict(programs, RF_EGRESS, &arp, MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_packet_of_any_sequence_leaves_no_trace),
		EXPLAIN_TEST(a_real_packet_leaves_a_trace),
		EXPLAIN_TEST(what_decides_is_said_and_the_flow_that_was_asked_for),
		EXPLAIN_TEST(the_rate_of_new_flows_is_asked_and_not_used),
		EXPLAIN_TEST(the_limit_of_sessions_is_asked_and_not_used),
		EXPLAIN_TEST(bandwidth_is_asked_and_not_used),
		EXPLAIN_TEST(what_would_be_denied_in_audit_is_said_to_pass),
		EXPLAIN_TEST(the_node_is_told_from_others),
		EXPLAIN_TEST(a_pinhole_is_said_to_stand_above_the_rules),
		EXPLAIN_TEST(a_live_session_is_told_beside_what_a_new_flow_would_get),
		EXPLAIN_TEST(a_half_open_flow_is_told_from_an_answered_one),
		EXPLAIN_TEST(a_session_outlives_the_loss_of_its_address),
		EXPLAIN_TEST(an_error_about_a_flow_that_is_denied_now_leaves_it_there),
		EXPLAIN_TEST(an_interface_without_a_pod_and_entries_that_are_gone_are_said),
		EXPLAIN_TEST(what_is_no_flow_is_said_to_be_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
