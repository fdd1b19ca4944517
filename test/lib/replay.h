/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario through the programs and through the model, and the shortest one that shows a
 * difference. */
#ifndef RINGFENCE_TEST_LIB_REPLAY_H
#define RINGFENCE_TEST_LIB_REPLAY_H

#include "test/lib/path_model.h"
#include "test/lib/programs.h"

/* How often each answer came up, and differences that did not come up again. */
struct replay_tally {
	uint64_t reasons[RF_REASON_COUNT];
	uint64_t packets;
	uint64_t unrepeated;
};

/* Programs with the pod of all scenarios behind the interface. */
struct programs *replay_load(void);

/*
 * True if programs and model agree on each step, or did when it was tried again. Else @scenario is
 * cut down to the fewest steps that still show a difference, and these are printed. @seconds is how
 * long the model lets an answered datagram flow live; 0: as long as it should.
 */
bool replay_agrees(struct programs *programs, struct scenario *scenario, uint32_t seconds,
		   struct replay_tally *tally);

#endif
