/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Events: what was denied, in `denies`, and the flows that a rule wants to be reported, in `flows`;
 * or fewer of them, or all flows that begin, as the setting `verbosity` has it. Two rings and two
 * rates a pod, so that a flood of one kind, or of one pod, costs no other.
 */
#ifndef RINGFENCE_BPF_EVENT_H
#define RINGFENCE_BPF_EVENT_H

#include "bpf/bucket.h"
#include "bpf/maps.h"
#include "bpf/packet.h"
#include "bpf/policy.h"
#include "bpf/settings.h"

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

/*
 * The first bytes of the packet, from which the event can be explained later. Their number is
 * spelled so that any verifier sees it within 1 and RF_EVENT_BYTES: kernels before 6.8 learn
 * nothing from a comparison with zero. No packet is empty; if one were, more would be asked for
 * than it has.
 */
static __always_inline void capture(struct __sk_buff *skb, struct rf_event *event)
{
	__u32 last = (skb->len < RF_EVENT_BYTES ? skb->len : RF_EVENT_BYTES) - 1;

	asm volatile("%0 &= %1" : "+r"(last) : "i"(RF_EVENT_BYTES - 1));
	event->captured = last + 1;
	__builtin_memset(event->bytes, 0, sizeof(event->bytes));
	if (bpf_skb_load_bytes(skb, 0, event->bytes, last + 1))
		event->captured = 0;
}

/*
 * One event into @map, which is ring @ring, unless the pod has had its @per_second of @kind. The
 * rate comes first: what is beyond it must not fill the ring either.
 */
static __always_inline void emit(struct __sk_buff *skb, const struct packet *packet,
				 const struct decision *decision, void *map,
				 enum rf_event_ring ring, enum rf_bucket_kind kind,
				 __u32 per_second)
{
	struct rf_event *event;

	if (!bucket_allows(decision->pod, kind, per_second)) {
		count_lost_event(decision->pod, limited, ring);
		return;
	}
	event = bpf_ringbuf_reserve(map, sizeof(*event), 0);
	if (!event) {
		count_lost_event(decision->pod, full, ring);
		return;
	}
	event->ifindex = skb->ifindex;
	fill_event(event, packet, decision);
	capture(skb, event);
	bpf_ringbuf_submit(event, 0);
}

static __noinline int report_deny(struct __sk_buff *skb, const struct packet *packet,
				  const struct decision *decision)
{
	const struct rf_settings *current = current_settings();

	if (packet && decision && current && current->verbosity >= RF_VERBOSITY_DENIES)
		emit(skb, packet, decision, &denies, RF_EVENTS_DENIES, RF_BUCKET_DENY_EVENTS,
		     current->deny_events_per_second);
	return 0;
}

/* What is judged and allowed: the first packet of a flow, or one that makes no session. */
static __always_inline int begins_flow(__u32 reason)
{
	return reason == RF_REASON_RULE_ALLOW || reason == RF_REASON_DEFAULT_ALLOW ||
	       reason == RF_REASON_PINHOLE_ALLOW || reason == RF_REASON_HOST_ACCESS ||
	       reason == RF_REASON_NO_SESSION;
}

static __noinline int report_flow(struct __sk_buff *skb, const struct packet *packet,
				  const struct decision *decision)
{
	const struct rf_settings *current = current_settings();

	if (packet && decision && current &&
	    current->verbosity >=
		    (decision->effects & EFFECT_LOG ? RF_VERBOSITY_FLOWS : RF_VERBOSITY_ALL))
		emit(skb, packet, decision, &flows, RF_EVENTS_FLOWS, RF_BUCKET_FLOW_EVENTS,
		     current->flow_events_per_second);
	return 0;
}

#endif
