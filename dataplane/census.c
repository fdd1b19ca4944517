// SPDX-License-Identifier: Apache-2.0
#include "dataplane/census.h"
#include "dataplane/constants.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

uint64_t rf_ticks_now(void)
{
	uint64_t unit = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);
	struct timespec tick;

	/* kernel/sys.c: what times() returns is the number of ticks, in whole units of another
	 * length. This is the last tick that has such a number. */
	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	return (((uint64_t)times(&(struct tms){}) + 1) * unit - 1) / (uint64_t)tick.tv_nsec;
}

uint32_t rf_census_current(void)
{
	return (uint32_t)(rf_ticks_now() >> rf_slice_shift(rf_ticks_per_second()));
}

static size_t size_of(size_t subjects)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (sizeof(struct rf_census) * subjects + page - 1) / page * page;
}

static int map_into_memory(const struct rf_objects *objects, size_t size,
			   struct rf_census **subjects)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			    objects->maps[RF_MAP_CENSUS], 0);

	if (memory == MAP_FAILED)
		return -errno;
	*subjects = memory;
	return 0;
}

int rf_census_open(const struct rf_objects *objects, struct rf_census **subjects)
{
	return map_into_memory(objects, size_of(RF_CENSUS_NODE), subjects);
}

void rf_census_close(struct rf_census **subjects)
{
	if (*subjects)
		munmap(*subjects, size_of(RF_CENSUS_NODE));
	*subjects = NULL;
}

int rf_census_open_all(const struct rf_objects *objects, struct rf_census_all *out)
{
	out->size = size_of(objects->max_entries[RF_MAP_CENSUS]);
	return map_into_memory(objects, out->size, &out->subjects);
}

void rf_census_close_all(struct rf_census_all *all)
{
	if (all->subjects)
		munmap(all->subjects, all->size);
	all->subjects = NULL;
}

static bool has_passed(uint32_t slice, uint32_t current)
{
	return (int32_t)(slice - current) < 0;
}

void rf_census_leave(struct rf_census *counts, uint32_t slice, uint32_t current)
{
	/* What has passed goes when it is settled. */
	if (has_passed(slice, current))
		return;
	__atomic_fetch_sub(&counts->slice[slice % RF_CENSUS_SLICES], 1, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&counts->live, 1, __ATOMIC_RELAXED);
}

void rf_census_return(struct rf_census *counts, uint32_t slice, uint32_t current)
{
	if (has_passed(slice, current))
		return;
	__atomic_fetch_add(&counts->slice[slice % RF_CENSUS_SLICES], 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&counts->live, 1, __ATOMIC_RELAXED);
}

int rf_census_live(const struct rf_objects *objects, uint32_t subject,
		   const struct rf_census *counts, uint32_t *live)
{
	uint32_t current = rf_census_current();
	struct rf_census_turn turn;
	int64_t sum = 0;

	if (bpf_map_lookup_elem(objects->maps[RF_MAP_CENSUS_TURNS], &subject, &turn))
		return -errno;
	/* The slices that may hold something are the next ones after the last that was settled. */
	for (uint32_t i = 1; i <= RF_CENSUS_SLICES; i++) {
		uint32_t slice = turn.settled + i;

		if (!has_passed(slice, current))
			sum += __atomic_load_n(&counts->slice[slice % RF_CENSUS_SLICES],
					       __ATOMIC_RELAXED);
	}
	*live = sum > 0 ? (uint32_t)sum : 0;
	return 0;
}
