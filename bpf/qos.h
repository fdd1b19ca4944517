/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A rule's marks: the priority of its flow's skbs, and the code point of its packets (RFC 2474), in
 * both directions. The session keeps them.
 */
#ifndef RINGFENCE_BPF_QOS_H
#define RINGFENCE_BPF_QOS_H

#include "bpf/decision.h"
#include "bpf/packet.h"

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/ip.h>

#define SESSION_QOS (RF_SESSION_PRIORITY | RF_SESSION_DSCP)
#define EFFECT_QOS  (EFFECT_PRIORITY | EFFECT_DSCP)

_Static_assert((int)RF_SESSION_PRIORITY == (int)EFFECT_PRIORITY &&
		       (int)RF_SESSION_DSCP == (int)EFFECT_DSCP,
	       "one bit each for what is kept and what is done");

static __always_inline void keep_qos(struct rf_session *session, const struct decision *decision)
{
	session->flags = (session->flags & ~SESSION_QOS) | (decision->effects & EFFECT_QOS);
	session->priority = decision->priority;
	session->dscp = decision->dscp;
}

static __always_inline void use_qos(const struct rf_session *session, struct decision *decision)
{
	if (likely(!(session->flags & SESSION_QOS)))
		return;
	decision->effects |= session->flags & SESSION_QOS;
	decision->priority = session->priority;
	decision->dscp = session->dscp;
}

/* The code point lies within the first two bytes of either header; the bits of ECN stay. */
static __always_inline void write_dscp(struct __sk_buff *skb, const struct packet *packet,
				       __u32 dscp)
{
	int is_v4 = packet->ether_type == bpf_htons(ETH_P_IP);
	__u32 shift = is_v4 ? 2 : 6;
	__be16 old, new;

	if (bpf_skb_load_bytes(skb, packet->network, &old, sizeof(old)))
		return;
	new = (old & bpf_htons(~(0x3f << shift))) | bpf_htons((dscp & 0x3f) << shift);
	if (new == old)
		return;
	/* What IPv4's checksum takes back leaves the sum of the whole packet as it was. */
	if (is_v4 &&
	    bpf_l3_csum_replace(skb, packet->network + __builtin_offsetof(struct iphdr, check), old,
				new, sizeof(new)))
		return;
	bpf_skb_store_bytes(skb, packet->network, &new, sizeof(new),
			    is_v4 ? 0 : BPF_F_RECOMPUTE_CSUM);
}

static __always_inline void apply_qos(struct __sk_buff *skb, const struct packet *packet,
				      const struct decision *decision)
{
	if (decision->effects & EFFECT_PRIORITY)
		skb->priority = decision->priority;
	if (decision->effects & EFFECT_DSCP)
		write_dscp(skb, packet, decision->dscp);
}

#endif
