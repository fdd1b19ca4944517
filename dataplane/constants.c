// SPDX-License-Identifier: Apache-2.0
#include "dataplane/constants.h"
#include "bpf/state.h"

#include "bpf/ringfence.skel.h"

#include <bpf/libbpf.h>
#include <sys/random.h>
#include <time.h>

uint64_t rf_ticks_per_second(void)
{
	struct timespec tick;

	/* kernel/time/posix-timers.c: the resolution of the coarse clocks is a tick. */
	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	return (1000000000 + tick.tv_nsec / 2) / tick.tv_nsec;
}

uint32_t rf_slice_shift(uint64_t ticks_per_second)
{
	/* Some are kept free: slices are dropped only when somebody comes by. */
	const uint64_t slices = RF_CENSUS_SLICES - RF_CENSUS_SLICES / 16;
	uint32_t shift = 0;

	while (RF_TIMEOUT_MAX * ticks_per_second >> shift >= slices)
		shift++;
	return shift;
}

static uint32_t random_mark(void)
{
	uint32_t mark = 0;

	/* A guess would have to come from the host itself: a short count is no reason to fail. */
	if (getrandom(&mark, sizeof(mark), GRND_NONBLOCK) != sizeof(mark) || !mark)
		mark = 0x72666e63;
	return mark;
}

void rf_constants_fill(struct ringfence *skeleton)
{
	skeleton->rodata->ticks_per_second = rf_ticks_per_second();
	skeleton->rodata->slice_shift = rf_slice_shift(rf_ticks_per_second());
	skeleton->rodata->sessions_max = bpf_map__max_entries(skeleton->maps.sessions);
	skeleton->rodata->fragments_max = bpf_map__max_entries(skeleton->maps.fragments);
	skeleton->rodata->reply_mark = random_mark();
}
