/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one place where a decision becomes counters, an event and the answer to the kernel. */
#ifndef RINGFENCE_BPF_REPORT_H
#define RINGFENCE_BPF_REPORT_H

#include "bpf/maps.h"
#include "bpf/parse.h"
#include "bpf/policy.h"

#include <linux/pkt_cls.h>

static __always_inline void count(const struct packet *packet, const struct decision *decision)
{
	__u32 id = decision->pod, reason = decision->reason;
	struct rf_pod_counters *counters = bpf_map_lookup_elem(&pod_counters, &id);
	struct rf_count *cell;

	if (!counters || reason >= RF_REASON_COUNT)
		return;
	cell = &counters->count[packet->direction & 1][reason];
	cell->packets++;
	cell->bytes += packet->length;
}

static __always_inline void count_lost_event(void)
{
	__u32 zero = 0;
	__u64 *lost = bpf_map_lookup_elem(&events_lost, &zero);

	if (lost)
		(*lost)++;
}

static __noinline int report_deny(const struct packet *packet, const struct decision *decision,
				  __u32 ifindex)
{
	struct rf_deny_event *event;

	if (!packet || !decision)
		return 0;
	event = bpf_ringbuf_reserve(&denies, sizeof(*event), 0);
	if (!event) {
		count_lost_event();
		return 0;
	}
	event->time = bpf_ktime_get_ns();
	event->policy = decision->policy;
	event->flow = packet->flow;
	event->pod = decision->pod;
	event->incarnation = decision->incarnation;
	event->ifindex = ifindex;
	event->rule = decision->rule;
	event->length = packet->length;
	event->ether_type = packet->ether_type;
	event->service = service_of(packet, decision->opener);
	event->direction = packet->direction;
	event->reason = decision->reason;
	event->tcp_flags = packet->tcp_flags;
	__builtin_memset(event->pad, 0, sizeof(event->pad));
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* UNSPEC, not OK: programs behind ours still see what we allow (TC_ACT_OK would end the chain). */
static __always_inline int conclude(struct __sk_buff *skb, const struct packet *packet,
				    const struct decision *decision)
{
	count(packet, decision);
	if (likely(rf_reason_allows(decision->reason)))
		return TC_ACT_UNSPEC;
	report_deny(packet, decision, skb->ifindex);
	return TC_ACT_SHOT;
}

#endif
