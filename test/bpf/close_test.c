// SPDX-License-Identifier: Apache-2.0
/* Sessions of TCP: how they end, and their ports used again. */
#include "test/lib/fixture.h"

#define assert_state(programs, flow, map, state)                                                   \
	assert_int_equal(flow_state((programs), (map), (flow)), (state))

static void a_connection_is_closed_by_both_sides_into_time_wait(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		for (int closer = 0; closer < RF_DIRECTIONS; closer++) {
			programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
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

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
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

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
		assert_flow(programs, flow, opener, TCP_FIN_ACK, SESSION);
		assert_flow(programs, flow, !opener, TCP_FIN_ACK, SESSION);
		assert_flow(programs, flow, opener, TCP_ACK, SESSION);
		assert_flow(programs, flow, !opener, TCP_ACK, SESSION);
		assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_TIME_WAIT);
	}
}

static void a_reset_from_either_side_closes(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		for (int resetter = 0; resetter < RF_DIRECTIONS; resetter++) {
			programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
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

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		for (int by_reset = 0; by_reset < 2; by_reset++) {
			programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
			end(programs, flow, opener, by_reset);
			assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &before));
			/* The other side may not open, though its packets followed so far. */
			assert_flow(programs, flow, !opener, TCP_SYN, DEFAULT_DENY);
			/* A late answer to the old SYN opens nothing. */
			assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_connection_is_closed_by_both_sides_into_time_wait),
		FIXTURE_TEST(a_half_closed_connection_still_carries_the_other_sides_data),
		FIXTURE_TEST(a_simultaneous_close_ends_in_time_wait),
		FIXTURE_TEST(a_reset_from_either_side_closes),
		FIXTURE_TEST(a_port_that_is_used_again_is_a_new_flow_in_its_own_direction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
