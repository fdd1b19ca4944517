// SPDX-License-Identifier: Apache-2.0
/* Sessions of TCP: made, moved and adopted. */
#include "test/lib/fixture.h"

#define assert_state(programs, flow, map, state)                                                   \
	assert_int_equal(flow_state((programs), (map), (flow)), (state))

static void a_handshake_is_half_open_until_its_third_packet(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
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

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
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

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

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
		{TCP_SYN, TCP_SYN, TCP_RST},     {TCP_SYN, TCP_RST, TCP_SYN},
		{TCP_ACK, TCP_ACK, TCP_FIN_ACK}, {TCP_FIN_ACK, TCP_ACK, TCP_RST},
		{TCP_ACK, TCP_RST, TCP_ACK},     {TCP_ACK, TCP_SYN, TCP_SYN},
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

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_ALLOW);
		assert_flow(programs, flow, !opener, TCP_RST | TCP_ACK, SESSION);
		assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_CLOSED);
	}
}

static void a_simultaneous_open_is_one_established_session(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
		assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_ALLOW);
		assert_flow(programs, flow, !opener, TCP_SYN, SESSION);
		assert_flow(programs, flow, opener, TCP_SYN_ACK, SESSION);
		assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
		assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	}
}

static void a_syn_repeated_by_its_opener_does_not_end_a_connection(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
		assert_flow(programs, flow, opener, TCP_SYN, SESSION);
		assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	}
}

static void tcp_in_mid_stream_is_judged_and_adopted(void **state)
{
	struct programs *programs = *state;
	struct rf_session session;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
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

/* RFC 9293, 3.8.1: an endpoint sends again what was not acknowledged, and acknowledges it again. */
static void every_packet_of_a_connection_may_come_again(void **state)
{
	/* By who opens (0) and who answers (1). */
	static const struct {
		int sender;
		uint8_t tcp_flags;
		enum rf_session_state state;
	} packets[] = {
		{0, TCP_SYN, RF_STATE_SYN},         {1, TCP_SYN_ACK, RF_STATE_SYN},
		{0, TCP_ACK, RF_STATE_ESTABLISHED}, {1, TCP_ACK, RF_STATE_ESTABLISHED},
		{0, TCP_FIN_ACK, RF_STATE_FIN},     {1, TCP_ACK, RF_STATE_FIN},
		{1, TCP_FIN_ACK, RF_STATE_FIN},     {0, TCP_ACK, RF_STATE_TIME_WAIT},
	};
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
		assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_ALLOW);
		for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
			enum rf_direction sender = opener ^ packets[i].sender;
			enum rf_map map = i < 2 || packets[i].state == RF_STATE_TIME_WAIT
						  ? RF_MAP_HALF_OPEN
						  : RF_MAP_SESSIONS;

			for (int again = 0; again < 3; again++) {
				assert_flow(programs, flow, sender, packets[i].tcp_flags, SESSION);
				assert_state(programs, flow, map, packets[i].state);
			}
		}
	}
}

/* The answer to the SYN comes again when the last packet of the handshake was lost behind us. */
static void an_answer_that_comes_late_disturbs_nothing(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
		assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
		assert_flow(programs, flow, opener, TCP_ACK, SESSION);
		assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
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
		FIXTURE_TEST(a_simultaneous_open_is_one_established_session),
		FIXTURE_TEST(a_syn_repeated_by_its_opener_does_not_end_a_connection),
		FIXTURE_TEST(tcp_in_mid_stream_is_judged_and_adopted),
		FIXTURE_TEST(every_packet_of_a_connection_may_come_again),
		FIXTURE_TEST(an_answer_that_comes_late_disturbs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
