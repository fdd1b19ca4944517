// SPDX-License-Identifier: Apache-2.0
/* Sessions of TCP: made, moved, followed through their states, and ended. */
#include "test/lib/fixture.h"

/* The same flow, over each family, opened by the peer or by the pod. */
static const struct flow flows[RF_DIRECTIONS][2] = {
	[RF_INGRESS] = {{POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0},
			{POD_6, 80, PEER_6, 40000, IPPROTO_TCP, 0}},
	[RF_EGRESS] = {{POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0},
		       {POD_6, 40000, PEER_6, 80, IPPROTO_TCP, 0}},
};

static const char *const only[] = {[RF_INGRESS] = INGRESS_ONLY, [RF_EGRESS] = EGRESS_ONLY};

#define FOR_EACH_OPENER(opener, flow)                                                              \
	for (int opener = 0; (opener) < RF_DIRECTIONS; (opener)++)                                 \
		for (const struct flow *flow = flows[opener]; (flow) < flows[opener] + 2; (flow)++)

static void assert_state(const struct programs *programs, const struct flow *flow, enum rf_map map,
			 enum rf_session_state expected)
{
	struct rf_session session;

	assert_true(flow_session(programs, map, flow, &session));
	assert_false(flow_session(programs,
				  map == RF_MAP_SESSIONS ? RF_MAP_HALF_OPEN : RF_MAP_SESSIONS, flow,
				  &session));
	assert_true(flow_session(programs, map, flow, &session));
	assert_int_equal(
		rf_session_state(flow->protocol, session.seen[RF_INGRESS], session.seen[RF_EGRESS]),
		expected);
}

static void a_handshake_is_half_open_until_its_third_packet(void **state)
{
	struct programs *programs = *state;

	FOR_EACH_OPENER(opener, flow)
	{
		programs_set_policy(programs, POD_ID, only[opener]);
		assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_ALLOW);
		assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_SYN);
		assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
		assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_SYN);
		assert_flow(programs, flow, opener, TCP_ACK, SESSION);
		assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	}
}

static void replies_follow_though_their_direction_denies(void **state)
{
	struct programs *programs = *state;

	FOR_EACH_OPENER(opener, flow)
	{
		programs_set_policy(programs, POD_ID, only[opener]);
		assert_flow(programs, flow, !opener, TCP_SYN, DEFAULT_DENY);
		assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
		for (int i = 0; i < 5; i++) {
			assert_flow(programs, flow, !opener, TCP_ACK, SESSION);
			assert_flow(programs, flow, opener, TCP_ACK, SESSION);
		}
	}
}

static void an_unanswered_syn_stays_half_open(void **state)
{
	struct programs *programs = *state;

	FOR_EACH_OPENER(opener, flow)
	{
		assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_ALLOW);
		for (int i = 0; i < 3; i++)
			assert_flow(programs, flow, opener, TCP_SYN, SESSION);
		assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_SYN);
	}
}

/* A flood costs its sender no answer: what one side sends alone never reaches `sessions`. */
static void one_side_alone_stays_half_open_whatever_it_sends(void **state)
{
	static const uint8_t sequences[][3] = {
		{TCP_SYN, TCP_ACK, TCP_ACK},     {TCP_SYN, TCP_RST, TCP_SYN},
		{TCP_SYN, TCP_FIN_ACK, TCP_ACK}, {TCP_SYN | RF_TCP_FIN, TCP_ACK, TCP_ACK},
		{TCP_RST, TCP_RST, TCP_ACK},     {TCP_FIN_ACK, TCP_ACK, TCP_RST},
	};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
		struct flow flow = {POD_4, 80, PEER_4, 40000 + i, IPPROTO_TCP, 0};
		struct rf_session session;

		for (int k = 0; k < 3; k++) {
			struct packet_spec packet = flow_packet(&flow, RF_INGRESS, sequences[i][k]);

			assert_true(
				programs_pass(programs, RF_INGRESS, &packet, PROGRAMS_FORWARDED));
		}
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &flow, &session));
	}
	assert_int_equal(flow_session_count(programs, RF_MAP_SESSIONS), 0);
}

/* A scan of closed ports is answered by resets: it may not push out who is at work. */
static void a_refused_handshake_stays_half_open(void **state)
{
	struct programs *programs = *state;

	FOR_EACH_OPENER(opener, flow)
	{
		assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_ALLOW);
		assert_flow(programs, flow, !opener, TCP_RST | TCP_ACK, SESSION);
		assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_CLOSED);
	}
}

static void a_connection_is_closed_by_both_sides_into_time_wait(void **state)
{
	struct programs *programs = *state;

	FOR_EACH_OPENER(opener, flow)
	{
		for (int closer = 0; closer < RF_DIRECTIONS; closer++) {
			programs_set_policy(programs, POD_ID, only[opener]);
			assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
			assert_flow(programs, flow, closer, TCP_FIN_ACK, SESSION);
			assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_FIN);
			assert_flow(programs, flow, !closer, TCP_ACK, SESSION);
			assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_FIN);
			assert_flow(programs, flow, !closer, TCP_FIN_ACK, SESSION);
			assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_FIN);
			assert_flow(programs, flow, closer, TCP_ACK, SESSION);
			assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_TIME_WAIT);
			assert_flow(programs, flow, !closer, TCP_FIN_ACK, SESSION);
			assert_flow(programs, flow, closer, TCP_ACK, SESSION);
			assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_TIME_WAIT);
		}
	}
}

static void a_half_closed_connection_still_carries_the_other_sides_data(void **state)
{
	struct programs *programs = *state;

	FOR_EACH_OPENER(opener, flow)
	{
		programs_set_policy(programs, POD_ID, only[opener]);
		assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
		assert_flow(programs, flow, opener, TCP_FIN_ACK, SESSION);
		for (int i = 0; i < 3; i++) {
			assert_flow(programs, flow, !opener, TCP_ACK, SESSION);
			assert_flow(programs, flow, opener, TCP_ACK, SESSION);
		}
		assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_FIN);
	}
}

static void a_simultaneous_close_ends_in_time_wait(void **state)
{
	struct programs *programs = *state;

	FOR_EACH_OPENER(opener, flow)
	{
		assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
		assert_flow(programs, flow, opener, TCP_FIN_ACK, SESSION);
		assert_flow(programs, flow, !opener, TCP_FIN_ACK, SESSION);
		assert_flow(programs, flow, opener, TCP_ACK, SESSION);
		assert_flow(programs, flow, !opener, TCP_ACK, SESSION);
		assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_TIME_WAIT);
	}
}

static void a_simultaneous_open_is_one_established_session(void **state)
{
	struct programs *programs = *state;

	FOR_EACH_OPENER(opener, flow)
	{
		programs_set_policy(programs, POD_ID, only[opener]);
		assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_ALLOW);
		assert_flow(programs, flow, !opener, TCP_SYN, SESSION);
		assert_flow(programs, flow, opener, TCP_SYN_ACK, SESSION);
		assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
		assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	}
}

static void a_reset_from_either_side_closes(void **state)
{
	struct programs *programs = *state;

	FOR_EACH_OPENER(opener, flow)
	{
		for (int resetter = 0; resetter < RF_DIRECTIONS; resetter++) {
			programs_set_policy(programs, POD_ID, only[opener]);
			assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
			assert_flow(programs, flow, resetter, TCP_RST, SESSION);
			assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_CLOSED);
		}
	}
}

/* Brings the flow to TIME_WAIT, or by a reset to CLOSED. */
static void end(struct programs *programs, const struct flow *flow, enum rf_direction opener,
		bool by_reset)
{
	assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
	if (by_reset) {
		assert_flow(programs, flow, opener, TCP_RST, SESSION);
		return;
	}
	assert_flow(programs, flow, opener, TCP_FIN_ACK, SESSION);
	assert_flow(programs, flow, !opener, TCP_FIN_ACK, SESSION);
	assert_flow(programs, flow, opener, TCP_ACK, SESSION);
}

static void a_port_that_is_used_again_is_a_new_flow_in_its_own_direction(void **state)
{
	struct programs *programs = *state;
	struct rf_session before, after;

	FOR_EACH_OPENER(opener, flow)
	{
		for (int by_reset = 0; by_reset < 2; by_reset++) {
			programs_set_policy(programs, POD_ID, only[opener]);
			end(programs, flow, opener, by_reset);
			assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &before));
			/* The other side may not open, though its packets followed so far. */
			assert_flow(programs, flow, !opener, TCP_SYN, DEFAULT_DENY);
			assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_ALLOW);
			assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_SYN);
			assert_true(flow_session(programs, RF_MAP_HALF_OPEN, flow, &after));
			assert_true(after.created > before.created);
			assert_int_equal(after.packets[opener], 1);
			assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
			assert_flow(programs, flow, opener, TCP_ACK, SESSION);
			assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
			assert_flow(programs, flow, opener, TCP_RST, SESSION);
		}
	}
}

static void a_syn_within_an_established_connection_does_not_end_it(void **state)
{
	struct programs *programs = *state;

	FOR_EACH_OPENER(opener, flow)
	{
		assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
		assert_flow(programs, flow, opener, TCP_SYN, SESSION);
		assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	}
}

static void tcp_in_mid_stream_is_judged_and_adopted(void **state)
{
	struct programs *programs = *state;
	struct rf_session session;

	FOR_EACH_OPENER(opener, flow)
	{
		programs_set_policy(programs, POD_ID, only[opener]);
		assert_flow(programs, flow, !opener, TCP_ACK, DEFAULT_DENY);
		assert_true(flow_has_no_session(programs, flow));
		assert_flow(programs, flow, opener, TCP_ACK, DEFAULT_ALLOW);
		assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_SYN);
		assert_flow(programs, flow, !opener, TCP_ACK, SESSION);
		assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
		assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &session));
		assert_int_equal(session.opened_by, opener);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_handshake_is_half_open_until_its_third_packet),
		FIXTURE_TEST(replies_follow_though_their_direction_denies),
		FIXTURE_TEST(an_unanswered_syn_stays_half_open),
		FIXTURE_TEST(one_side_alone_stays_half_open_whatever_it_sends),
		FIXTURE_TEST(a_refused_handshake_stays_half_open),
		FIXTURE_TEST(a_connection_is_closed_by_both_sides_into_time_wait),
		FIXTURE_TEST(a_half_closed_connection_still_carries_the_other_sides_data),
		FIXTURE_TEST(a_simultaneous_close_ends_in_time_wait),
		FIXTURE_TEST(a_simultaneous_open_is_one_established_session),
		FIXTURE_TEST(a_reset_from_either_side_closes),
		FIXTURE_TEST(a_port_that_is_used_again_is_a_new_flow_in_its_own_direction),
		FIXTURE_TEST(a_syn_within_an_established_connection_does_not_end_it),
		FIXTURE_TEST(tcp_in_mid_stream_is_judged_and_adopted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
