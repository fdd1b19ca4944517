// SPDX-License-Identifier: Apache-2.0
/* What the census counts when sessions are removed while the programs go on counting. */
#include "dataplane/census.h"
#include "dataplane/constants.h"
#include "dataplane/sessions.h"
#include "test/lib/census.h"
#include "test/lib/fixture.h"

#include <string.h>
#include <time.h>

#define OF_POD RF_CENSUS_POD(POD_ID)

static const struct flow old = {POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0};
static const struct flow fresh = {POD_4, 40001, PEER_4, 80, IPPROTO_TCP, 0};

struct removal {
	struct programs *programs;
	bool has_waited;
};

/* As where there are so many that it takes long: meanwhile the slice in which the old one ends
 * passes, and another flow lets the programs drop it. */
static bool wait_and_choose_old(const struct rf_flow_key *flow, const struct rf_session *session,
				void *context)
{
	const struct timespec moment = {.tv_nsec = 50000000};
	const struct rf_flow_key wanted = flow_key(&old);
	struct removal *removal = context;
	uint32_t current = rf_census_current();

	(void)session;
	while (!removal->has_waited && rf_census_current() == current)
		nanosleep(&moment, NULL);
	if (!removal->has_waited) {
		/* Our clock may be a little ahead of theirs. */
		nanosleep(&moment, NULL);
		assert_handshake(removal->programs, &fresh, RF_EGRESS, DEFAULT_ALLOW);
	}
	removal->has_waited = true;
	return !memcmp(flow, &wanted, sizeof(wanted));
}

/* Else the count would be one too low until the number of the slice is used again. */
static void what_has_passed_while_it_was_removed_is_not_counted_out(void **state)
{
	const uint64_t slices = census_slices(7200) + 1;
	struct programs *programs = *state;
	struct removal removal = {.programs = programs};
	size_t removed;

	assert_handshake(programs, &old, RF_EGRESS, DEFAULT_ALLOW);
	flow_age(programs, RF_MAP_SESSIONS, &old, slices << rf_slice_shift(rf_ticks_per_second()));
	assert_census_sum(programs, RF_CENSUS_SESSIONS, 1);
	assert_int_equal(
		rf_sessions_remove(&programs->objects, wait_and_choose_old, &removal, &removed), 0);
	assert_int_equal(removed, 1);
	assert_true(flow_has_no_session(programs, &old));
	assert_census_sum(programs, RF_CENSUS_SESSIONS, 1);
	assert_census_sum(programs, OF_POD, 1);
	assert_census(programs, 1, 0, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(what_has_passed_while_it_was_removed_is_not_counted_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
