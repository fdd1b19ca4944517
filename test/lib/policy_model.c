/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/policy_model.h"

#include <stdio.h>

static bool peer_in(const struct rf_prefix *prefixes, size_t count, const struct in6_addr *peer)
{
	struct rf_prefix address = {
		.address = *peer,
		.length = 128,
		.is_v4 = IN6_IS_ADDR_V4MAPPED(peer),
	};

	for (size_t i = 0; i < count; i++) {
		if (rf_prefix_contains(&prefixes[i], &address))
			return true;
	}
	return false;
}

static bool service_in(const struct rf_port_range *ranges, size_t count, uint16_t service)
{
	for (size_t i = 0; i < count; i++) {
		if (ranges[i].first <= service && service <= ranges[i].last)
			return true;
	}
	return false;
}

static bool rule_matches(const struct rf_rule *rule, const struct policy_question *question)
{
	if (rule->peer_count && !peer_in(rule->peers, rule->peer_count, &question->peer))
		return false;
	if (peer_in(rule->except, rule->except_count, &question->peer))
		return false;
	if (rule->protocol != RF_PROTOCOL_ANY && rule->protocol != question->protocol)
		return false;
	return !rule->port_count || service_in(rule->ports, rule->port_count, question->service);
}

struct policy_answer policy_model(const struct rf_policy *policy,
				  const struct policy_question *question)
{
	const struct rf_ruleset *ruleset =
		question->direction == RF_INGRESS ? &policy->ingress : &policy->egress;
	const struct rf_rule *best = NULL;

	if (!ruleset->restricted)
		return (struct policy_answer){RF_ALLOW, RF_REASON_DEFAULT_ALLOW, 0};
	for (size_t i = 0; i < ruleset->rule_count; i++) {
		const struct rf_rule *rule = &ruleset->rules[i];

		if (rule_matches(rule, question) && (!best || rf_rule_compare(rule, best) < 0))
			best = rule;
	}
	if (best && best->action == RF_ACTION_ALLOW)
		return (struct policy_answer){RF_ALLOW, RF_REASON_RULE_ALLOW, best->id};
	if (best)
		return (struct policy_answer){RF_DENY, RF_REASON_RULE_DENY, best->id};
	if (ruleset->default_action == RF_ACTION_ALLOW)
		return (struct policy_answer){RF_ALLOW, RF_REASON_DEFAULT_ALLOW, 0};
	return (struct policy_answer){RF_DENY, RF_REASON_DEFAULT_DENY, 0};
}

char *policy_question_format(const struct policy_question *question,
			     char text[POLICY_QUESTION_TEXT])
{
	struct rf_prefix peer = {
		.address = question->peer,
		.length = 128,
		.is_v4 = IN6_IS_ADDR_V4MAPPED(&question->peer),
	};
	char address[RF_PREFIX_TEXT];

	snprintf(text, POLICY_QUESTION_TEXT, "%s %s protocol %u service %u",
		 question->direction == RF_INGRESS ? "ingress" : "egress",
		 rf_prefix_format(&peer, address), question->protocol, question->service);
	return text;
}
