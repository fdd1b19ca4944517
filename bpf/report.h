/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one place where a decision becomes counters, an event and the answer to the kernel. */
#ifndef RINGFENCE_BPF_REPORT_H
#define RINGFENCE_BPF_REPORT_H

#include "bpf/event.h"

#include <linux/pkt_cls.h>

static __always_inline void count(const struct packet *packet, const struct decision *decision)
{
	__u32 id = decision->pod, reason = decision->reason;
	struct rf_pod_counters *counters = bpf_map_lookup_elem(&pod_counters, &id);
	struct rf_count *cell;

	if (!counters || reason >= RF_REASON_COUNT)
		return;
	cell = &counters->count[packet->direction & 1][reason];
	cell->packets += packet->segments;
	cell->bytes += packet->bytes;
}

/* What is denied or has effects, step by step: out of line, so that the hot path stays small. */
static __noinline int conclude_further(struct __sk_buff *skb, const struct packet *packet,
				       const struct decision *decision)
{
	if (!packet || !decision)
		return TC_ACT_SHOT;
	count(packet, decision);
	if (rf_reason_allows(decision->reason)) {
		if (decision->effects & EFFECT_LOG)
			report_flow(skb, packet, decision);
		return TC_ACT_UNSPEC;
	}
	/* Beyond its rate a pod sends at that rate: no news, and too much of it. */
	if (decision->reason != RF_REASON_BANDWIDTH)
		report_deny(skb, packet, decision);
	if (decision->effects & EFFECT_AUDITED)
		return TC_ACT_UNSPEC;
	return TC_ACT_SHOT;
}

/* UNSPEC, not OK: programs behind ours still see what we allow (TC_ACT_OK would end the chain). */
static __always_inline int conclude(struct __sk_buff *skb, const struct packet *packet,
				    const struct decision *decision)
{
	if (unlikely(decision->effects || !rf_reason_allows(decision->reason)))
		return conclude_further(skb, packet, decision);
	count(packet, decision);
	return TC_ACT_UNSPEC;
}

#endif
