/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every packet is counted once, on its CPU's own copy of the counters. */
#ifndef RINGFENCE_BPF_COUNT_H
#define RINGFENCE_BPF_COUNT_H

#include "bpf/maps.h"

/* @direction is an enum rf_direction, @reason an enum rf_reason; pod 0: unknown. */
static __always_inline void count(__u32 pod, __u32 direction, __u32 reason, __u32 packets,
				  __u32 bytes)
{
	struct rf_pod_counters *counters = bpf_map_lookup_elem(&pod_counters, &pod);
	struct rf_count *cell;

	if (!counters || reason >= RF_REASON_COUNT)
		return;
	cell = &counters->count[direction & 1][reason];
	cell->packets += packets;
	cell->bytes += bytes;
}

#endif
