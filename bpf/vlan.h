/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tags of IEEE 802.1Q that stand in the packet. One that the skb carries beside it is none. */
#ifndef RINGFENCE_BPF_VLAN_H
#define RINGFENCE_BPF_VLAN_H

#include "bpf/packet.h"

#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>

#define TAG_SIZE 4
#define TAGS_MAX 2

static __always_inline int is_tag(__be16 ether_type)
{
	return ether_type == bpf_htons(ETH_P_8021Q) || ether_type == bpf_htons(ETH_P_8021AD);
}

/*
 * Step over the tags. Returns the offset behind them, where their last two bytes tell what follows;
 * 0: there are more tags than anyone sends, or they are cut. Global, so that the verifier looks at
 * it once.
 */
__noinline __u32 skip_tags(struct __sk_buff *skb)
{
	__u32 offset = ETH_HLEN;
	__be16 tag[2];

	for (int i = 0; i < TAGS_MAX; i++) {
		if (bpf_skb_load_bytes(skb, offset, tag, sizeof(tag)))
			return 0;
		offset += TAG_SIZE;
		if (!is_tag(tag[1]))
			return offset;
	}
	return 0;
}

#endif
