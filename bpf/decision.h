/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What was decided of a packet, and what else is to be done with it. */
#ifndef RINGFENCE_BPF_DECISION_H
#define RINGFENCE_BPF_DECISION_H

#include "bpf/abi.h"

/* Rare, so that one look at all of them is enough for most packets. */
enum decision_effects {
	EFFECT_AUDITED = 1,  /* the reason denies, the pod's mode lets it pass */
	EFFECT_LOG = 2,      /* the rule asks for a report */
	EFFECT_PRIORITY = 4, /* the skb takes `priority` */
	EFFECT_DSCP = 8,     /* the packet takes `dscp` */
	EFFECT_RATE = 16,    /* the pod's rate is limited in this direction */
};

struct decision {
	__u32 reason; /* enum rf_reason */
	__u32 rule;   /* 0: none */
	__u32 pod;    /* 0: unknown */
	__u32 incarnation;
	__u32 opener; /* enum rf_direction: as whose flow it was judged; of a report only */
	__u32 effects;
	__u32 priority;
	__u32 dscp;
	__u64 policy; /* the word that was used */
};

#endif
