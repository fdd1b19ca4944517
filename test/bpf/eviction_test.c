// SPDX-License-Identifier: Apache-2.0
/* What gives way when the maps are nearly full: never an established connection. */
#include "dataplane/constants.h"
#include "test/lib/census.h"
#include "test/lib/crowd.h"

static void close_by_fin(struct programs *programs, const struct flow *flow)
{
	crowd_pass(programs, flow, RF_EGRESS, TCP_FIN_ACK);
	crowd_pass(programs, flow, RF_INGRESS, TCP_FIN_ACK);
	crowd_pass(programs, flow, RF_EGRESS, TCP_ACK);
}

static void assert_established(struct programs *programs, uint16_t first, uint16_t end)
{
	for (uint16_t i = first; i < end; i++) {
		struct flow flow = crowd_flow(i, IPPROTO_TCP);

		/* Only its session lets this in. */
		crowd_pass(programs, &flow, RF_INGRESS, TCP_ACK);
	}
}

static void below_critical_answered_datagrams_are_promoted(void **state)
{
	const struct flow udp = crowd_flow(0, IPPROTO_UDP);
	struct programs *programs = *state;

	crowd_establish(programs, 0, CROWD_CRITICAL - 1);
	crowd_pass(programs, &udp, RF_EGRESS, 0);
	crowd_pass(programs, &udp, RF_INGRESS, 0);
	crowd_pass(programs, &udp, RF_EGRESS, 0);
	assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, &udp), RF_STATE_REPLIED);
}

static void at_critical_answered_datagrams_are_followed_where_they_are(void **state)
{
	static const uint8_t protocols[] = {IPPROTO_UDP, IPPROTO_SCTP};
	const struct flow closed = crowd_flow(0, IPPROTO_TCP), udp = crowd_flow(0, IPPROTO_UDP);
	struct programs *programs = *state;

	crowd_establish(programs, 0, CROWD_CRITICAL);
	for (size_t i = 0; i < sizeof(protocols); i++) {
		struct flow flow = crowd_flow(0, protocols[i]);

		assert_flow(programs, &flow, RF_EGRESS, 0, DEFAULT_ALLOW);
		for (int packet = 0; packet < 3; packet++) {
			assert_flow(programs, &flow, RF_INGRESS, 0, SESSION);
			assert_flow(programs, &flow, RF_EGRESS, 0, SESSION);
		}
		assert_int_equal(flow_state(programs, RF_MAP_HALF_OPEN, &flow), RF_STATE_REPLIED);
	}
	assert_int_equal(census_counted(programs, RF_CENSUS_SESSIONS), CROWD_CRITICAL);
	assert_int_equal(census_counted(programs, RF_CENSUS_HALF_OPEN), 2);
	/* And are promoted by what the opener sends next when there is room again. */
	assert_flow(programs, &closed, RF_EGRESS, TCP_RST, SESSION);
	assert_flow(programs, &udp, RF_EGRESS, 0, SESSION);
	assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, &udp), RF_STATE_REPLIED);
}

static void at_critical_tcp_is_promoted(void **state)
{
	const struct flow flow = crowd_flow(CROWD_CRITICAL, IPPROTO_TCP);
	struct programs *programs = *state;

	crowd_establish(programs, 0, CROWD_CRITICAL + 1);
	assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, &flow), RF_STATE_ESTABLISHED);
	assert_int_equal(census_counted(programs, RF_CENSUS_SESSIONS), CROWD_CRITICAL + 1);
}

/* What comes after that belongs to no session: the pod may begin with it, its peer may not. */
static void at_critical_tcp_that_is_over_leaves_at_once(void **state)
{
	const struct flow reset = crowd_flow(0, IPPROTO_TCP), closed = crowd_flow(1, IPPROTO_TCP);
	struct programs *programs = *state;

	crowd_establish(programs, 0, CROWD_CRITICAL + 1);
	assert_flow(programs, &reset, RF_INGRESS, TCP_RST, SESSION);
	assert_true(flow_has_no_session(programs, &reset));
	assert_flow(programs, &reset, RF_INGRESS, TCP_ACK, DEFAULT_DENY);
	assert_int_equal(census_counted(programs, RF_CENSUS_SESSIONS), CROWD_CRITICAL);
	assert_flow(programs, &closed, RF_EGRESS, TCP_FIN_ACK, SESSION);
	assert_flow(programs, &closed, RF_INGRESS, TCP_FIN_ACK, SESSION);
	assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, &closed), RF_STATE_FIN);
	assert_flow(programs, &closed, RF_EGRESS, TCP_ACK, SESSION);
	assert_true(flow_has_no_session(programs, &closed));
	assert_flow(programs, &closed, RF_INGRESS, TCP_FIN_ACK, DEFAULT_DENY);
	assert_flow(programs, &closed, RF_EGRESS, TCP_ACK, DEFAULT_ALLOW);
	assert_int_equal(flow_state(programs, RF_MAP_HALF_OPEN, &closed), RF_STATE_SYN);
	assert_int_equal(census_counted(programs, RF_CENSUS_SESSIONS), CROWD_CRITICAL - 1);
}

static void below_critical_tcp_that_is_over_stays_for_its_timeout(void **state)
{
	const struct flow aborted = crowd_flow(0, IPPROTO_TCP), closed = crowd_flow(1, IPPROTO_TCP);
	const struct flow reset = crowd_flow(2, IPPROTO_TCP);
	struct programs *programs = *state;

	crowd_establish(programs, 0, CROWD_CRITICAL - 1);
	assert_flow(programs, &aborted, RF_EGRESS, TCP_RST, SESSION);
	assert_int_equal(flow_state(programs, RF_MAP_HALF_OPEN, &aborted), RF_STATE_CLOSED);
	close_by_fin(programs, &closed);
	assert_int_equal(flow_state(programs, RF_MAP_HALF_OPEN, &closed), RF_STATE_TIME_WAIT);
	assert_flow(programs, &closed, RF_INGRESS, TCP_FIN_ACK, SESSION);
	/* That may be forged, and the peer go on. */
	assert_flow(programs, &reset, RF_INGRESS, TCP_RST, SESSION);
	assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, &reset), RF_STATE_CLOSED);
	assert_int_equal(census_counted(programs, RF_CENSUS_SESSIONS), CROWD_CRITICAL - 3);
	assert_int_equal(census_counted(programs, RF_CENSUS_HALF_OPEN), 2);
}

/* Many more answered datagrams than there is room for. */
static void established_tcp_goes_last(void **state)
{
	struct programs *programs = *state;

	crowd_establish(programs, 0, CROWD_CRITICAL);
	for (uint16_t i = 0; i < 20000; i++) {
		struct flow flow = crowd_flow(i, IPPROTO_UDP);

		crowd_pass(programs, &flow, RF_EGRESS, 0);
		crowd_pass(programs, &flow, RF_INGRESS, 0);
		crowd_pass(programs, &flow, RF_EGRESS, 0);
	}
	assert_int_equal(flow_session_count(programs, RF_MAP_SESSIONS), CROWD_CRITICAL);
	assert_established(programs, 0, CROWD_CRITICAL);
}

/* It timed out long ago, and so is no pressure; but it is in a map, whichever that is. */
static void grow_old(const struct programs *programs, const struct flow *flow)
{
	const uint64_t long_ago = 1000 * rf_ticks_per_second();
	struct rf_session session;

	flow_age(programs,
		 flow_session(programs, RF_MAP_SESSIONS, flow, &session) ? RF_MAP_SESSIONS
									 : RF_MAP_HALF_OPEN,
		 flow, long_ago);
}

static void connections_that_are_over_evict_no_established_one(void **state)
{
	const uint16_t end = 1000 + 5 * CROWD_SESSIONS;
	struct programs *programs = *state;

	crowd_establish(programs, 0, 1000);
	assert_established(programs, 0, 1000);
	for (uint16_t i = 1000; i < end; i++) {
		struct flow flow = crowd_flow(i, IPPROTO_TCP);

		crowd_establish(programs, i, i + 1);
		if (i % 2)
			crowd_pass(programs, &flow, RF_EGRESS, TCP_RST);
		else
			close_by_fin(programs, &flow);
		grow_old(programs, &flow);
	}
	assert_established(programs, 0, 1000);
}

static void questions_with_one_answer_evict_no_established_connection(void **state)
{
	struct programs *programs = *state;

	crowd_establish(programs, 0, 1000);
	assert_established(programs, 0, 1000);
	for (uint16_t i = 0; i < 3 * CROWD_SESSIONS; i++) {
		struct flow flow = crowd_flow(i, IPPROTO_UDP);

		crowd_pass(programs, &flow, RF_EGRESS, 0);
		crowd_pass(programs, &flow, RF_INGRESS, 0);
		grow_old(programs, &flow);
	}
	assert_established(programs, 0, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CROWD_TEST(below_critical_answered_datagrams_are_promoted),
		CROWD_TEST(at_critical_answered_datagrams_are_followed_where_they_are),
		CROWD_TEST(at_critical_tcp_is_promoted),
		CROWD_TEST(at_critical_tcp_that_is_over_leaves_at_once),
		CROWD_TEST(below_critical_tcp_that_is_over_stays_for_its_timeout),
		CROWD_TEST(established_tcp_goes_last),
		CROWD_TEST(connections_that_are_over_evict_no_established_one),
		CROWD_TEST(questions_with_one_answer_evict_no_established_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
