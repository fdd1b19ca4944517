// SPDX-License-Identifier: Apache-2.0
/* What a flow has grown by from look to look, against a list of what was counted. */
#include "ctl/top/flow_memory.h"
#include "test/lib/prng.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND 1000000000ull

static struct flow_identity flow_of(uint32_t number, uint64_t created)
{
	const struct rf_flow_key flow = {
		.peer = {{0, 0, htonl(0xffff), htonl(number)}},
		.protocol = 17,
	};

	return (struct flow_identity){flow, created};
}

static struct rf_session session_of(uint64_t created, uint64_t packets)
{
	return (struct rf_session){.created = created,
				   .packets = {packets, 2 * packets},
				   .bytes = {100 * packets, 300 * packets}};
}

/* One flow, seen at @now. */
static int see(struct flow_memory *memory, const struct rf_session *session, uint64_t now,
	       struct flow_growth *growth)
{
	const struct flow_identity flow = flow_of(1, session->created);

	return flow_memory_see(memory, &flow, session, now, growth);
}

static void assert_growth(const struct flow_growth *growth, uint64_t packets, uint64_t nanoseconds)
{
	assert_int_equal(growth->packets[RF_INGRESS], packets);
	assert_int_equal(growth->packets[RF_EGRESS], 2 * packets);
	assert_int_equal(growth->bytes[RF_INGRESS], 100 * packets);
	assert_int_equal(growth->bytes[RF_EGRESS], 300 * packets);
	if (packets)
		assert_int_equal(growth->nanoseconds, nanoseconds);
}

static void a_flow_grows_from_when_it_was_last_seen(void **state)
{
	struct flow_memory memory = {};
	struct rf_session session = session_of(5 * SECOND, 1000);
	struct flow_growth growth;

	(void)state;
	flow_memory_begin(&memory, 10 * SECOND);
	assert_int_equal(see(&memory, &session, 10 * SECOND + 7, &growth), 0);
	assert_growth(&growth, 0, 0);
	flow_memory_end(&memory);
	session = session_of(5 * SECOND, 1040);
	flow_memory_begin(&memory, 11 * SECOND);
	assert_int_equal(see(&memory, &session, 11 * SECOND + 9, &growth), 0);
	assert_growth(&growth, 40, SECOND + 2);
	flow_memory_end(&memory);
	flow_memory_begin(&memory, 12 * SECOND);
	assert_int_equal(see(&memory, &session, 12 * SECOND, &growth), 0);
	assert_growth(&growth, 0, 0);
	flow_memory_free(&memory);
}

static void a_flow_that_began_after_the_look_before_has_grown_by_all_that_it_has(void **state)
{
	struct flow_memory memory = {};
	struct rf_session session = session_of(10 * SECOND, 30);
	struct flow_growth growth;

	(void)state;
	flow_memory_begin(&memory, 10 * SECOND);
	flow_memory_end(&memory);
	flow_memory_begin(&memory, 12 * SECOND);
	assert_int_equal(see(&memory, &session, 12 * SECOND + 5, &growth), 0);
	assert_growth(&growth, 30, 2 * SECOND + 5);
	flow_memory_free(&memory);
}

static void an_older_one_that_was_not_seen_has_not_grown_until_it_is_seen_again(void **state)
{
	struct flow_memory memory = {};
	struct rf_session session = session_of(10 * SECOND - 1, 1000000);
	struct flow_growth growth;

	(void)state;
	flow_memory_begin(&memory, 10 * SECOND);
	flow_memory_end(&memory);
	flow_memory_begin(&memory, 11 * SECOND);
	assert_int_equal(see(&memory, &session, 11 * SECOND, &growth), 0);
	assert_growth(&growth, 0, 0);
	flow_memory_end(&memory);
	/* Not seen once: then it is the growth of two seconds. */
	for (uint32_t number = 2; number < 20; number++) {
		const struct flow_identity other = flow_of(number, session.created);

		flow_memory_see(&memory, &other, &session, 11 * SECOND, &growth);
	}
	flow_memory_begin(&memory, 12 * SECOND);
	for (uint32_t number = 2; number < 20; number++) {
		const struct flow_identity other = flow_of(number, session.created);

		flow_memory_see(&memory, &other, &session, 12 * SECOND, &growth);
	}
	flow_memory_end(&memory);
	session = session_of(10 * SECOND - 1, 1000200);
	flow_memory_begin(&memory, 13 * SECOND);
	assert_int_equal(see(&memory, &session, 13 * SECOND, &growth), 0);
	assert_growth(&growth, 200, 2 * SECOND);
	flow_memory_free(&memory);
}

static void a_flow_that_took_the_place_of_another_begins_at_zero(void **state)
{
	struct flow_memory memory = {};
	struct rf_session session = session_of(SECOND, 5000);
	struct flow_growth growth;

	(void)state;
	flow_memory_begin(&memory, 10 * SECOND);
	assert_int_equal(see(&memory, &session, 10 * SECOND, &growth), 0);
	flow_memory_end(&memory);
	session = session_of(10 * SECOND + 1, 3);
	flow_memory_begin(&memory, 11 * SECOND);
	assert_int_equal(see(&memory, &session, 11 * SECOND, &growth), 0);
	assert_growth(&growth, 3, SECOND);
	flow_memory_free(&memory);
}

static void counters_that_went_back_are_no_growth(void **state)
{
	struct flow_memory memory = {};
	struct rf_session session = session_of(SECOND, 5000);
	struct flow_growth growth;

	(void)state;
	flow_memory_begin(&memory, 10 * SECOND);
	assert_int_equal(see(&memory, &session, 10 * SECOND, &growth), 0);
	flow_memory_end(&memory);
	session = session_of(SECOND, 4990);
	flow_memory_begin(&memory, 11 * SECOND);
	assert_int_equal(see(&memory, &session, 11 * SECOND, &growth), 0);
	assert_growth(&growth, 0, 0);
	flow_memory_free(&memory);
}

/* As one is that goes from one map to the other while they are read. */
static void a_flow_that_is_read_twice_in_a_look_counts_once(void **state)
{
	struct flow_memory memory = {};
	struct rf_session session = session_of(SECOND, 10);
	struct flow_growth growth;

	(void)state;
	flow_memory_begin(&memory, 10 * SECOND);
	assert_int_equal(see(&memory, &session, 10 * SECOND, &growth), 0);
	assert_int_equal(see(&memory, &session, 10 * SECOND + 1, &growth), -EALREADY);
	flow_memory_end(&memory);
	session = session_of(SECOND, 12);
	flow_memory_begin(&memory, 11 * SECOND);
	assert_int_equal(see(&memory, &session, 11 * SECOND, &growth), 0);
	assert_growth(&growth, 2, SECOND);
	flow_memory_free(&memory);
}

#define FLOWS 20000
#define LOOKS 40

/* Flows come, go and grow; each is compared with a list. What is gone is not kept for long. */
static void many_flows_that_come_and_go_are_told_apart(void **state)
{
	static struct {
		uint64_t created; /* 0: it is not there */
		uint64_t packets;
		uint64_t shown;
	} list[FLOWS];
	struct flow_memory memory = {};
	struct prng prng = {.state = 11};

	(void)state;
	for (uint64_t look = 1; look <= LOOKS; look++) {
		size_t there = 0;

		flow_memory_begin(&memory, look * SECOND);
		for (uint32_t i = 0; i < FLOWS; i++) {
			struct flow_identity flow;
			struct rf_session session;
			struct flow_growth growth;

			if (prng_below(&prng, 8) == 0) {
				list[i].created = prng_below(&prng, 2) ? look * SECOND - 1 : 0;
				list[i].packets = list[i].shown = 0;
			}
			if (!list[i].created)
				continue;
			list[i].packets += prng_below(&prng, 3);
			session = session_of(list[i].created, list[i].packets);
			flow = flow_of(i, list[i].created);
			flow_memory_expect(&memory, &flow, 1);
			assert_int_equal(
				flow_memory_see(&memory, &flow, &session, look * SECOND, &growth),
				0);
			assert_growth(&growth, look == 1 ? 0 : list[i].packets - list[i].shown,
				      SECOND);
			list[i].shown = list[i].packets;
			there++;
		}
		flow_memory_end(&memory);
		assert_int_equal(memory.seen, there);
		assert_in_range(memory.count, there, there + there / 7 + 1);
	}
	flow_memory_free(&memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_grows_from_when_it_was_last_seen),
		cmocka_unit_test(
			a_flow_that_began_after_the_look_before_has_grown_by_all_that_it_has),
		cmocka_unit_test(
			an_older_one_that_was_not_seen_has_not_grown_until_it_is_seen_again),
		cmocka_unit_test(a_flow_that_took_the_place_of_another_begins_at_zero),
		cmocka_unit_test(counters_that_went_back_are_no_growth),
		cmocka_unit_test(a_flow_that_is_read_twice_in_a_look_counts_once),
		cmocka_unit_test(many_flows_that_come_and_go_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
