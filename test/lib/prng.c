/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/prng.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

uint64_t prng_next(struct prng *prng)
{
	uint64_t mixed = prng->state += 0x9e3779b97f4a7c15u;

	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
	return mixed ^ mixed >> 31;
}

uint32_t prng_below(struct prng *prng, uint32_t count)
{
	return (uint32_t)((prng_next(prng) >> 32) * count >> 32);
}

bool prng_one_in(struct prng *prng, uint32_t count)
{
	return !prng_below(prng, count);
}

struct prng prng_from_environment(void)
{
	const char *text = getenv("RINGFENCE_SEED");
	struct prng prng = {0};

	if (text)
		prng.state = strtoull(text, NULL, 0);
	else if (getrandom(&prng.state, sizeof(prng.state), 0) != sizeof(prng.state))
		abort();
	printf("# RINGFENCE_SEED=%llu\n", (unsigned long long)prng.state);
	fflush(stdout);
	return prng;
}
