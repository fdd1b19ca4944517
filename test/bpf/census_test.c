// SPDX-License-Identifier: Apache-2.0
/* How many sessions live, by map and by pod: the census against the sessions that are there. */
#include "dataplane/constants.h"
#include "dataplane/pod.h"
#include "dataplane/pod_clear.h"
#include "dataplane/sessions.h"
#include "test/lib/census.h"
#include "test/lib/fixture.h"
#include "test/lib/prng.h"

#define OF_POD   RF_CENSUS_POD(POD_ID)
#define OF_OTHER RF_CENSUS_POD(OTHER_POD_ID)

static const struct flow tcp = {POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0};
static const struct flow other_tcp = {POD_4, 40001, PEER_4, 80, IPPROTO_TCP, 0};
static const struct flow udp = {POD_4, 40000, PEER_4, 53, IPPROTO_UDP, 0};

static void pass(struct programs *programs, const struct flow *flow, enum rf_direction direction,
		 uint8_t tcp_flags)
{
	struct packet_spec packet = flow_packet(flow, direction, tcp_flags);

	programs_pass(programs, direction, &packet, PROGRAMS_FORWARDED);
}

static void a_session_is_counted_in_its_map_and_for_its_pod(void **state)
{
	struct programs *programs = *state;

	assert_census(programs, 0, 0, 0);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_census(programs, 0, 1, 1);
	assert_flow(programs, &tcp, RF_INGRESS, TCP_SYN_ACK, SESSION);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_ACK, SESSION);
	assert_census(programs, 1, 0, 1);
	assert_flow(programs, &udp, RF_INGRESS, 0, DEFAULT_ALLOW);
	assert_census(programs, 1, 1, 2);
	assert_flow(programs, &udp, RF_EGRESS, 0, SESSION);
	assert_census(programs, 1, 1, 2);
	assert_flow(programs, &udp, RF_INGRESS, 0, SESSION);
	assert_census(programs, 2, 0, 2);
	assert_int_equal(census_counted(programs, OF_OTHER), 0);
}

static void a_flow_that_is_opened_again_is_counted_once(void **state)
{
	struct programs *programs = *state;

	assert_flow(programs, &tcp, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_RST, SESSION);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_census(programs, 0, 1, 1);
	assert_flow(programs, &tcp, RF_INGRESS, TCP_SYN_ACK, SESSION);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_ACK, SESSION);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_FIN_ACK, SESSION);
	assert_flow(programs, &tcp, RF_INGRESS, TCP_FIN_ACK, SESSION);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_ACK, SESSION);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_census(programs, 0, 1, 1);
	/* Its time is over, not that for which it is counted. */
	census_pass(programs, census_slices(20) + 1);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_census(programs, 0, 1, 1);
	/* The pod's own reset is not forged. */
	assert_handshake(programs, &other_tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_flow(programs, &other_tcp, RF_EGRESS, TCP_RST, SESSION);
	assert_flow(programs, &other_tcp, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_census(programs, 0, 2, 2);
}

static void a_connection_that_has_ended_is_counted_in_half_open(void **state)
{
	struct programs *programs = *state;

	assert_handshake(programs, &tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_FIN_ACK, SESSION);
	assert_flow(programs, &tcp, RF_INGRESS, TCP_FIN_ACK, SESSION);
	assert_census(programs, 1, 0, 1);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_ACK, SESSION);
	assert_census(programs, 0, 1, 1);
	/* Whatever comes after that. */
	assert_flow(programs, &tcp, RF_INGRESS, TCP_RST, SESSION);
	assert_census(programs, 0, 1, 1);
	assert_handshake(programs, &other_tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_flow(programs, &other_tcp, RF_INGRESS, TCP_RST, SESSION);
	assert_census(programs, 1, 1, 2);
	assert_flow(programs, &other_tcp, RF_EGRESS, TCP_RST, SESSION);
	assert_census(programs, 0, 2, 2);
	census_pass(programs, census_slices(120) + 2);
	assert_census(programs, 0, 0, 0);
}

/* The pod resets what it knows no more, while its SYN for a new one is on its way. */
static void a_connection_that_ends_beside_a_new_one_is_counted_no_more(void **state)
{
	struct programs *programs = *state;

	assert_handshake(programs, &tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_flow(programs, &tcp, RF_INGRESS, TCP_RST, SESSION);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_census(programs, 1, 1, 2);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_RST, SESSION);
	assert_int_equal(flow_state(programs, RF_MAP_HALF_OPEN, &tcp), RF_STATE_SYN);
	assert_census(programs, 0, 1, 1);
}

static void a_connection_that_ends_takes_the_place_of_a_new_one_that_timed_out(void **state)
{
	struct programs *programs = *state;

	assert_handshake(programs, &tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_flow(programs, &tcp, RF_INGRESS, TCP_RST, SESSION);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	flow_age(programs, RF_MAP_HALF_OPEN, &tcp, 60 * rf_ticks_per_second());
	assert_census(programs, 1, 0, 1);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_RST, SESSION);
	assert_int_equal(flow_state(programs, RF_MAP_HALF_OPEN, &tcp), RF_STATE_CLOSED);
	assert_census(programs, 0, 1, 1);
}

/* A reset in the name of the peer may be forged, and the SYN after it: both are sessions until one
 * has proven itself. */
static void a_flow_that_is_opened_again_after_a_reset_is_counted_once_it_is_answered(void **state)
{
	struct programs *programs = *state;

	assert_handshake(programs, &tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_flow(programs, &tcp, RF_INGRESS, TCP_RST, SESSION);
	assert_census(programs, 1, 0, 1);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_census(programs, 1, 1, 2);
	assert_flow(programs, &tcp, RF_INGRESS, TCP_SYN_ACK, SESSION);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_ACK, SESSION);
	assert_census(programs, 1, 0, 1);
}

static void a_session_that_the_policy_ends_is_counted_no_more(void **state)
{
	struct programs *programs = *state;

	assert_handshake(programs, &tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_flow(programs, &udp, RF_EGRESS, 0, DEFAULT_ALLOW);
	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	pass(programs, &tcp, RF_EGRESS, TCP_ACK);
	pass(programs, &udp, RF_EGRESS, 0);
	assert_census(programs, 1, 1, 2);
	programs_set_policy(programs, POD_ID, DENY_ALL);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_ACK, DEFAULT_DENY);
	assert_census(programs, 0, 1, 1);
	assert_flow(programs, &udp, RF_EGRESS, 0, DEFAULT_DENY);
	assert_census(programs, 0, 0, 0);
}

static void what_is_denied_is_not_counted(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	assert_flow(programs, &tcp, RF_EGRESS, TCP_SYN, DEFAULT_DENY);
	assert_flow(programs, &udp, RF_INGRESS, 0, DEFAULT_DENY);
	assert_census(programs, 0, 0, 0);
}

/* The pod goes and its id is given again. DEL flushes after that, maybe long after. */
static uint32_t give_id_again(struct programs *programs)
{
	static const char *const addresses[] = {POD_4, POD_6, NULL};
	uint32_t earlier = programs->objects.pod_state[POD_ID].incarnation;
	struct rf_error error = {};

	rf_pod_free(&programs->objects, POD_ID);
	assert_int_equal(rf_pod_clear(&programs->objects, POD_ID, &error), 0);
	programs_add_pod(programs, POD_ID, addresses, RF_POD_ANTI_SPOOF, ALLOW_ALL);
	return earlier;
}

static void a_pod_begins_at_zero_and_owes_nothing_for_an_earlier_one(void **state)
{
	struct programs *programs = *state;
	uint32_t earlier;
	size_t flushed;

	assert_handshake(programs, &tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_handshake(programs, &other_tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_flow(programs, &udp, RF_EGRESS, 0, DEFAULT_ALLOW);
	earlier = give_id_again(programs);
	assert_census(programs, 2, 1, 0);
	/* The same flow again: the earlier session leaves the node's census only. */
	assert_flow(programs, &tcp, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_census(programs, 1, 2, 1);
	assert_int_equal(rf_sessions_flush(&programs->objects, POD_ID, earlier, &flushed), 0);
	assert_int_equal(flushed, 2);
	assert_census(programs, 0, 1, 1);
	assert_census_sum(programs, OF_POD, 1);
	assert_census_sum(programs, RF_CENSUS_SESSIONS, 0);
	assert_census_sum(programs, RF_CENSUS_HALF_OPEN, 1);
}

/* It went with its slice; taking it out again would be once too often. */
static void a_flush_does_not_count_out_what_has_timed_out(void **state)
{
	struct programs *programs = *state;
	uint32_t earlier;
	size_t flushed;

	assert_handshake(programs, &tcp, RF_EGRESS, DEFAULT_ALLOW);
	census_pass(programs, census_slices(7200) + 2);
	assert_handshake(programs, &other_tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_census_sum(programs, RF_CENSUS_SESSIONS, 1);
	earlier = give_id_again(programs);
	assert_int_equal(rf_sessions_flush(&programs->objects, POD_ID, earlier, &flushed), 0);
	assert_int_equal(flushed, 2);
	assert_census_sum(programs, RF_CENSUS_SESSIONS, 0);
}

static bool is_tcp(const struct rf_flow_key *flow, const struct rf_session *session, void *context)
{
	(void)session;
	(void)context;
	return flow->protocol == IPPROTO_TCP;
}

static void what_is_removed_is_counted_out_of_its_map_and_its_pod(void **state)
{
	const struct flow half_open = {POD_4, 40002, PEER_4, 80, IPPROTO_TCP, 0};
	struct programs *programs = *state;
	size_t removed;

	assert_handshake(programs, &tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_handshake(programs, &other_tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_flow(programs, &half_open, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_flow(programs, &udp, RF_EGRESS, 0, DEFAULT_ALLOW);
	assert_census(programs, 2, 2, 4);
	assert_int_equal(rf_sessions_remove(&programs->objects, is_tcp, NULL, &removed), 0);
	assert_int_equal(removed, 3);
	assert_census(programs, 0, 1, 1);
	assert_census_sum(programs, OF_POD, 1);
	assert_census_sum(programs, RF_CENSUS_SESSIONS, 0);
	assert_census_sum(programs, RF_CENSUS_HALF_OPEN, 1);
	assert_true(flow_has_no_session(programs, &tcp));
	assert_true(flow_has_no_session(programs, &half_open));
	/* The others are followed as before, and the flow may begin again. */
	assert_flow(programs, &udp, RF_INGRESS, 0, SESSION);
	assert_handshake(programs, &tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_census(programs, 1, 1, 2);
}

/* Any packet of any of a few flows, a step of time, or another policy. */
static void take_a_step(struct programs *programs, struct prng *prng)
{
	static const uint8_t flags[] = {TCP_SYN, TCP_SYN_ACK, TCP_ACK,
					TCP_ACK, TCP_FIN_ACK, TCP_RST};
	const struct flow flow = {
		.pod = POD_4,
		.pod_port = (uint16_t)(40000 + prng_below(prng, 8)),
		.peer = PEER_4,
		.peer_port = 80,
		.protocol = prng_one_in(prng, 3) ? IPPROTO_UDP : IPPROTO_TCP,
	};

	if (prng_one_in(prng, 20))
		census_pass(programs, prng_below(prng, prng_one_in(prng, 10) ? 2000 : 12));
	else if (prng_one_in(prng, 100))
		programs_set_policy(programs, POD_ID,
				    prng_one_in(prng, 2) ? EGRESS_ONLY : INGRESS_ONLY);
	else
		pass(programs, &flow, prng_below(prng, RF_DIRECTIONS),
		     flags[prng_below(prng, sizeof(flags))]);
}

/* A slice may pass between two looks, but not each time. */
static bool is_miscounted(const struct programs *programs, uint32_t subject)
{
	for (int attempt = 0; attempt < 10; attempt++)
		if (census_counted(programs, subject) == census_recounted(programs, subject))
			return false;
	return true;
}

static void after_any_packets_the_census_counts_the_sessions_that_are_there(void **state)
{
	static const uint32_t subjects[] = {RF_CENSUS_SESSIONS, RF_CENSUS_HALF_OPEN, OF_POD};
	struct programs *programs = *state;
	struct prng prng = prng_from_environment();
	uint32_t most = 0;

	for (int i = 0; i < 2000; i++) {
		uint32_t of_pod;

		take_a_step(programs, &prng);
		of_pod = census_counted(programs, OF_POD);
		most = of_pod > most ? of_pod : most;
		for (size_t j = 0; j < sizeof(subjects) / sizeof(subjects[0]); j++)
			if (is_miscounted(programs, subjects[j]))
				fail_msg("step %d, subject %u: %u counted, %u there", i,
					 subjects[j], census_counted(programs, subjects[j]),
					 census_recounted(programs, subjects[j]));
	}
	assert_true(most > 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_session_is_counted_in_its_map_and_for_its_pod),
		FIXTURE_TEST(a_flow_that_is_opened_again_is_counted_once),
		FIXTURE_TEST(a_connection_that_has_ended_is_counted_in_half_open),
		FIXTURE_TEST(a_connection_that_ends_beside_a_new_one_is_counted_no_more),
		FIXTURE_TEST(a_connection_that_ends_takes_the_place_of_a_new_one_that_timed_out),
		FIXTURE_TEST(
			a_flow_that_is_opened_again_after_a_reset_is_counted_once_it_is_answered),
		FIXTURE_TEST(a_session_that_the_policy_ends_is_counted_no_more),
		FIXTURE_TEST(what_is_denied_is_not_counted),
		FIXTURE_TEST(a_pod_begins_at_zero_and_owes_nothing_for_an_earlier_one),
		FIXTURE_TEST(a_flush_does_not_count_out_what_has_timed_out),
		FIXTURE_TEST(what_is_removed_is_counted_out_of_its_map_and_its_pod),
		FIXTURE_TEST(after_any_packets_the_census_counts_the_sessions_that_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
