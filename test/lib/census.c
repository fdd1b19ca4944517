// SPDX-License-Identifier: Apache-2.0
#include "test/lib/census.h"
#include "dataplane/census.h"
#include "dataplane/constants.h"
#include "dataplane/sessions.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const enum rf_map places[] = {
	[RF_CENSUS_SESSIONS] = RF_MAP_SESSIONS,
	[RF_CENSUS_HALF_OPEN] = RF_MAP_HALF_OPEN,
};

static void expect(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	abort();
}

static uint32_t shift(void)
{
	return rf_slice_shift(rf_ticks_per_second());
}

static void read_element(const struct programs *programs, enum rf_map map, uint32_t key, void *out)
{
	expect(!bpf_map_lookup_elem(programs->objects.maps[map], &key, out), "read the census");
}

static void write_element(const struct programs *programs, enum rf_map map, uint32_t key,
			  const void *value)
{
	expect(!bpf_map_update_elem(programs->objects.maps[map], &key, value, BPF_ANY),
	       "write the census");
}

uint32_t census_slices(uint32_t seconds)
{
	return (uint32_t)(seconds * rf_ticks_per_second() >> shift());
}

uint32_t census_counted(const struct programs *programs, uint32_t subject)
{
	struct rf_census counts;
	uint32_t live = 0;

	read_element(programs, RF_MAP_CENSUS, subject, &counts);
	expect(!rf_census_live(&programs->objects, subject, &counts, &live), "read the census");
	return live;
}

int32_t census_sum(const struct programs *programs, uint32_t subject, bool *agrees)
{
	struct rf_census counts;
	int32_t sum = 0;

	read_element(programs, RF_MAP_CENSUS, subject, &counts);
	for (uint32_t i = 0; i < RF_CENSUS_SLICES; i++)
		sum += counts.slice[i];
	*agrees = counts.live == sum;
	return sum;
}

struct recount {
	const struct programs *programs;
	uint32_t subject;
	uint32_t current;
	uint32_t count;
};

static void recount_one(const struct rf_flow_key *flow, const struct rf_session *session,
			void *context)
{
	struct recount *recount = context;
	const struct rf_pod_state *pod =
		&recount->programs->objects.pod_state[session->pod % (CENSUS_PODS + 1)];

	(void)flow;
	if ((int32_t)(session->expires - recount->current) < 0)
		return;
	if (recount->subject >= RF_CENSUS_NODE &&
	    (RF_CENSUS_POD(session->pod) != recount->subject ||
	     session->incarnation != pod->incarnation))
		return;
	recount->count++;
}

uint32_t census_recounted(const struct programs *programs, uint32_t subject)
{
	struct recount recount = {programs, subject, rf_census_current(), 0};

	for (uint32_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (subject == i || subject >= RF_CENSUS_NODE)
			expect(!rf_sessions_each(&programs->objects, places[i], recount_one,
						 &recount),
			       "read the sessions");
	return recount.count;
}

struct passing {
	int map;
	uint32_t slices;
};

static void age(const struct rf_flow_key *flow, const struct rf_session *session, void *context)
{
	const struct passing *passing = context;
	struct rf_session aged = *session;

	aged.last_seen -= (uint64_t)passing->slices << shift();
	aged.expires -= passing->slices;
	/* In a map that is full, one that was aged may have pushed out another. */
	expect(!bpf_map_update_elem(passing->map, flow, &aged, BPF_EXIST) || errno == ENOENT,
	       "age a session");
}

static void turn_back(struct programs *programs, uint32_t subject, uint32_t slices)
{
	struct rf_census before, after;
	struct rf_census_turn turn;

	read_element(programs, RF_MAP_CENSUS, subject, &before);
	after = before;
	for (uint32_t i = 0; i < RF_CENSUS_SLICES; i++)
		after.slice[(i - slices) % RF_CENSUS_SLICES] = before.slice[i];
	write_element(programs, RF_MAP_CENSUS, subject, &after);
	read_element(programs, RF_MAP_CENSUS_TURNS, subject, &turn);
	turn.settled -= slices;
	write_element(programs, RF_MAP_CENSUS_TURNS, subject, &turn);
}

void census_pass(struct programs *programs, uint32_t slices)
{
	for (uint32_t subject = 0; subject <= RF_CENSUS_POD(CENSUS_PODS); subject++)
		turn_back(programs, subject, slices);
	for (uint32_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct passing passing = {programs->objects.maps[places[i]], slices};

		expect(!rf_sessions_each(&programs->objects, places[i], age, &passing),
		       "read the sessions");
	}
}

static void age_in(const struct programs *programs, uint32_t subject, uint32_t from, uint32_t to)
{
	struct rf_census counts;

	read_element(programs, RF_MAP_CENSUS, subject, &counts);
	counts.slice[from % RF_CENSUS_SLICES]--;
	if ((int32_t)(to - rf_census_current()) < 0)
		counts.live--;
	else
		counts.slice[to % RF_CENSUS_SLICES]++;
	write_element(programs, RF_MAP_CENSUS, subject, &counts);
}

void census_age(const struct programs *programs, enum rf_map map, struct rf_session *session,
		uint64_t ticks)
{
	uint64_t last_seen = session->last_seen - ticks;
	uint32_t from = session->expires;

	session->expires += (uint32_t)((last_seen >> shift()) - (session->last_seen >> shift()));
	session->last_seen = last_seen;
	if ((int32_t)(from - rf_census_current()) < 0)
		return;
	age_in(programs, map == RF_MAP_SESSIONS ? RF_CENSUS_SESSIONS : RF_CENSUS_HALF_OPEN, from,
	       session->expires);
	age_in(programs, RF_CENSUS_POD(session->pod), from, session->expires);
}
