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

/* Let @slices slices of time pass during which no packet comes. */
void census_pass(struct programs *programs, uint32_t slices);

/* Count @session of @map as if it had been seen @ticks earlier, and all others had settled since.
 */
void census_age(const struct programs *programs, enum rf_map map, struct rf_session *session,
		uint64_t ticks);

/* How many whole slices @seconds are, rounded down. */
uint32_t census_slices(uint32_t seconds);

#endif
