// SPDX-License-Identifier: Apache-2.0
/* How full the maps are, and at which number that has a name. */
#include "dataplane/census.h"
#include "dataplane/pressure.h"
#include "test/lib/census.h"
#include "test/lib/crowd.h"

#include <bpf/bpf.h>

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

static void the_level_of_sessions_changes_at_seventy_and_ninety_percent(void **state)
{
	struct programs *programs = *state;

	assert_pressure(programs, RF_MAP_SESSIONS, 0, NORMAL);
	crowd_establish(programs, 0, CROWD_WARNING - 1);
	assert_pressure(programs, RF_MAP_SESSIONS, CROWD_WARNING - 1, NORMAL);
	crowd_establish(programs, CROWD_WARNING - 1, CROWD_WARNING);
	assert_pressure(programs, RF_MAP_SESSIONS, CROWD_WARNING, WARNING);
	crowd_establish(programs, CROWD_WARNING, CROWD_CRITICAL - 1);
	assert_pressure(programs, RF_MAP_SESSIONS, CROWD_CRITICAL - 1, WARNING);
	crowd_establish(programs, CROWD_CRITICAL - 1, CROWD_CRITICAL);
	assert_pressure(programs, RF_MAP_SESSIONS, CROWD_CRITICAL, CRITICAL);
	/* Silence is enough to be normal again. */
	census_pass(programs, census_slices(7200) + 2);
	assert_pressure(programs, RF_MAP_SESSIONS, 0, NORMAL);
}

/* Open flows from the @first-th to before the @end-th, and no more than that. */
static void open_half(struct programs *programs, uint16_t first, uint16_t end)
{
	for (uint16_t i = first; i < end; i++) {
		struct flow flow = crowd_flow(i, IPPROTO_TCP);

		crowd_pass(programs, &flow, RF_EGRESS, TCP_SYN);
	}
}

static void the_level_of_half_open_says_how_many_live(void **state)
{
	const uint16_t warning = CROWD_HALF_OPEN / 10 * 7, critical = CROWD_HALF_OPEN / 10 * 9;
	struct programs *programs = *state;

	open_half(programs, 0, warning - 1);
	assert_pressure(programs, RF_MAP_HALF_OPEN, warning - 1, NORMAL);
	open_half(programs, warning - 1, critical - 1);
	assert_pressure(programs, RF_MAP_HALF_OPEN, critical - 1, WARNING);
	/* More than there is room for: the rest was evicted, but not long ago. */
	open_half(programs, critical - 1, CROWD_HALF_OPEN + 100);
	assert_pressure(programs, RF_MAP_HALF_OPEN, CROWD_HALF_OPEN, CRITICAL);
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
	count_fragments(programs, CROWD_FRAGMENTS / 10 * 7 - 1);
	assert_pressure(programs, RF_MAP_FRAGMENTS, CROWD_FRAGMENTS / 10 * 7 - 1, NORMAL);
	count_fragments(programs, CROWD_FRAGMENTS / 10 * 7);
	assert_pressure(programs, RF_MAP_FRAGMENTS, CROWD_FRAGMENTS / 10 * 7, WARNING);
	count_fragments(programs, CROWD_FRAGMENTS / 10 * 9);
	assert_pressure(programs, RF_MAP_FRAGMENTS, CROWD_FRAGMENTS / 10 * 9, CRITICAL);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		CROWD_TEST(the_level_of_sessions_changes_at_seventy_and_ninety_percent),
		CROWD_TEST(the_level_of_half_open_says_how_many_live),
		CROWD_TEST(the_level_of_fragments_is_that_of_the_census),
		CROWD_TEST(the_level_of_other_maps_is_that_of_their_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
