/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The census beside what it counts: the sessions that are in the maps. And time that passes for
 * both of them, as the kernel's clock cannot be moved.
 */
#ifndef RINGFENCE_TEST_LIB_CENSUS_H
#define RINGFENCE_TEST_LIB_CENSUS_H

#include "test/lib/programs.h"

/* Pods whose census is kept true when time passes: ids from 1 to this. */
#define CENSUS_PODS 2

/* How many of @subject (enum rf_census_subject, or RF_CENSUS_POD()) live by the census. */
uint32_t census_counted(const struct programs *programs, uint32_t subject);

/* How many sessions of @subject are in the maps, in slices that have not passed. */
uint32_t census_recounted(const struct programs *programs, uint32_t subject);

/* All slices of @subject together, passed or not; false in *@agrees if `live` says something else.
 */
int32_t census_sum(const struct programs *programs, uint32_t subject, bool *agrees);

/* For tests with cmocka: the census of both maps and of pod 1. */
#define assert_census(programs, in_sessions, in_half_open, of_pod)                                 \
	do {                                                                                       \
		assert_int_equal(census_counted((programs), RF_CENSUS_SESSIONS), in_sessions);     \
		assert_int_equal(census_counted((programs), RF_CENSUS_HALF_OPEN), in_half_open);   \
		assert_int_equal(census_counted((programs), RF_CENSUS_POD(1)), of_pod);            \
	} while (0)

/* And that so many are in the slices of @subject, with nothing left of what has passed. */
#define assert_census_sum(programs, subject, expected)                                             \
	do {                                                                                       \
		bool agrees;                                                                       \
		assert_int_equal(census_sum((programs), (subject), &agrees), expected);            \
		assert_true(agrees);                                                               \
	} while (0)

/* Let @slices slices of time pass during which no packet comes. */
void census_pass(struct programs *programs, uint32_t slices);

/* Count @session of @map as if it had been seen @ticks earlier, and all others had settled since.
 */
void census_age(const struct programs *programs, enum rf_map map, struct rf_session *session,
		uint64_t ticks);

/* How many whole slices @seconds are, rounded down. */
uint32_t census_slices(uint32_t seconds);

#endif
