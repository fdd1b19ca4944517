/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Token buckets, kept as the time at which the bucket is full again (the virtual scheduling of
 * ITU-T I.371, annex A): one number, and nothing to refill. Costs and depths are in nanoseconds of
 * the bucket's rate.
 */
#ifndef RINGFENCE_BPF_BUCKET_H
#define RINGFENCE_BPF_BUCKET_H

#include "bpf/maps.h"

#define NS_PER_SECOND 1000000000ull

/*
 * Take @cost from bucket @index (RF_BUCKET()), which holds @depth when it is full, if it holds at
 * least @needed, which may be less than the cost: the rest is then owed. True if it was taken.
 */
static __noinline int bucket_take(__u32 index, __u64 cost, __u64 needed, __u64 depth)
{
	struct rf_bucket *bucket = bpf_map_lookup_elem(&buckets, &index);
	__u64 now = bpf_ktime_get_ns(), full_at;
	int taken;

	if (!bucket)
		return 1;
	bpf_spin_lock(&bucket->lock);
	full_at = bucket->full_at > now ? bucket->full_at : now;
	taken = full_at - now + needed <= depth;
	if (taken)
		bucket->full_at = full_at + cost;
	bpf_spin_unlock(&bucket->lock);
	return taken;
}

/* True if bucket_take() would take something now. */
static __always_inline int bucket_holds(__u32 index, __u64 needed, __u64 depth)
{
	struct rf_bucket *bucket = bpf_map_lookup_elem(&buckets, &index);
	__u64 now = bpf_ktime_get_ns(), full_at;

	if (!bucket)
		return 1;
	full_at = *(volatile __u64 *)&bucket->full_at;
	return (full_at > now ? full_at - now : 0) + needed <= depth;
}

/* True if pod @pod may do once more what it may do @per_second times, as often at once; 0: always.
 */
static __always_inline int bucket_allows(__u32 pod, enum rf_bucket_kind kind, __u32 per_second)
{
	__u64 cost;

	if (!per_second)
		return 1;
	cost = NS_PER_SECOND / per_second;
	return bucket_take(RF_BUCKET(pod, kind), cost, cost, NS_PER_SECOND);
}

#endif
