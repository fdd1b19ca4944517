/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one place where a decision becomes counters, an event and the answer to the kernel. */
#ifndef RINGFENCE_BPF_REPORT_H
#define RINGFENCE_BPF_REPORT_H

#include "bpf/bandwidth.h"
#include "bpf/count.h"
#include "bpf/event.h"
#include "bpf/qos.h"
#include "bpf/reject.h"
#include "bpf/rule_count.h"

#include <linux/pkt_cls.h>

static __always_inline void count_decided(const struct packet *packet,
					  const struct decision *decision)
{
	count(decision->pod, packet->direction, decision->reason, packet->segments, packet->bytes);
}

/* As what the flow is decided, whatever its rate makes of this packet. */
static __always_inline void report(struct __sk_buff *skb, const struct packet *packet,
				   const struct decision *decision)
{
	if (!rf_reason_allows(decision->reason))
		report_deny(skb, packet, decision);
	else if (decision->effects & EFFECT_LOG || begins_flow(decision->reason))
		report_flow(skb, packet, decision);
}

/*
 * The steps for what is decided. UNSPEC, not OK: programs behind ours still see what we allow
 * (TC_ACT_OK would end the chain).
 */
static __always_inline int conclude(struct __sk_buff *skb, const struct packet *packet,
				    struct decision *decision)
{
	report(skb, packet, decision);
	count_rule(decision);
	limit_rate(packet, decision, 0);
	count_decided(packet, decision);
	if (rf_reason_allows(decision->reason)) {
		apply_qos(skb, packet, decision);
		return TC_ACT_UNSPEC;
	}
	if (decision->effects & EFFECT_AUDITED)
		return TC_ACT_UNSPEC;
	if (decision->reason == RF_REASON_RULE_REJECT)
		return reject(skb, packet, decision);
	return TC_ACT_SHOT;
}

#endif
