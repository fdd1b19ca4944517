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
	cell->packets += packet->segments;
	cell->bytes += packet->bytes;
}

/* @why is a member of struct rf_events_lost. */
#define count_lost_event(pod, why, ring)                                                           \
	({                                                                                         \
		__u32 of_pod = (pod);                                                              \
		struct rf_events_lost *lost = bpf_map_lookup_elem(&events_lost, &of_pod);          \
		if (lost)                                                                          \
			lost->why[ring]++;                                                         \
	})

static __always_inline void fill_event(struct rf_event *event, const struct packet *packet,
				       const struct decision *decision)
{
	event->time = bpf_ktime_get_ns();
	event->policy = decision->policy;
	event->flow = packet->flow;
	event->pod = decision->pod;
	event->incarnation = decision->incarnation;
	event->rule = decision->rule;
	event->length = packet->length;
	event->ether_type = packet->ether_type;
	event->service = service_of(packet, decision->opener);
	event->direction = packet->direction;
	event->reason = decision->reason;
	event->tcp_flags = packet->tcp_flags;
	event->flags = (decision->effects & EFFECT_AUDITED ? RF_EVENT_AUDIT : 0) |
		       (decision->effects & EFFECT_LOG ? RF_EVENT_LOG : 0);
	event->opener = decision->opener;
	event->pad[0] = 0;
	event->pad[1] = 0;
}

/* The first bytes of the packet, from which the event can be explained later. */
static __always_inline void capture(struct __sk_buff *skb, struct rf_event *event)
{
	__u32 length = skb->len < RF_EVENT_BYTES ? skb->len : RF_EVENT_BYTES;

	event->captured = length;
	__builtin_memset(event->bytes, 0, sizeof(event->bytes));
	if (length < 1 || length > RF_EVENT_BYTES ||
	    bpf_skb_load_bytes(skb, 0, event->bytes, length))
		event->captured = 0;
}

static __noinline int report_deny(struct __sk_buff *skb, const struct packet *packet,
				  const struct decision *decision)
{
	struct rf_event *event;

	if (!packet || !decision)
		return 0;
	event = bpf_ringbuf_reserve(&denies, sizeof(*event), 0);
	if (!event) {
		count_lost_event(decision->pod, full, RF_EVENTS_DENIES);
		return 0;
	}
	event->ifindex = skb->ifindex;
	fill_event(event, packet, decision);
	capture(skb, event);
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
	report_deny(skb, packet, decision);
	return TC_ACT_SHOT;
}

#endif
