// SPDX-License-Identifier: Apache-2.0
/* Audit: what would be denied is counted and reported as such, and passes. */
#include "test/lib/fixture.h"

#include <bpf/bpf.h>
#include <linux/if_ether.h>

#define DENY_80                                                                                    \
	"{\"ingress\": {\"rules\": [{\"id\": 7, \"action\": \"deny\", \"protocol\": \"tcp\", "     \
	"\"ports\": [\"80\"]}]}, "                                                                 \
	"\"egress\": {\"default\": \"deny\"}}"

static const struct flow flow_4 = {POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};
static const struct flow flow_6 = {POD_6, 80, PEER_6, 40000, IPPROTO_TCP, 0};
static const struct flow datagrams = {POD_4, 40000, PEER_4, 53, IPPROTO_UDP, 0};
static const struct flow ping = {POD_4, 0, PEER_4, 7, IPPROTO_ICMP, RF_INGRESS};

static int setup(void **state)
{
	struct programs *programs;

	fixture_setup(state);
	programs = *state;
	programs->objects.pod_state[POD_ID].flags = RF_POD_ANTI_SPOOF | RF_POD_AUDIT;
	programs_set_policy(programs, POD_ID, DENY_80);
	return 0;
}

static void enforce(struct programs *programs, const char *policy)
{
	programs->objects.pod_state[POD_ID].flags = RF_POD_ANTI_SPOOF;
	programs_set_policy(programs, POD_ID, policy);
}

static uint8_t session_flags(const struct programs *programs, enum rf_map map,
			     const struct flow *flow)
{
	struct rf_session session;

	assert_true(flow_session(programs, map, flow, &session));
	return session.flags;
}

/* By a rule and by the default, in each direction; its replies follow it. */
static void a_flow_that_policy_denies_passes_and_is_reported_once(void **state)
{
	struct programs *programs = *state;

	assert_flow(programs, &flow_4, RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 7, .audited = true);
	assert_int_equal(session_flags(programs, RF_MAP_HALF_OPEN, &flow_4), RF_SESSION_AUDITED);
	assert_flow(programs, &flow_4, RF_EGRESS, TCP_SYN_ACK, SESSION);
	assert_flow(programs, &flow_4, RF_INGRESS, TCP_ACK, SESSION);
	assert_flow(programs, &flow_4, RF_INGRESS, TCP_ACK, SESSION);
	assert_int_equal(session_flags(programs, RF_MAP_SESSIONS, &flow_4), RF_SESSION_AUDITED);

	assert_flow(programs, &flow_6, RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 7, .audited = true);
	assert_flow(programs, &flow_6, RF_EGRESS, TCP_SYN_ACK, SESSION);

	assert_flow(programs, &ping, RF_INGRESS, 0, DEFAULT_DENY, .audited = true);
	assert_flow(programs, &ping, RF_EGRESS, 0, SESSION);

	assert_flow(programs, &datagrams, RF_EGRESS, 0, DEFAULT_DENY, .audited = true);
	assert_flow(programs, &datagrams, RF_EGRESS, 0, SESSION);
	assert_flow(programs, &datagrams, RF_INGRESS, 0, SESSION);
}

static void a_flow_that_is_allowed_is_none_of_audits(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, INGRESS_ONLY);
	assert_handshake(programs, &flow_4, RF_INGRESS, DEFAULT_ALLOW);
	assert_int_equal(session_flags(programs, RF_MAP_SESSIONS, &flow_4), 0);
}

static void a_flow_without_policy_passes_and_is_reported_once(void **state)
{
	struct programs *programs = *state;

	programs->objects.pod_state[POD_ID].policy = RF_POLICY_WORD(RF_POLICY_ID_MAX, 4711);
	assert_flow(programs, &flow_4, RF_INGRESS, TCP_SYN, NO_POLICY, .audited = true);
	assert_flow(programs, &flow_4, RF_EGRESS, TCP_SYN_ACK, SESSION);
}

static void a_flow_that_a_pinhole_denies_passes_and_is_reported_once(void **state)
{
	const struct rf_flow_key key = flow_key(&flow_4);
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, ALLOW_ALL);
	programs_set_pinhole(programs, POD_ID, &key, RF_INGRESS, RF_DENY, 9, 0);
	assert_flow(programs, &flow_4, RF_INGRESS, TCP_SYN, PINHOLE_DENY, .rule = 9,
		    .audited = true);
	assert_flow(programs, &flow_4, RF_EGRESS, TCP_SYN_ACK, SESSION);
}

static void what_makes_no_session_is_reported_each_time(void **state)
{
	struct packet_spec group = flow_packet(&datagrams, RF_INGRESS, 0);
	struct packet_spec request = {
		.source = packet_address(POD_4),
		.destination = packet_address(PEER_4),
		.protocol = IPPROTO_ICMP,
		.icmp_type = 13, /* timestamp */
	};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	group.to_group = true;
	for (int i = 0; i < 2; i++) {
		assert_verdict(programs, RF_INGRESS, &group, DEFAULT_DENY, .audited = true);
		assert_verdict(programs, RF_EGRESS, &request, DEFAULT_DENY, .audited = true);
	}
	assert_int_equal(flow_session_count(programs, RF_MAP_HALF_OPEN), 0);
}

/* No policy denies these, and no session comes of them. */
static void a_packet_that_no_pod_may_send_passes_and_is_reported_each_time(void **state)
{
	static const uint8_t no_header[ETH_HLEN + 20] = {[12] = ETH_P_IP >> 8};
	const struct flow spoofed = {OTHER_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};
	struct packet_spec later = flow_packet(&datagrams, RF_EGRESS, 0);
	struct programs *programs = *state;

	later.fragment_offset = 1480;
	for (int i = 0; i < 2; i++) {
		assert_flow(programs, &spoofed, RF_EGRESS, TCP_SYN, SPOOFED, .audited = true);
		assert_flow(programs, &spoofed, RF_INGRESS, TCP_SYN, NOT_FOR_POD, .audited = true);
		assert_verdict(programs, RF_EGRESS, &later, FRAGMENT, .audited = true);
		assert_verdict_of_bytes(programs, RF_EGRESS, no_header, sizeof(no_header),
					MALFORMED, .audited = true);
		assert_verdict_of_bytes(programs, RF_EGRESS, "0123456789AB\x88\xcc lldp", 19,
					ETHER_TYPE_DENY, .audited = true);
	}
	assert_int_equal(flow_session_count(programs, RF_MAP_HALF_OPEN), 0);
}

/* Beside a half-open flow, whose state they leave alone, and without one. */
static void what_tcp_cannot_send_passes_and_is_reported_each_time(void **state)
{
	struct programs *programs = *state;
	struct rf_session before, after;

	programs_set_policy(programs, POD_ID, ALLOW_ALL);
	assert_flow(programs, &flow_4, RF_INGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &flow_4, &before));
	for (int i = 0; i < 2; i++) {
		assert_flow(programs, &flow_4, RF_INGRESS, TCP_ACK, TCP_STATE, .audited = true);
		assert_flow(programs, &flow_4, RF_INGRESS, TCP_SYN | RF_TCP_FIN, TCP_STATE,
			    .audited = true);
		assert_flow(programs, &flow_6, RF_INGRESS, TCP_SYN_ACK, TCP_STATE, .audited = true);
	}
	assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &flow_4, &after));
	assert_memory_equal(&after, &before, sizeof(after));
	assert_true(flow_has_no_session(programs, &flow_6));
}

/* There is no pod whose mode it could be. */
static void an_unknown_pod_does_not_pass(void **state)
{
	struct programs *programs = *state;

	programs_move_pod(programs, POD_ID, PROGRAMS_ELSEWHERE);
	programs->objects.pod_state[0].flags = RF_POD_AUDIT;
	assert_flow(programs, &flow_4, RF_INGRESS, TCP_SYN, UNKNOWN_POD, .unknown_pod = true);
}

/* It is not cut off by a policy that would deny it, and reported under each. */
static void a_live_session_that_a_new_policy_denies_goes_on(void **state)
{
	struct programs *programs = *state;
	struct rf_session before, after;

	programs_set_policy(programs, POD_ID, ALLOW_ALL);
	assert_handshake(programs, &flow_4, RF_INGRESS, DEFAULT_ALLOW);
	assert_true(flow_session(programs, RF_MAP_SESSIONS, &flow_4, &before));
	for (int i = 0; i < 2; i++) {
		programs_set_policy(programs, POD_ID, DENY_80);
		assert_flow(programs, &flow_4, RF_EGRESS, TCP_ACK, RULE_DENY, .rule = 7,
			    .audited = true, .is_reply = true);
		assert_flow(programs, &flow_4, RF_EGRESS, TCP_ACK, SESSION);
		assert_flow(programs, &flow_4, RF_INGRESS, TCP_ACK, SESSION);
	}
	assert_true(flow_session(programs, RF_MAP_SESSIONS, &flow_4, &after));
	assert_int_equal(after.created, before.created);
	assert_int_equal(after.packets[RF_EGRESS], before.packets[RF_EGRESS] + 4);
	assert_int_equal(after.rule, 7);
	assert_int_equal(after.flags, RF_SESSION_AUDITED);
	/* A policy that allows it takes the mark away. */
	programs_set_policy(programs, POD_ID, ALLOW_ALL);
	assert_flow(programs, &flow_4, RF_EGRESS, TCP_ACK, SESSION);
	assert_int_equal(session_flags(programs, RF_MAP_SESSIONS, &flow_4), 0);
}

static void a_half_open_session_that_a_new_policy_denies_goes_on(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, ALLOW_ALL);
	assert_flow(programs, &flow_4, RF_INGRESS, TCP_SYN, DEFAULT_ALLOW);
	programs_set_policy(programs, POD_ID, DENY_80);
	assert_flow(programs, &flow_4, RF_EGRESS, TCP_SYN_ACK, RULE_DENY, .rule = 7,
		    .audited = true, .is_reply = true);
	assert_int_equal(session_flags(programs, RF_MAP_HALF_OPEN, &flow_4), RF_SESSION_AUDITED);
	assert_flow(programs, &flow_4, RF_INGRESS, TCP_ACK, SESSION);
	assert_int_equal(session_flags(programs, RF_MAP_SESSIONS, &flow_4), RF_SESSION_AUDITED);
}

/* User space switches the mode with the pod's epoch. Noticed at a packet of either side. */
static void when_the_mode_is_enforce_again_what_audit_let_pass_ends(void **state)
{
	const struct flow *const flows[] = {[RF_INGRESS] = &flow_4, [RF_EGRESS] = &flow_6};
	struct programs *programs = *state;

	for (int i = 0; i < RF_DIRECTIONS; i++) {
		assert_flow(programs, flows[i], RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 7,
			    .audited = true);
		assert_flow(programs, flows[i], RF_EGRESS, TCP_SYN_ACK, SESSION);
		assert_flow(programs, flows[i], RF_INGRESS, TCP_ACK, SESSION);
	}
	enforce(programs, DENY_80);
	for (int sender = 0; sender < RF_DIRECTIONS; sender++) {
		assert_flow(programs, flows[sender], sender, TCP_ACK, RULE_DENY, .rule = 7,
			    .is_reply = sender == RF_EGRESS);
		assert_true(flow_has_no_session(programs, flows[sender]));
		assert_flow(programs, flows[sender], RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 7);
	}
}

static void when_the_mode_is_enforce_again_what_is_allowed_by_now_goes_on(void **state)
{
	struct programs *programs = *state;

	assert_flow(programs, &flow_4, RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 7, .audited = true);
	enforce(programs, INGRESS_ONLY);
	assert_flow(programs, &flow_4, RF_EGRESS, TCP_SYN_ACK, SESSION);
	assert_int_equal(session_flags(programs, RF_MAP_HALF_OPEN, &flow_4), 0);
}

#define AUDIT_TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)

/* Not by the rule that allows the flow: when the mode is over, the limit holds. */
static void a_flow_beyond_the_limit_has_a_session_that_audit_let_in(void **state)
{
	const struct rf_pod_limits limits = {.sessions = 1};
	const uint32_t id = POD_ID;
	struct programs *programs = *state;

	assert_int_equal(bpf_map_update_elem(programs->objects.maps[RF_MAP_POD_LIMITS], &id,
					     &limits, BPF_ANY),
			 0);
	programs->objects.pod_state[POD_ID].flags |= RF_POD_LIMIT_SESSIONS;
	programs_set_policy(programs, POD_ID,
			    "{\"ingress\": {\"rules\": [{\"id\": 1, \"action\": \"log\"}]}}");
	assert_flow(programs, &flow_4, RF_INGRESS, TCP_SYN, RULE_ALLOW, .rule = 1, .logged = true);
	assert_flow(programs, &flow_6, RF_INGRESS, TCP_SYN, SESSION_LIMIT, .rule = 1,
		    .logged = true, .audited = true);
	assert_int_equal(session_flags(programs, RF_MAP_HALF_OPEN, &flow_4), RF_SESSION_LOGGED);
	assert_int_equal(session_flags(programs, RF_MAP_HALF_OPEN, &flow_6), RF_SESSION_AUDITED);
	assert_flow(programs, &flow_6, RF_EGRESS, TCP_SYN_ACK, SESSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_flow_beyond_the_limit_has_a_session_that_audit_let_in, setup,
			fixture_teardown),
		AUDIT_TEST(a_flow_that_policy_denies_passes_and_is_reported_once),
		AUDIT_TEST(a_flow_that_is_allowed_is_none_of_audits),
		AUDIT_TEST(a_flow_without_policy_passes_and_is_reported_once),
		AUDIT_TEST(a_flow_that_a_pinhole_denies_passes_and_is_reported_once),
		AUDIT_TEST(what_makes_no_session_is_reported_each_time),
		AUDIT_TEST(a_packet_that_no_pod_may_send_passes_and_is_reported_each_time),
		AUDIT_TEST(what_tcp_cannot_send_passes_and_is_reported_each_time),
		AUDIT_TEST(an_unknown_pod_does_not_pass),
		AUDIT_TEST(a_live_session_that_a_new_policy_denies_goes_on),
		AUDIT_TEST(a_half_open_session_that_a_new_policy_denies_goes_on),
		AUDIT_TEST(when_the_mode_is_enforce_again_what_audit_let_pass_ends),
		AUDIT_TEST(when_the_mode_is_enforce_again_what_is_allowed_by_now_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
