/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pod's policy that flips between two while a thread sends packets. The thread looks at each
 * packet; the flips are those of rf_policy_apply(). Which of the two a packet was judged under is
 * told by the epoch of its policy word, as each flip takes the next one.
 */
#ifndef RINGFENCE_TEST_LIB_FLIP_H
#define RINGFENCE_TEST_LIB_FLIP_H

#include "netconf/policy.h"
#include "test/lib/programs.h"

#include <stdbool.h>

#define FLIP_MAX 1000

struct flip {
	struct programs *programs;
	uint32_t pod;
	struct rf_policy policies[2];
	uint32_t first_epoch;
	uint64_t words[FLIP_MAX + 1]; /* by epoch: of the switch, and that packets were seen with */
	uint64_t seen[FLIP_MAX + 1];
	uint64_t packets;  /* that were sent */
	uint64_t straddle; /* during which the policy was switched */
	bool is_over;
	char failure[512]; /* the first; "": none */
};

/* A packet of the thread, and whatever is asserted of it by flip_expect(); false ends the run. */
typedef bool flip_step(struct flip *flip, uint64_t number, void *context);

/* Make pod 1 with @addresses, under the first of @policies, which are @flip's from now on (they are
 * freed by flip_end()). */
void flip_begin(struct flip *flip, struct programs *programs, const char *const *addresses,
		const struct rf_policy policies[2]);

/* Flip @count times, each time when @pace packets were seen; fails the test with the first failure
 * of @step. */
void flip_run(struct flip *flip, int count, unsigned int pace, flip_step *step, void *context);

/* Remove the pod; fails unless nothing of the policies is left. */
void flip_end(struct flip *flip);

/* The word that is in force. */
uint64_t flip_word(const struct flip *flip);

/* Which policy @word stands for. */
const struct rf_policy *flip_policy(const struct flip *flip, uint64_t word);

/* False, and the text is kept, unless @holds. */
bool flip_expect(struct flip *flip, bool holds, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A packet was judged under @word: it must have been in force between @before and @after. */
bool flip_expect_word(struct flip *flip, uint64_t before, uint64_t word, uint64_t after);

#endif
