/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rate at which a pod may receive or send: a token bucket each way, and no queue. What counts
 * is the IP packet, since the header of the veth's link is on no wire.
 */
#ifndef RINGFENCE_BPF_BANDWIDTH_H
#define RINGFENCE_BPF_BANDWIDTH_H

#include "bpf/bucket.h"
#include "bpf/decision.h"
#include "bpf/packet.h"

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>

/*
 * Mark what counts, if the pod has a limit. ARP and discovery do not: without them a sender beyond
 * its rate would be cut off.
 */
static __always_inline void note_rate(const struct packet *packet, const struct rf_pod_state *pod,
				      struct decision *decision)
{
	if (unlikely(pod->flags & RF_POD_RATE(packet->direction)) &&
	    decision->reason != RF_REASON_NEIGHBOUR && packet->ether_type != bpf_htons(ETH_P_ARP))
		decision->effects |= EFFECT_RATE;
}

/*
 * A packet passes if the bucket holds half of it, or is full, and the rest is owed. So at any rate
 * the largest super-packet can pass, and no flow is shut out long by what one of them has owed.
 */
static __always_inline int ask_rate(const struct packet *packet, const struct decision *decision,
				    int is_dry)
{
	__u64 bytes, rate, cost, depth, needed;
	struct rf_pod_limits *limits;
	__u32 pod, direction;

	if (!packet || !decision)
		return 1;
	pod = decision->pod;
	direction = packet->direction & 1;
	limits = bpf_map_lookup_elem(&pod_limits, &pod);
	if (!limits || !limits->rate[direction])
		return 1;
	rate = limits->rate[direction];
	bytes = packet->bytes - packet->segments * packet->network;
	cost = bytes * NS_PER_SECOND / rate;
	depth = limits->burst[direction] * NS_PER_SECOND / rate;
	needed = cost / 2 < depth ? cost / 2 : depth;
	return is_dry ? bucket_holds(RF_BUCKET(pod, direction), needed, depth)
		      : bucket_take(RF_BUCKET(pod, direction), cost, needed, depth);
}

static __noinline int is_within_rate(const struct packet *packet, const struct decision *decision)
{
	return ask_rate(packet, decision, 0);
}

static __noinline int would_be_within_rate(const struct packet *packet,
					   const struct decision *decision)
{
	return ask_rate(packet, decision, 1);
}

/*
 * Deny what would pass, if it is beyond the rate: no event, as there would be too many of them.
 * @is_dry, a constant: nothing is taken from the bucket.
 */
static __always_inline void limit_rate(const struct packet *packet, struct decision *decision,
				       int is_dry)
{
	if (!(decision->effects & EFFECT_RATE) ||
	    !(rf_reason_allows(decision->reason) || decision->effects & EFFECT_AUDITED) ||
	    (is_dry ? would_be_within_rate(packet, decision) : is_within_rate(packet, decision)))
		return;
	decision->reason = RF_REASON_BANDWIDTH;
	decision->effects = 0;
}

#endif
