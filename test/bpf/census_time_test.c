// SPDX-License-Identifier: Apache-2.0
/* How long the census counts a session: by slices of time, and settled by whoever comes by. */
#include "dataplane/census.h"
#include "dataplane/constants.h"
#include "test/lib/census.h"
#include "test/lib/fixture.h"

#include <bpf/bpf.h>

#define OF_POD RF_CENSUS_POD(POD_ID)

static const struct flow tcp = {POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0};
static const struct flow other_tcp = {POD_4, 40001, PEER_4, 80, IPPROTO_TCP, 0};
static const struct flow udp = {POD_4, 40000, PEER_4, 53, IPPROTO_UDP, 0};

static void pass(struct programs *programs, const struct flow *flow, enum rf_direction direction,
		 uint8_t tcp_flags)
{
	struct packet_spec packet = flow_packet(flow, direction, tcp_flags);

	programs_pass(programs, direction, &packet, PROGRAMS_FORWARDED);
}

/* What the pod sends by itself (OUT) and is sent (IN), and how long it is counted after that. */
#define OUT(flags) (0x100 | (flags))
#define IN(flags)  (0x200 | (flags))

static const struct end_case {
	const char *name;
	const struct flow *flow;
	uint32_t seconds;
	uint16_t packets[6];
} ends[] = {
	{"SYN", &tcp, 20, {OUT(TCP_SYN)}},
	{"established", &tcp, 7200, {OUT(TCP_SYN), IN(TCP_SYN_ACK), OUT(TCP_ACK)}},
	{"FIN", &tcp, 60, {OUT(TCP_SYN), IN(TCP_SYN_ACK), OUT(TCP_ACK), OUT(TCP_FIN_ACK)}},
	{"TIME_WAIT",
	 &tcp,
	 120,
	 {OUT(TCP_SYN), IN(TCP_SYN_ACK), OUT(TCP_ACK), OUT(TCP_FIN_ACK), IN(TCP_FIN_ACK),
	  OUT(TCP_ACK)}},
	{"closed by the peer",
	 &tcp,
	 10,
	 {OUT(TCP_SYN), IN(TCP_SYN_ACK), OUT(TCP_ACK), IN(TCP_RST)}},
	{"closed by the pod",
	 &tcp,
	 10,
	 {OUT(TCP_SYN), IN(TCP_SYN_ACK), OUT(TCP_ACK), OUT(TCP_RST)}},
	{"UDP one way", &udp, 30, {OUT(0)}},
	{"UDP replied", &udp, 180, {OUT(0), IN(0)}},
	{"UDP asked again", &udp, 180, {OUT(0), IN(0), OUT(0)}},
};

/* No shorter than the timeout, and no longer than two slices more. */
static void a_session_is_counted_until_the_slice_of_its_timeout_has_passed(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		print_message("# %s\n", ends[i].name);
		for (size_t j = 0; j < 6 && ends[i].packets[j]; j++)
			pass(programs, ends[i].flow,
			     ends[i].packets[j] & 0x100 ? RF_EGRESS : RF_INGRESS,
			     ends[i].packets[j] & 0xff);
		assert_int_equal(census_counted(programs, OF_POD), 1);
		census_pass(programs, census_slices(ends[i].seconds));
		assert_int_equal(census_counted(programs, OF_POD), 1);
		census_pass(programs, 2);
		assert_census(programs, 0, 0, 0);
	}
}

/* Its last packet came at the very end of a slice, and so was not worth a move. */
static void see_late(const struct programs *programs, enum rf_map map, const struct flow *flow)
{
	uint64_t last_tick = ((uint64_t)1 << rf_slice_shift(rf_ticks_per_second())) - 1;
	struct rf_flow_key key = flow_key(flow);
	struct rf_session session;

	assert_true(flow_session(programs, map, flow, &session));
	session.last_seen |= last_tick;
	assert_int_equal(
		bpf_map_update_elem(programs->objects.maps[map], &key, &session, BPF_EXIST), 0);
}

/* True if the programs would follow it, by a clock that is right to a few ticks. */
static bool is_alive(const struct programs *programs, enum rf_map map, const struct flow *flow)
{
	const struct rf_settings settings = programs_settings();
	struct rf_session session;
	uint64_t timeout;

	assert_true(flow_session(programs, map, flow, &session));
	timeout = rf_ticks_per_second() *
		  rf_session_timeout(&settings, flow_state(programs, map, flow), 0);
	return rf_ticks_now() + rf_ticks_per_second() / 10 < session.last_seen + timeout;
}

static void what_may_still_be_followed_is_counted(void **state)
{
	static const enum rf_map maps[] = {RF_MAP_HALF_OPEN, RF_MAP_SESSIONS, RF_MAP_SESSIONS};
	const struct flow *const flows[] = {&other_tcp, &udp, &tcp};
	struct programs *programs = *state;

	pass(programs, &other_tcp, RF_EGRESS, TCP_SYN);
	pass(programs, &udp, RF_EGRESS, 0);
	pass(programs, &udp, RF_INGRESS, 0);
	pass(programs, &udp, RF_EGRESS, 0);
	assert_handshake(programs, &tcp, RF_EGRESS, DEFAULT_ALLOW);
	for (size_t i = 0; i < 3; i++)
		see_late(programs, maps[i], flows[i]);
	for (uint32_t slice = 0; slice < census_slices(RF_TIMEOUT_MAX) + 2; slice++) {
		/* First, since time passes meanwhile, in which one may die and none begins. */
		uint32_t counted = census_counted(programs, OF_POD), alive = 0;

		for (size_t i = 0; i < 3; i++)
			alive += is_alive(programs, maps[i], flows[i]);
		assert_true(alive <= counted);
		census_pass(programs, 1);
	}
	for (size_t i = 0; i < 3; i++)
		assert_false(is_alive(programs, maps[i], flows[i]));
}

static void a_packet_in_a_later_slice_lets_its_session_be_counted_longer(void **state)
{
	struct programs *programs = *state;

	pass(programs, &udp, RF_EGRESS, 0);
	for (int i = 0; i < 5; i++) {
		census_pass(programs, census_slices(30) - 1);
		assert_flow(programs, &udp, RF_EGRESS, 0, SESSION);
		assert_census(programs, 0, 1, 1);
	}
	pass(programs, &udp, RF_INGRESS, 0);
	pass(programs, &udp, RF_EGRESS, 0);
	for (int i = 0; i < 5; i++) {
		census_pass(programs, census_slices(180) - 1);
		assert_flow(programs, &udp, RF_INGRESS, 0, SESSION);
		assert_census(programs, 1, 0, 1);
	}
	assert_census_sum(programs, RF_CENSUS_SESSIONS, 1);
	assert_census_sum(programs, OF_POD, 1);
}

/* As two sides leave it that close at once, each before it sees what the other sends. */
static void a_session_that_was_counted_too_short_is_counted_again_by_its_next_packet(void **state)
{
	uint64_t slice = (uint64_t)1 << rf_slice_shift(rf_ticks_per_second());
	struct rf_flow_key key = flow_key(&udp);
	struct programs *programs = *state;
	struct rf_session session;
	uint64_t last_seen;

	pass(programs, &udp, RF_EGRESS, 0);
	assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &udp, &session));
	last_seen = session.last_seen - slice;
	census_age(programs, RF_MAP_HALF_OPEN, &session, 10 * slice);
	session.last_seen = last_seen;
	assert_int_equal(bpf_map_update_elem(programs->objects.maps[RF_MAP_HALF_OPEN], &key,
					     &session, BPF_EXIST),
			 0);
	assert_census(programs, 0, 0, 0);
	assert_flow(programs, &udp, RF_EGRESS, 0, SESSION);
	assert_census(programs, 0, 1, 1);
	assert_census_sum(programs, RF_CENSUS_HALF_OPEN, 1);
	assert_census_sum(programs, OF_POD, 1);
}

static void set_timeout(struct programs *programs, uint32_t kind, uint32_t seconds)
{
	struct rf_settings settings = programs_settings();

	settings.timeout[kind] = seconds;
	programs_set_settings(programs, &settings);
}

static void a_session_is_counted_as_long_as_the_longest_timeout_there_may_be(void **state)
{
	struct programs *programs = *state;

	set_timeout(programs, RF_STATE_ONE_WAY, RF_TIMEOUT_MAX);
	pass(programs, &udp, RF_EGRESS, 0);
	census_pass(programs, census_slices(RF_TIMEOUT_MAX));
	assert_census(programs, 0, 1, 1);
	/* Who comes by late does not take its slice for another. */
	assert_handshake(programs, &other_tcp, RF_EGRESS, DEFAULT_ALLOW);
	assert_census(programs, 1, 1, 2);
	census_pass(programs, 2);
	assert_census(programs, 1, 0, 1);
}

/* Until then it is not counted: only a packet knows of the session. */
static void a_session_whose_timeout_grew_is_counted_again_by_its_next_packet(void **state)
{
	struct programs *programs = *state;

	pass(programs, &udp, RF_EGRESS, 0);
	set_timeout(programs, RF_STATE_ONE_WAY, 600);
	census_pass(programs, census_slices(30) + 2);
	assert_census(programs, 0, 0, 0);
	assert_flow(programs, &udp, RF_EGRESS, 0, SESSION);
	assert_census(programs, 0, 1, 1);
	census_pass(programs, census_slices(600));
	assert_census(programs, 0, 1, 1);
	census_pass(programs, 2);
	assert_census(programs, 0, 0, 0);
}

static void a_session_whose_timeout_shrank_is_counted_shorter_from_its_next_packet_on(void **state)
{
	struct programs *programs = *state;

	set_timeout(programs, RF_STATE_ONE_WAY, 600);
	pass(programs, &udp, RF_EGRESS, 0);
	census_pass(programs, 1);
	set_timeout(programs, RF_STATE_ONE_WAY, 60);
	assert_flow(programs, &udp, RF_EGRESS, 0, SESSION);
	assert_census(programs, 0, 1, 1);
	census_pass(programs, census_slices(60) + 2);
	assert_census(programs, 0, 0, 0);
}

/* Whatever has passed, and however long ago, is dropped from the sum by the next flow. */
static void a_new_flow_settles_all_slices_that_have_passed(void **state)
{
	static const uint32_t silences[] = {1, 3, 100, 878, 1023, 1024, 1025, 5000, 100000};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(silences) / sizeof(silences[0]); i++) {
		assert_handshake(programs, &tcp, RF_EGRESS, DEFAULT_ALLOW);
		pass(programs, &udp, RF_EGRESS, 0);
		census_pass(programs, census_slices(7200) + 1 + silences[i]);
		assert_census(programs, 0, 0, 0);
		/* Half-open, then promoted: each settles where it is counted. */
		assert_handshake(programs, &other_tcp, RF_EGRESS, DEFAULT_ALLOW);
		assert_census_sum(programs, RF_CENSUS_SESSIONS, 1);
		assert_census_sum(programs, RF_CENSUS_HALF_OPEN, 0);
		assert_census_sum(programs, OF_POD, 1);
		census_pass(programs, census_slices(7200) + 2);
	}
}

/* Often enough that some packets come late in a unit of times(), which has several ticks. */
static void user_space_is_not_behind_the_clock_of_the_programs(void **state)
{
	uint64_t end = rf_ticks_now() + rf_ticks_per_second() / 5;
	struct programs *programs = *state;
	struct rf_session session;

	do {
		pass(programs, &udp, RF_EGRESS, 0);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &udp, &session));
		assert_true(rf_ticks_now() >= session.last_seen);
	} while (rf_ticks_now() < end);
	assert_true(rf_ticks_now() <= session.last_seen + 60 * rf_ticks_per_second());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_session_is_counted_until_the_slice_of_its_timeout_has_passed),
		FIXTURE_TEST(what_may_still_be_followed_is_counted),
		FIXTURE_TEST(a_packet_in_a_later_slice_lets_its_session_be_counted_longer),
		FIXTURE_TEST(
			a_session_that_was_counted_too_short_is_counted_again_by_its_next_packet),
		FIXTURE_TEST(a_session_is_counted_as_long_as_the_longest_timeout_there_may_be),
		FIXTURE_TEST(a_session_whose_timeout_grew_is_counted_again_by_its_next_packet),
		FIXTURE_TEST(
			a_session_whose_timeout_shrank_is_counted_shorter_from_its_next_packet_on),
		FIXTURE_TEST(a_new_flow_settles_all_slices_that_have_passed),
		FIXTURE_TEST(user_space_is_not_behind_the_clock_of_the_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
