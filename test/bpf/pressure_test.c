// SPDX-License-Identifier: Apache-2.0
/* How full the maps are, at which number that has a name, and what gives way then. */
#include "dataplane/census.h"
#include "dataplane/constants.h"
#include "dataplane/pressure.h"
#include "test/lib/census.h"
#include "test/lib/fixture.h"

#include <bpf/bpf.h>

/* The kernel keeps some elements of LRU maps for each CPU: far from full, nothing is evicted. */
#define SESSIONS  4000
#define WARNING   2800
#define CRITICAL  3600
#define HALF_OPEN 2000
#define FRAGMENTS 1000
#define ENTRIES   100

static int setup(void **state)
{
	static const char *const addresses[] = {POD_4, POD_6, NULL};
	const struct rf_map_sizes sizes = {
		.sessions = SESSIONS,
		.half_open = HALF_OPEN,
		.fragments = FRAGMENTS,
		.peers = ENTRIES,
		.services = ENTRIES,
	};
	struct programs *programs = programs_load(&sizes);

	programs_add_pod(programs, POD_ID, addresses, RF_POD_ANTI_SPOOF, EGRESS_ONLY);
	*state = programs;
	return 0;
}

static struct rf_map_pressure pressure(const struct programs *programs, enum rf_map map)
{
	struct rf_map_pressure all[RF_PRESSURE_MAPS];

	assert_int_equal(rf_pressure_read(&programs->objects, all), 0);
	for (size_t i = 0; i < RF_PRESSURE_MAPS; i++)
		if (all[i].map == map)
			return all[i];
	fail_msg("no pressure of map %s", rf_map_name(map));
	return all[0];
}

#define assert_pressure(programs, of_map, used_now, level_now)                                     \
	do {                                                                                       \
		struct rf_map_pressure found = pressure((programs), (of_map));                     \
		assert_int_equal(found.used, used_now);                                            \
		assert_int_equal(found.level, RF_PRESSURE_##level_now);                            \
	} while (0)

/* The @number-th of many flows that the pod opens. */
static struct flow numbered(uint16_t number, uint8_t protocol)
{
	return (struct flow){POD_4, 10000 + number, PEER_4, 80, protocol, 0};
}

static void pass(struct programs *programs, const struct flow *flow, enum rf_direction direction,
		 uint8_t tcp_flags)
{
	struct packet_spec packet = flow_packet(flow, direction, tcp_flags);

	assert_true(programs_pass(programs, direction, &packet, PROGRAMS_FORWARDED));
}

/* Establish the TCP flows from the @first-th to before the @end-th. */
static void establish(struct programs *programs, uint16_t first, uint16_t end)
{
	for (uint16_t i = first; i < end; i++) {
		struct flow flow = numbered(i, IPPROTO_TCP);

		pass(programs, &flow, RF_EGRESS, TCP_SYN);
		pass(programs, &flow, RF_INGRESS, TCP_SYN_ACK);
		pass(programs, &flow, RF_EGRESS, TCP_ACK);
	}
}

static void close_by_fin(struct programs *programs, const struct flow *flow)
{
	pass(programs, flow, RF_EGRESS, TCP_FIN_ACK);
	pass(programs, flow, RF_INGRESS, TCP_FIN_ACK);
	pass(programs, flow, RF_EGRESS, TCP_ACK);
}

static void assert_established(struct programs *programs, uint16_t first, uint16_t end)
{
	for (uint16_t i = first; i < end; i++) {
		struct flow flow = numbered(i, IPPROTO_TCP);

		/* Only its session lets this in. */
		pass(programs, &flow, RF_INGRESS, TCP_ACK);
	}
}

static void the_level_of_sessions_changes_at_seventy_and_ninety_percent(void **state)
{
	struct programs *programs = *state;

	assert_pressure(programs, RF_MAP_SESSIONS, 0, NORMAL);
	establish(programs, 0, WARNING - 1);
	assert_pressure(programs, RF_MAP_SESSIONS, WARNING - 1, NORMAL);
	establish(programs, WARNING - 1, WARNING);
	assert_pressure(programs, RF_MAP_SESSIONS, WARNING, WARNING);
	establish(programs, WARNING, CRITICAL - 1);
	assert_pressure(programs, RF_MAP_SESSIONS, CRITICAL - 1, WARNING);
	establish(programs, CRITICAL - 1, CRITICAL);
	assert_pressure(programs, RF_MAP_SESSIONS, CRITICAL, CRITICAL);
	/* Silence is enough to be normal again. */
	census_pass(programs, census_slices(7200) + 2);
	assert_pressure(programs, RF_MAP_SESSIONS, 0, NORMAL);
}

/* Open flows from the @first-th to before the @end-th, and no more than that. */
static void open_half(struct programs *programs, uint16_t first, uint16_t end)
{
	for (uint16_t i = first; i < end; i++) {
		struct flow flow = numbered(i, IPPROTO_TCP);

		pass(programs, &flow, RF_EGRESS, TCP_SYN);
	}
}

static void the_level_of_half_open_says_how_many_live(void **state)
{
	const uint16_t warning = HALF_OPEN / 10 * 7, critical = HALF_OPEN / 10 * 9;
	struct programs *programs = *state;

	open_half(programs, 0, warning - 1);
	assert_pressure(programs, RF_MAP_HALF_OPEN, warning - 1, NORMAL);
	open_half(programs, warning - 1, critical - 1);
	assert_pressure(programs, RF_MAP_HALF_OPEN, critical - 1, WARNING);
	/* More than there is room for: the rest was evicted, but not long ago. */
	open_half(programs, critical - 1, HALF_OPEN + 100);
	assert_pressure(programs, RF_MAP_HALF_OPEN, HALF_OPEN, CRITICAL);
	census_pass(programs, census_slices(20) + 2);
	assert_pressure(programs, RF_MAP_HALF_OPEN, 0, NORMAL);
}

/* As if the programs had counted so many. */
static void count_fragments(const struct programs *programs, int32_t number)
{
	const uint32_t subject = RF_CENSUS_FRAGMENTS, current = rf_census_current();
	const struct rf_census_turn turn = {.settled = current - 1};
	struct rf_census counts = {.live = number};

	counts.slice[(current + 3) % RF_CENSUS_SLICES] = number;
	assert_int_equal(bpf_map_update_elem(programs->objects.maps[RF_MAP_CENSUS], &subject,
					     &counts, BPF_ANY),
			 0);
	assert_int_equal(bpf_map_update_elem(programs->objects.maps[RF_MAP_CENSUS_TURNS], &subject,
					     &turn, BPF_ANY),
			 0);
}

static void the_level_of_fragments_is_that_of_the_census(void **state)
{
	struct programs *programs = *state;

	assert_pressure(programs, RF_MAP_FRAGMENTS, 0, NORMAL);
	count_fragments(programs, FRAGMENTS / 10 * 7 - 1);
	assert_pressure(programs, RF_MAP_FRAGMENTS, FRAGMENTS / 10 * 7 - 1, NORMAL);
	count_fragments(programs, FRAGMENTS / 10 * 7);
	assert_pressure(programs, RF_MAP_FRAGMENTS, FRAGMENTS / 10 * 7, WARNING);
	count_fragments(programs, FRAGMENTS / 10 * 9);
	assert_pressure(programs, RF_MAP_FRAGMENTS, FRAGMENTS / 10 * 9, CRITICAL);
	/* An error of the count that is not healed yet. */
	count_fragments(programs, -1);
	assert_pressure(programs, RF_MAP_FRAGMENTS, 0, NORMAL);
}

/* A key of any of the maps: as many bytes as it has, different for each number. */
static void insert(const struct programs *programs, enum rf_map map, uint32_t number)
{
	union {
		struct rf_address address;
		struct rf_pinhole_key pinhole;
		struct rf_peer_key peer;
		struct rf_service_key service;
		uint32_t word[16];
	} key = {};
	uint32_t value[8] = {};

	switch (map) {
	case RF_MAP_PEERS:
		key.peer.prefix_length = 32;
		key.peer.scope = number;
		break;
	case RF_MAP_SERVICES:
		key.service.prefix_length = 32;
		key.service.class_id = number;
		break;
	default:
		key.word[0] = number;
	}
	assert_int_equal(bpf_map_update_elem(programs->objects.maps[map], &key, value, BPF_NOEXIST),
			 0);
}

/* Fill @map up to @used entries, of which it has @before. */
static void fill(const struct programs *programs, enum rf_map map, uint32_t before, uint32_t used)
{
	for (uint32_t i = before; i < used; i++)
		insert(programs, map, 1000000 + i);
}

static void the_level_of_other_maps_is_that_of_their_entries(void **state)
{
	static const enum rf_map maps[] = {RF_MAP_PODS, RF_MAP_INTERFACES, RF_MAP_PINHOLES,
					   RF_MAP_PEERS, RF_MAP_SERVICES};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		uint32_t max_entries = programs->objects.max_entries[maps[i]];
		uint32_t warning = (max_entries * 7 + 9) / 10;
		uint32_t critical = (max_entries * 9 + 9) / 10;

		print_message("# %s\n", rf_map_name(maps[i]));
		fill(programs, maps[i], pressure(programs, maps[i]).used, warning - 1);
		assert_pressure(programs, maps[i], warning - 1, NORMAL);
		fill(programs, maps[i], warning - 1, warning);
		assert_pressure(programs, maps[i], warning, WARNING);
		fill(programs, maps[i], warning, critical - 1);
		assert_pressure(programs, maps[i], critical - 1, WARNING);
		fill(programs, maps[i], critical - 1, critical);
		assert_pressure(programs, maps[i], critical, CRITICAL);
		fill(programs, maps[i], critical, max_entries);
		assert_pressure(programs, maps[i], max_entries, CRITICAL);
	}
}

static void below_critical_answered_datagrams_are_promoted(void **state)
{
	const struct flow udp = numbered(0, IPPROTO_UDP);
	struct programs *programs = *state;

	establish(programs, 0, CRITICAL - 1);
	pass(programs, &udp, RF_EGRESS, 0);
	pass(programs, &udp, RF_INGRESS, 0);
	pass(programs, &udp, RF_EGRESS, 0);
	assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, &udp), RF_STATE_REPLIED);
}

static void at_critical_answered_datagrams_are_followed_where_they_are(void **state)
{
	static const uint8_t protocols[] = {IPPROTO_UDP, IPPROTO_SCTP};
	const struct flow closed = numbered(0, IPPROTO_TCP), udp = numbered(0, IPPROTO_UDP);
	struct programs *programs = *state;

	establish(programs, 0, CRITICAL);
	for (size_t i = 0; i < sizeof(protocols); i++) {
		struct flow flow = numbered(0, protocols[i]);

		assert_flow(programs, &flow, RF_EGRESS, 0, DEFAULT_ALLOW);
		for (int packet = 0; packet < 3; packet++) {
			assert_flow(programs, &flow, RF_INGRESS, 0, SESSION);
			assert_flow(programs, &flow, RF_EGRESS, 0, SESSION);
		}
		assert_int_equal(flow_state(programs, RF_MAP_HALF_OPEN, &flow), RF_STATE_REPLIED);
	}
	assert_int_equal(census_counted(programs, RF_CENSUS_SESSIONS), CRITICAL);
	assert_int_equal(census_counted(programs, RF_CENSUS_HALF_OPEN), 2);
	/* And are promoted by what the opener sends next when there is room again. */
	assert_flow(programs, &closed, RF_EGRESS, TCP_RST, SESSION);
	assert_flow(programs, &udp, RF_EGRESS, 0, SESSION);
	assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, &udp), RF_STATE_REPLIED);
}

static void at_critical_tcp_is_promoted(void **state)
{
	const struct flow flow = numbered(CRITICAL, IPPROTO_TCP);
	struct programs *programs = *state;

	establish(programs, 0, CRITICAL + 1);
	assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, &flow), RF_STATE_ESTABLISHED);
	assert_int_equal(census_counted(programs, RF_CENSUS_SESSIONS), CRITICAL + 1);
}

/* What comes after that belongs to no session: the pod may begin with it, its peer may not. */
static void at_critical_tcp_that_is_over_leaves_at_once(void **state)
{
	const struct flow reset = numbered(0, IPPROTO_TCP), closed = numbered(1, IPPROTO_TCP);
	struct programs *programs = *state;

	establish(programs, 0, CRITICAL + 1);
	assert_flow(programs, &reset, RF_INGRESS, TCP_RST, SESSION);
	assert_true(flow_has_no_session(programs, &reset));
	assert_flow(programs, &reset, RF_INGRESS, TCP_ACK, DEFAULT_DENY);
	assert_int_equal(census_counted(programs, RF_CENSUS_SESSIONS), CRITICAL);
	assert_flow(programs, &closed, RF_EGRESS, TCP_FIN_ACK, SESSION);
	assert_flow(programs, &closed, RF_INGRESS, TCP_FIN_ACK, SESSION);
	assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, &closed), RF_STATE_FIN);
	assert_flow(programs, &closed, RF_EGRESS, TCP_ACK, SESSION);
	assert_true(flow_has_no_session(programs, &closed));
	assert_flow(programs, &closed, RF_INGRESS, TCP_FIN_ACK, DEFAULT_DENY);
	assert_flow(programs, &closed, RF_EGRESS, TCP_ACK, DEFAULT_ALLOW);
	assert_int_equal(flow_state(programs, RF_MAP_HALF_OPEN, &closed), RF_STATE_SYN);
	assert_int_equal(census_counted(programs, RF_CENSUS_SESSIONS), CRITICAL - 1);
}

static void below_critical_tcp_that_is_over_stays_for_its_timeout(void **state)
{
	const struct flow aborted = numbered(0, IPPROTO_TCP), closed = numbered(1, IPPROTO_TCP);
	const struct flow reset = numbered(2, IPPROTO_TCP);
	struct programs *programs = *state;

	establish(programs, 0, CRITICAL - 1);
	assert_flow(programs, &aborted, RF_EGRESS, TCP_RST, SESSION);
	assert_int_equal(flow_state(programs, RF_MAP_HALF_OPEN, &aborted), RF_STATE_CLOSED);
	close_by_fin(programs, &closed);
	assert_int_equal(flow_state(programs, RF_MAP_HALF_OPEN, &closed), RF_STATE_TIME_WAIT);
	assert_flow(programs, &closed, RF_INGRESS, TCP_FIN_ACK, SESSION);
	/* That may be forged, and the peer go on. */
	assert_flow(programs, &reset, RF_INGRESS, TCP_RST, SESSION);
	assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, &reset), RF_STATE_CLOSED);
	assert_int_equal(census_counted(programs, RF_CENSUS_SESSIONS), CRITICAL - 3);
	assert_int_equal(census_counted(programs, RF_CENSUS_HALF_OPEN), 2);
}

/* Many more answered datagrams than there is room for. */
static void established_tcp_goes_last(void **state)
{
	struct programs *programs = *state;

	establish(programs, 0, CRITICAL);
	for (uint16_t i = 0; i < 20000; i++) {
		struct flow flow = numbered(i, IPPROTO_UDP);

		pass(programs, &flow, RF_EGRESS, 0);
		pass(programs, &flow, RF_INGRESS, 0);
		pass(programs, &flow, RF_EGRESS, 0);
	}
	assert_int_equal(flow_session_count(programs, RF_MAP_SESSIONS), CRITICAL);
	assert_established(programs, 0, CRITICAL);
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
	const uint16_t end = 1000 + 5 * SESSIONS;
	struct programs *programs = *state;

	establish(programs, 0, 1000);
	assert_established(programs, 0, 1000);
	for (uint16_t i = 1000; i < end; i++) {
		struct flow flow = numbered(i, IPPROTO_TCP);

		establish(programs, i, i + 1);
		if (i % 2)
			pass(programs, &flow, RF_EGRESS, TCP_RST);
		else
			close_by_fin(programs, &flow);
		grow_old(programs, &flow);
	}
	assert_established(programs, 0, 1000);
}

static void questions_with_one_answer_evict_no_established_connection(void **state)
{
	struct programs *programs = *state;

	establish(programs, 0, 1000);
	assert_established(programs, 0, 1000);
	for (uint16_t i = 0; i < 3 * SESSIONS; i++) {
		struct flow flow = numbered(i, IPPROTO_UDP);

		pass(programs, &flow, RF_EGRESS, 0);
		pass(programs, &flow, RF_INGRESS, 0);
		grow_old(programs, &flow);
	}
	assert_established(programs, 0, 1000);
}

#define PRESSURE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PRESSURE_TEST(the_level_of_sessions_changes_at_seventy_and_ninety_percent),
		PRESSURE_TEST(the_level_of_half_open_says_how_many_live),
		PRESSURE_TEST(the_level_of_fragments_is_that_of_the_census),
		PRESSURE_TEST(the_level_of_other_maps_is_that_of_their_entries),
		PRESSURE_TEST(below_critical_answered_datagrams_are_promoted),
		PRESSURE_TEST(at_critical_answered_datagrams_are_followed_where_they_are),
		PRESSURE_TEST(at_critical_tcp_is_promoted),
		PRESSURE_TEST(at_critical_tcp_that_is_over_leaves_at_once),
		PRESSURE_TEST(below_critical_tcp_that_is_over_stays_for_its_timeout),
		PRESSURE_TEST(established_tcp_goes_last),
		PRESSURE_TEST(connections_that_are_over_evict_no_established_one),
		PRESSURE_TEST(questions_with_one_answer_evict_no_established_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
