/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Audit: the mode, of a pod or of all, in which what would be denied is reported, and passes. */
#ifndef RINGFENCE_BPF_AUDIT_H
#define RINGFENCE_BPF_AUDIT_H

#include "bpf/decision.h"
#include "bpf/settings.h"

static __always_inline int is_watched(const struct rf_pod_state *pod)
{
	const struct rf_settings *current;

	if (pod->flags & RF_POD_AUDIT)
		return 1;
	current = current_settings();
	return current && current->audit == RF_AUDIT_ALL;
}

/* True if the packet goes on: it is allowed, or would be denied in a pod that is only watched. */
static __always_inline int passes(const struct rf_pod_state *pod, struct decision *decision)
{
	if (rf_reason_allows(decision->reason))
		return 1;
	if (!is_watched(pod))
		return 0;
	decision->effects |= EFFECT_AUDITED;
	return 1;
}

#endif
