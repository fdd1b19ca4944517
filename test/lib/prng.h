/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers that a seed repeats. */
#ifndef RINGFENCE_TEST_LIB_PRNG_H
#define RINGFENCE_TEST_LIB_PRNG_H

#include <stdbool.h>
#include <stdint.h>

/* splitmix64: the same numbers everywhere for a seed. */
struct prng {
	uint64_t state;
};

/* Seeded by RINGFENCE_SEED, or anew; prints the seed, so that a failure can be repeated. */
struct prng prng_from_environment(void);

uint64_t prng_next(struct prng *prng);

/* 0 to @count - 1. */
uint32_t prng_below(struct prng *prng, uint32_t count);

/* True once in @count times. */
bool prng_one_in(struct prng *prng, uint32_t count);

#endif
