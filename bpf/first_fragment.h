/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A packet's first fragment alone has the transport header. What it said is remembered if it
 * passed, and the later ones are taken for packets of the same flow.
 */
#ifndef RINGFENCE_BPF_FIRST_FRAGMENT_H
#define RINGFENCE_BPF_FIRST_FRAGMENT_H

#include "bpf/census.h"
#include "bpf/constants.h"
#include "bpf/decision.h"
#include "bpf/maps.h"
#include "bpf/parse.h"
#include "bpf/state.h"

static __always_inline int is_v4(const struct packet *packet)
{
	return packet->ether_type == bpf_htons(ETH_P_IP);
}

static __always_inline void fill_fragment_key(struct rf_fragment_key *key,
					      const struct packet *packet, __u32 ifindex)
{
	key->pod = packet->flow.pod;
	key->peer = packet->flow.peer;
	key->id = packet->fragment_id;
	key->ifindex = ifindex;
	key->protocol = is_v4(packet) ? packet->flow.protocol : 0;
	key->direction = packet->direction;
	key->pad[0] = 0;
	key->pad[1] = 0;
}

static __always_inline __u64 timeout_of_fragments(const struct packet *packet)
{
	return is_v4(packet) ? RF_TIMEOUT_FRAGMENTS_V4 : RF_TIMEOUT_FRAGMENTS_V6;
}

/*
 * Take @packet, a later fragment, for one of its first one's flow. An interface's number may be
 * another pod's by now: what was said there before is of no account.
 */
static __noinline int take_first(struct __sk_buff *skb, struct packet *packet,
				 const struct rf_pod_state *pod)
{
	struct rf_fragment_key key;
	struct rf_fragment *first;

	if (!packet || !pod)
		return 0;
	fill_fragment_key(&key, packet, skb->ifindex);
	first = bpf_map_lookup_elem(&fragments, &key);
	/* Another CPU may have been a tick ahead. */
	if (!first || first->incarnation != pod->incarnation ||
	    (__s64)(bpf_jiffies64() - first->first_seen) >
		    (__s64)(timeout_of_fragments(packet) * ticks_per_second))
		return 0;
	/* It would write over what the first one was judged by (RFC 1858, RFC 3128, RFC 5722). */
	if (packet->fragment_offset < first->header_length) {
		packet->kind = PACKET_MALFORMED;
		return 0;
	}
	packet->flow.pod_port = first->pod_port;
	packet->flow.peer_port = first->peer_port;
	packet->flow.protocol = first->protocol;
	packet->flow.echo = first->echo;
	packet->icmp = first->icmp;
	packet->kind = PACKET_FLOW;
	return 0;
}

/* In the census, @first takes the place of the one before. */
static __always_inline void count_first(const struct rf_fragment_key *key,
					const struct rf_fragment *first, __u64 timeout)
{
	struct rf_fragment *before = bpf_map_lookup_elem(&fragments, key);

	if (before)
		census_move(RF_CENSUS_FRAGMENTS, slice_of(before->first_seen + timeout),
			    slice_of(first->first_seen + timeout), slice_of(first->first_seen));
	else
		census_join_fragment(first->first_seen + timeout);
}

/* If a first fragment is sent twice, or its number is used again, the last one counts. */
static __noinline int remember_first(struct __sk_buff *skb, const struct packet *packet,
				     const struct rf_pod_state *pod,
				     const struct decision *decision)
{
	struct rf_fragment first = {};
	struct rf_fragment_key key;

	if (!packet || !pod || !decision)
		return 0;
	if (!rf_reason_allows(decision->reason) && !(decision->effects & EFFECT_AUDITED))
		return 0;
	/* A flood of first fragments must not push out those of connections that are at work. */
	if (census_fragments_critical() && !bpf_map_lookup_elem(&sessions, &packet->flow))
		return 0;
	fill_fragment_key(&key, packet, skb->ifindex);
	first.first_seen = bpf_jiffies64();
	first.pod_port = packet->flow.pod_port;
	first.peer_port = packet->flow.peer_port;
	first.icmp = packet->icmp;
	first.header_length = packet->payload - packet->fragmented;
	first.incarnation = pod->incarnation;
	first.protocol = packet->flow.protocol;
	first.echo = packet->flow.echo;
	count_first(&key, &first, timeout_of_fragments(packet) * ticks_per_second);
	bpf_map_update_elem(&fragments, &key, &first, BPF_ANY);
	return 0;
}

#endif
