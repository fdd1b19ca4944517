/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A packet is made into the reply to itself: its Ethernet header is turned round, tags stay, and a
 * new IP header goes from the one that it was sent to, to the one that sent it.
 *
 * Who writes a reply is a global function, which the verifier looks at once, not from wherever a
 * packet may have come: so it takes no more than numbers, and reads the addresses again. Weak, so
 * that the compiler leaves its arguments as the verifier expects them.
 */
#ifndef RINGFENCE_BPF_REPLY_H
#define RINGFENCE_BPF_REPLY_H

#include "bpf/bucket.h"
#include "bpf/checksum.h"
#include "bpf/parse.h"
#include "bpf/settings.h"

#define REPLY_HOP_LIMIT 64

struct reply {
	struct rf_address from;
	struct rf_address to;
	__u32 network; /* offset of the IP header */
	__u32 ip_size; /* of the header */
	__u32 cut;     /* bytes behind the Ethernet header that go */
	__u8 is_v4;
};

/*
 * How much is cut out. A sender with checksum offload leaves its checksum to the device, which
 * would write it into the reply; the kernel forgets the place when what is cut reaches beyond where
 * the sum begins, the transport header. It cuts nothing behind a tag that stands in the packet. The
 * rest keeps its alignment.
 */
static __always_inline __u32 reply_cut(struct __sk_buff *skb, __u32 transport)
{
	if (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6))
		return 0;
	return (transport + 4) & ~3u;
}

/* Not unspecified, loopback, multicast or broadcast: who that is cannot be told, nor tell. */
static __always_inline int is_one_host(const struct rf_address *address)
{
	const __be32 *word = address->word;
	__u8 first;

	if (is_mapped((const struct in6_addr *)address)) {
		first = bpf_ntohl(word[3]) >> 24;
		return first != 0 && first != 127 && first < 224;
	}
	if (!(word[0] | word[1] | word[2]) && bpf_ntohl(word[3]) <= 1)
		return 0;
	return bpf_ntohl(word[0]) >> 24 != 0xff;
}

static __always_inline int reply_read_addresses(struct __sk_buff *skb, struct reply *reply)
{
	struct ipv6hdr v6;
	struct iphdr v4;

	if (bpf_skb_load_bytes(skb, reply->network, &v4, sizeof(v4)))
		return -1;
	reply->is_v4 = v4.version == 4;
	if (reply->is_v4) {
		reply->ip_size = sizeof(v4);
		set_v4(&reply->from, v4.daddr);
		set_v4(&reply->to, v4.saddr);
		return 0;
	}
	if (bpf_skb_load_bytes(skb, reply->network, &v6, sizeof(v6)))
		return -1;
	reply->ip_size = sizeof(v6);
	set_v6(&reply->from, &v6.daddr);
	set_v6(&reply->to, &v6.saddr);
	return 0;
}

static __always_inline int may_reply_now(__u32 pod)
{
	const struct rf_settings *current = current_settings();

	return current && bucket_allows(pod, RF_BUCKET_REJECTS, current->rejects_per_second);
}

/* Returns 0; else there is nobody to tell, or this pod's packets have been answered enough. */
static __always_inline int reply_begin(struct __sk_buff *skb, __u32 pod, __u32 network,
				       __u32 transport, struct reply *reply)
{
	reply->network = network;
	reply->cut = reply_cut(skb, transport);
	if (reply_read_addresses(skb, reply) || !is_one_host(&reply->from) ||
	    !is_one_host(&reply->to) || !may_reply_now(pod))
		return -1;
	return 0;
}

/* Give the packet the length of a reply with @size bytes behind its IP header, and what will be cut
 * out. The helper also gathers it in one piece and makes an end of segmentation. */
static __always_inline int reply_resize(struct __sk_buff *skb, const struct reply *reply,
					__u32 size)
{
	return (int)bpf_skb_change_tail(skb, reply->network + reply->cut + reply->ip_size + size,
					0);
}

static __always_inline int reply_turn_ethernet(struct __sk_buff *skb)
{
	__u8 asked[2 * ETH_ALEN], turned[2 * ETH_ALEN];

	if (bpf_skb_load_bytes(skb, 0, asked, sizeof(asked)))
		return -1;
	__builtin_memcpy(turned, asked + ETH_ALEN, ETH_ALEN);
	__builtin_memcpy(turned + ETH_ALEN, asked, ETH_ALEN);
	return (int)bpf_skb_store_bytes(skb, 0, turned, sizeof(turned), 0);
}

static __always_inline int reply_write_v4(struct __sk_buff *skb, const struct reply *reply,
					  __u8 protocol, __u32 size)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.tot_len = bpf_htons(sizeof(ip) + size),
		.frag_off = bpf_htons(0x4000), /* don't fragment */
		.ttl = REPLY_HOP_LIMIT,
		.protocol = protocol,
		.saddr = reply->from.word[3],
		.daddr = reply->to.word[3],
	};

	ip.check = checksum_finish(checksum_add(0, &ip, sizeof(ip)));
	return (int)bpf_skb_store_bytes(skb, reply->network, &ip, sizeof(ip), BPF_F_RECOMPUTE_CSUM);
}

static __always_inline int reply_write_v6(struct __sk_buff *skb, const struct reply *reply,
					  __u8 protocol, __u32 size)
{
	struct ipv6hdr ip = {
		.version = 6,
		.payload_len = bpf_htons(size),
		.nexthdr = protocol,
		.hop_limit = REPLY_HOP_LIMIT,
	};

	__builtin_memcpy(&ip.saddr, &reply->from, sizeof(ip.saddr));
	__builtin_memcpy(&ip.daddr, &reply->to, sizeof(ip.daddr));
	return (int)bpf_skb_store_bytes(skb, reply->network, &ip, sizeof(ip), BPF_F_RECOMPUTE_CSUM);
}

/* After reply_resize(): cut, and write the headers before @size bytes of @protocol. */
static __always_inline int reply_write_headers(struct __sk_buff *skb, const struct reply *reply,
					       __u8 protocol, __u32 size)
{
	if (reply->cut && bpf_skb_adjust_room(skb, -(__s32)reply->cut, BPF_ADJ_ROOM_MAC, 0))
		return -1;
	if (reply_turn_ethernet(skb))
		return -1;
	return reply->is_v4 ? reply_write_v4(skb, reply, protocol, size)
			    : reply_write_v6(skb, reply, protocol, size);
}

/* After reply_write_headers(): what stands behind them. */
static __always_inline int reply_write_transport(struct __sk_buff *skb, const struct reply *reply,
						 const void *header, __u32 size)
{
	return (int)bpf_skb_store_bytes(skb, reply->network + reply->ip_size, header, size,
					BPF_F_RECOMPUTE_CSUM);
}

/* What the pseudo header adds to the sum of @size bytes of @protocol. */
static __always_inline __u32 reply_pseudo_header(const struct reply *reply, __u8 protocol,
						 __u32 size)
{
	return checksum_pseudo_header(&reply->from, protocol, size);
}

#endif
