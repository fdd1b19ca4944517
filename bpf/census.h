/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How many sessions and fragments live, for the node and for each pod (struct rf_census).
 *
 * What lives is counted in the slice of time at whose end it is over for certain if no packet
 * comes, and moves to a later slice when one does. Whoever comes by off the hot path settles: the
 * slices that have passed are taken out of the sum, so what ended in silence costs nobody a look.
 * `live` is therefore never less than what lives, and more for at most two slices behind each end.
 * An entry that the kernel evicts goes in silence too, and stays counted until its slice has
 * passed.
 *
 * There is no atomic operation that answers, and no lock but on whose turn it is to settle. So the
 * same entry may be moved by two CPUs at once, or moved by one and removed by the other: both take
 * it from the old slice and put it into a new one. The sum of all slices is right even so, as each
 * takes as much as it puts; the old slice is one too low, the new one too high. Settling takes from
 * `live` what the slices hold, so either error ends with the slice that has it. The same goes for a
 * CPU that is held up between the clock and the count, while another settles the slice it has in
 * mind.
 */
#ifndef RINGFENCE_BPF_CENSUS_H
#define RINGFENCE_BPF_CENSUS_H

#include "bpf/constants.h"
#include "bpf/maps.h"

/* The slice of a time in ticks. */
static __always_inline __u32 slice_of(__u64 ticks)
{
	return ticks >> slice_shift;
}

static __always_inline int slice_has_passed(__u32 slice, __u32 current)
{
	return (__s32)(slice - current) < 0;
}

static __always_inline __s32 *slice_at(struct rf_census *counts, __u32 slice)
{
	return &counts->slice[slice % RF_CENSUS_SLICES];
}

/*
 * Drop the slices of @subject that have passed before slice @current. The turn is taken for all of
 * them at once. To be called before anything is counted: a slice must be empty before its number is
 * used again. Global, since the verifier then looks at the loop once and not for each call; weak,
 * as those of bpf/reply.h.
 */
__weak int census_settle(__u32 subject, __u32 current)
{
	struct rf_census_turn *turn = bpf_map_lookup_elem(&census_turns, &subject);
	struct rf_census *counts = bpf_map_lookup_elem(&census, &subject);
	__u32 first, passed = 0;

	if (!turn || !counts || turn->settled + 1 == current)
		return 0;
	bpf_spin_lock(&turn->lock);
	first = turn->settled + 1;
	if (slice_has_passed(first, current)) {
		passed = current - first;
		turn->settled = current - 1;
	}
	bpf_spin_unlock(&turn->lock);
	/* After a long silence these are all slices there are. */
	for (__u32 i = 0; i < RF_CENSUS_SLICES && i < passed; i++) {
		__s32 *slice = slice_at(counts, first + i);
		__s32 number = *slice;

		if (!number)
			continue;
		/* Others may be counting. */
		__sync_fetch_and_add(slice, -number);
		__sync_fetch_and_add(&counts->live, -number);
	}
	return 0;
}

/* Count one that lives until slice @slice. Settle before. */
static __always_inline void census_enter(__u32 subject, __u32 slice)
{
	struct rf_census *counts = bpf_map_lookup_elem(&census, &subject);

	if (!counts)
		return;
	__sync_fetch_and_add(slice_at(counts, slice), 1);
	__sync_fetch_and_add(&counts->live, 1);
}

/* One that would have lived until slice @slice is no more. What has passed goes when it is settled.
 */
static __always_inline void census_leave(__u32 subject, __u32 slice, __u32 current)
{
	struct rf_census *counts = bpf_map_lookup_elem(&census, &subject);

	if (!counts || slice_has_passed(slice, current))
		return;
	__sync_fetch_and_add(slice_at(counts, slice), -1);
	__sync_fetch_and_add(&counts->live, -1);
}

/* One that was to live until slice @from lives until slice @to now. */
static __always_inline void census_move(__u32 subject, __u32 from, __u32 to, __u32 current)
{
	struct rf_census *counts = bpf_map_lookup_elem(&census, &subject);

	if (!counts)
		return;
	census_settle(subject, current);
	__sync_fetch_and_add(slice_at(counts, to), 1);
	/* Two sides that act at once may have put it into too early a slice, which was dropped. */
	if (slice_has_passed(from, current))
		__sync_fetch_and_add(&counts->live, 1);
	else
		__sync_fetch_and_add(slice_at(counts, from), -1);
}

/* How many live; settle before. Not kept in a register: others are counting. */
static __always_inline __u32 census_live(__u32 subject)
{
	struct rf_census *counts = bpf_map_lookup_elem(&census, &subject);
	__s32 live = counts ? *(volatile __s32 *)&counts->live : 0;

	return live > 0 ? live : 0;
}

/*
 * How many would live if they were settled now, which they are not. Global, and weak, as
 * census_settle() is.
 */
__weak int census_unsettled_live(__u32 subject, __u32 current)
{
	struct rf_census_turn *turn = bpf_map_lookup_elem(&census_turns, &subject);
	struct rf_census *counts = bpf_map_lookup_elem(&census, &subject);
	__u32 first, passed = 0;
	__s32 live;

	if (!turn || !counts)
		return 0;
	first = *(volatile __u32 *)&turn->settled + 1;
	live = *(volatile __s32 *)&counts->live;
	if (slice_has_passed(first, current))
		passed = current - first;
	for (__u32 i = 0; i < RF_CENSUS_SLICES && i < passed; i++)
		live -= *slice_at(counts, first + i);
	return live > 0 ? live : 0;
}

static __always_inline int census_is_critical(__u32 subject, __u32 max_entries, __u32 current)
{
	census_settle(subject, current);
	return rf_pressure(census_live(subject), max_entries) == RF_PRESSURE_CRITICAL;
}

static __always_inline int census_sessions_critical(__u32 current)
{
	return census_is_critical(RF_CENSUS_SESSIONS, sessions_max, current);
}

static __always_inline int census_fragments_critical(void)
{
	return census_is_critical(RF_CENSUS_FRAGMENTS, fragments_max, slice_of(bpf_jiffies64()));
}

/* Count an entry of `fragments` that is of use until @expires (ticks). */
static __always_inline void census_join_fragment(__u64 expires)
{
	census_settle(RF_CENSUS_FRAGMENTS, slice_of(bpf_jiffies64()));
	census_enter(RF_CENSUS_FRAGMENTS, slice_of(expires));
}

#endif
