/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Audit: the pod's mode in which what would be denied is reported, and passes. */
#ifndef RINGFENCE_BPF_AUDIT_H
#define RINGFENCE_BPF_AUDIT_H

#include "bpf/decision.h"

/* True if the packet goes on: it is allowed, or would be denied in a pod that is only watched. */
static __always_inline int passes(const struct rf_pod_state *pod, struct decision *decision)
{
	if (rf_reason_allows(decision->reason))
		return 1;
	if (!(pod->flags & RF_POD_AUDIT))
		return 0;
	decision->effects |= EFFECT_AUDITED;
	return 1;
}

#endif
