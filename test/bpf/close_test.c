// SPDX-License-Identifier: Apache-2.0
/* Sessions of TCP: how they end. */
#include "dataplane/constants.h"
#include "test/lib/fixture.h"

#define assert_state(programs, flow, map, state)                                                   \
	assert_int_equal(flow_state((programs), (map), (flow)), (state))

/* A reset in the name of the peer may be forged: the connection keeps its place. */
static enum rf_map map_after_reset(int resetter)
{
	return resetter == RF_EGRESS ? RF_MAP_HALF_OPEN : RF_MAP_SESSIONS;
}

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
			assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_TIME_WAIT);
			assert_flow(programs, flow, !closer, TCP_FIN_ACK, SESSION);
			assert_flow(programs, flow, closer, TCP_ACK, SESSION);
			assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_TIME_WAIT);
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
		assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_TIME_WAIT);
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
			assert_state(programs, flow, map_after_reset(resetter), RF_STATE_CLOSED);
		}
	}
}

static void a_reset_of_the_pod_ends_what_may_have_been_a_forged_reset(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;

		programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
		assert_handshake(programs, flow, fixture_tcp[number].opener, DEFAULT_ALLOW);
		assert_flow(programs, flow, RF_INGRESS, TCP_RST, SESSION);
		assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_CLOSED);
		assert_flow(programs, flow, RF_EGRESS, TCP_RST, SESSION);
		assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_CLOSED);
		/* Nor does it come back by what the peer still sends. */
		assert_flow(programs, flow, RF_INGRESS, TCP_ACK, SESSION);
		assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_CLOSED);
	}
}

/* Somebody has sent it in the name of a side that goes on: the timeout is that of before, too. */
static void a_reset_is_forgotten_if_its_sender_goes_on(void **state)
{
	static const uint8_t flags[] = {TCP_ACK, TCP_FIN_ACK};
	static const enum rf_session_state states[] = {RF_STATE_ESTABLISHED, RF_STATE_FIN};
	struct programs *programs = *state;
	uint64_t minute = 60 * rf_ticks_per_second();

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		for (int resetter = 0; resetter < RF_DIRECTIONS; resetter++)
			for (size_t i = 0; i < sizeof(flags); i++) {
				programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
				assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
				assert_flow(programs, flow, resetter, TCP_RST, SESSION);
				/* The other side proves nothing. */
				assert_flow(programs, flow, !resetter, TCP_ACK, SESSION);
				assert_state(programs, flow, map_after_reset(resetter),
					     RF_STATE_CLOSED);
				assert_flow(programs, flow, resetter, flags[i], SESSION);
				assert_state(programs, flow, RF_MAP_SESSIONS, states[i]);
				flow_age(programs, RF_MAP_SESSIONS, flow, minute / 2);
				assert_flow(programs, flow, !opener, TCP_ACK, SESSION);
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
		FIXTURE_TEST(a_reset_of_the_pod_ends_what_may_have_been_a_forged_reset),
		FIXTURE_TEST(a_reset_is_forgotten_if_its_sender_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
