/* SPDX-License-Identifier: Apache-2.0 */
/* One run of a scenario through programs and model, step by step. */
#ifndef RINGFENCE_TEST_LIB_REPLAY_RUN_H
#define RINGFENCE_TEST_LIB_REPLAY_RUN_H

#include "test/lib/replay.h"

/* One run: what the programs were told, and where they were other than the model. */
struct replay_run {
	struct programs *programs;
	const struct scenario *scenario;
	struct path_model model;
	struct rf_pod_counters counters;
	struct scenario_answer expected;
	struct scenario_answer actual;
	bool counted_once;
	struct rf_explanation explained; /* before the packet came */
};

/*
 * Begin anew and run all steps. Returns how many it takes to the first difference, which *@run then
 * has; 0: there is none.
 */
size_t replay_run(struct programs *programs, const struct scenario *scenario, uint32_t seconds,
		  struct replay_run *run, struct replay_tally *tally);

#endif
