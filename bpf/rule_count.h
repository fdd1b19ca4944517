/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Hits of rules: of what is judged, which no packet of a followed session is. */
#ifndef RINGFENCE_BPF_RULE_COUNT_H
#define RINGFENCE_BPF_RULE_COUNT_H

#include "bpf/decision.h"
#include "bpf/maps.h"

/* The policy's rules or its default have decided, and nothing that stands above them. */
static __always_inline int is_by_rules(__u32 reason)
{
	return reason == RF_REASON_RULE_ALLOW || reason == RF_REASON_RULE_DENY ||
	       reason == RF_REASON_RULE_REJECT || reason == RF_REASON_DEFAULT_ALLOW ||
	       reason == RF_REASON_DEFAULT_DENY;
}

/* The entry is made by the first hit. None if the map is full: then the rule is not counted. */
static __always_inline struct rf_rule_counters *find_counters(const struct rf_rule_key *key)
{
	struct rf_rule_counters *counters = bpf_map_lookup_elem(&rule_counters, key);
	struct rf_rule_counters none = {};

	if (counters)
		return counters;
	bpf_map_update_elem(&rule_counters, key, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&rule_counters, key);
}

static __noinline int count_rule(const struct decision *decision)
{
	struct rf_rule_counters *counters;
	struct rf_rule_key key = {};

	if (!decision || !is_by_rules(decision->reason))
		return 0;
	key.scope = RF_SCOPE(RF_POLICY_ID(decision->policy), decision->opener);
	key.rule = decision->rule;
	counters = find_counters(&key);
	if (!counters)
		return 0;
	if (rf_reason_allows(decision->reason))
		counters->flows++;
	else if (decision->effects & EFFECT_AUDITED)
		counters->audited++;
	else
		counters->denied++;
	counters->last_hit = bpf_jiffies64();
	return 0;
}

#endif
