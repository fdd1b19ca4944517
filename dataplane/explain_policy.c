// SPDX-License-Identifier: Apache-2.0
#include "dataplane/explain_policy.h"

static const struct rf_prefix *find_prefix(const struct rf_prefix *prefixes, size_t count,
					   const struct in6_addr *peer)
{
	const struct rf_prefix address = {
		.address = *peer,
		.length = 128,
		.is_v4 = IN6_IS_ADDR_V4MAPPED(peer),
	};

	for (size_t i = 0; i < count; i++)
		if (rf_prefix_contains(&prefixes[i], &address))
			return &prefixes[i];
	return NULL;
}

static const struct rf_port_range *find_range(const struct rf_rule *rule, uint16_t service)
{
	for (size_t i = 0; i < rule->port_count; i++)
		if (rule->ports[i].first <= service && service <= rule->ports[i].last)
			return &rule->ports[i];
	return NULL;
}

static enum rf_reason reason_of(enum rf_action action)
{
	switch (action) {
	case RF_ACTION_DENY:
		return RF_REASON_RULE_DENY;
	case RF_ACTION_REJECT:
		return RF_REASON_RULE_REJECT;
	default:
		return RF_REASON_RULE_ALLOW;
	}
}

static bool matches(const struct rf_rule *rule, const struct rf_policy_question *question,
		    struct rf_policy_match *out)
{
	*out = (struct rf_policy_match){
		.rule = rule,
		.peer = find_prefix(rule->peers, rule->peer_count, &question->peer),
		.ports = find_range(rule, question->service),
		.reason = reason_of(rule->action),
	};
	if ((rule->peer_count && !out->peer) || (rule->port_count && !out->ports) ||
	    find_prefix(rule->except, rule->except_count, &question->peer))
		return false;
	return rule->protocol == RF_PROTOCOL_ANY || rule->protocol == question->protocol;
}

static bool is_better(const struct rf_policy_match *one, const struct rf_policy_match *other)
{
	return !other->rule || rf_rule_compare(one->rule, other->rule) < 0;
}

struct rf_policy_answer rf_policy_ask(const struct rf_policy *policy,
				      const struct rf_policy_question *question)
{
	const struct rf_ruleset *ruleset =
		question->direction == RF_INGRESS ? &policy->ingress : &policy->egress;
	bool denies = ruleset->restricted && ruleset->default_action == RF_ACTION_DENY;
	const struct rf_policy_match none = {
		.reason = denies ? RF_REASON_DEFAULT_DENY : RF_REASON_DEFAULT_ALLOW,
	};
	struct rf_policy_answer answer = {ruleset->restricted, none, none};
	struct rf_policy_match match;

	for (size_t i = 0; i < ruleset->rule_count && ruleset->restricted; i++) {
		if (!matches(&ruleset->rules[i], question, &match))
			continue;
		if (is_better(&match, &answer.best)) {
			answer.next = answer.best;
			answer.best = match;
		} else if (is_better(&match, &answer.next)) {
			answer.next = match;
		}
	}
	return answer;
}
