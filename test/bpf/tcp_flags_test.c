// SPDX-License-Identifier: Apache-2.0
/* TCP: flags that say nothing, or what no endpoint may say at that point. */
#include "test/lib/fixture.h"

#include <string.h>

#define OTHER_FLAGS (8 | 32 | 64 | 128) /* PSH, URG, ECE, CWR */

static const uint8_t invalid[] = {
	OTHER_FLAGS, /* of those that count, none */
	RF_TCP_FIN,
	RF_TCP_FIN | RF_TCP_SYN,
	RF_TCP_SYN | RF_TCP_RST,
	RF_TCP_FIN | RF_TCP_RST,
	RF_TCP_FIN | RF_TCP_SYN | RF_TCP_RST,
	RF_TCP_FIN | RF_TCP_SYN | RF_TCP_ACK,
	RF_TCP_SYN | RF_TCP_RST | RF_TCP_ACK,
	RF_TCP_FIN | RF_TCP_RST | RF_TCP_ACK,
	RF_TCP_FIN | RF_TCP_SYN | RF_TCP_RST | RF_TCP_ACK,
};

static void assert_all_invalid(struct programs *programs, const struct flow *flow)
{
	for (size_t i = 0; i < sizeof(invalid); i++)
		for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
			assert_flow(programs, flow, direction, invalid[i], TCP_STATE);
			assert_flow(programs, flow, direction, invalid[i] | OTHER_FLAGS, TCP_STATE);
		}
}

static void flags_that_cannot_be_are_refused_and_change_nothing(void **state)
{
	struct programs *programs = *state;
	struct rf_session before, after;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		assert_all_invalid(programs, flow);
		assert_true(flow_has_no_session(programs, flow));
		assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_ALLOW);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, flow, &before));
		assert_all_invalid(programs, flow);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, flow, &after));
		assert_memory_equal(&before, &after, sizeof(before));
		assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
		assert_flow(programs, flow, opener, TCP_ACK, SESSION);
		assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &before));
		assert_all_invalid(programs, flow);
		assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &after));
		assert_memory_equal(&before, &after, sizeof(before));
	}
}

static void a_packet_without_any_flag_is_refused(void **state)
{
	const struct flow flow = {POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};
	struct programs *programs = *state;

	for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
		const struct packet_spec packet = flow_packet(&flow, direction, TCP_ACK);
		uint8_t bytes[PACKET_MAX];
		size_t length = packet_build(&packet, bytes, sizeof(bytes));

		bytes[packet_transport_offset(&packet) + 13] = 0;
		assert_verdict_of_bytes(programs, direction, bytes, length, TCP_STATE);
	}
	assert_true(flow_has_no_session(programs, &flow));
}

/* Congestion notification is negotiated by a SYN with ECE and CWR (RFC 3168, 6.1.1). */
static void other_flags_matter_to_nothing(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		assert_flow(programs, flow, opener, TCP_SYN | OTHER_FLAGS, DEFAULT_ALLOW);
		assert_flow(programs, flow, !opener, TCP_SYN_ACK | OTHER_FLAGS, SESSION);
		assert_flow(programs, flow, opener, TCP_ACK | OTHER_FLAGS, SESSION);
		assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, flow), RF_STATE_ESTABLISHED);
	}
}

/* Also the node's own: what has opened nothing is answered by nobody. */
static void a_syn_ack_that_nobody_asked_for_is_refused(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;

		for (int direction = 0; direction < RF_DIRECTIONS; direction++)
			for (int from_node = 0; from_node < 2; from_node++)
				assert_flow(programs, flow, direction, TCP_SYN_ACK, TCP_STATE,
					    .from_node = from_node);
		assert_true(flow_has_no_session(programs, flow));
	}
}

static void a_reset_without_session_is_judged_and_makes_none(void **state)
{
	static const uint8_t resets[] = {TCP_RST, TCP_RST | TCP_ACK};
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;

		programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
		for (size_t i = 0; i < sizeof(resets); i++) {
			assert_flow(programs, flow, opener, resets[i], DEFAULT_ALLOW);
			assert_flow(programs, flow, !opener, resets[i], DEFAULT_DENY);
		}
		assert_flow(programs, flow, RF_INGRESS, TCP_RST, HOST_ACCESS, .from_node = true);
		assert_true(flow_has_no_session(programs, flow));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(flags_that_cannot_be_are_refused_and_change_nothing),
		FIXTURE_TEST(a_packet_without_any_flag_is_refused),
		FIXTURE_TEST(other_flags_matter_to_nothing),
		FIXTURE_TEST(a_syn_ack_that_nobody_asked_for_is_refused),
		FIXTURE_TEST(a_reset_without_session_is_judged_and_makes_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
