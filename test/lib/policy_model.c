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

static struct policy_answer default_answer(enum rf_action action)
{
	if (action == RF_ACTION_ALLOW)
		return (struct policy_answer){.verdict = RF_ALLOW,
					      .reason = RF_REASON_DEFAULT_ALLOW};
	return (struct policy_answer){.verdict = RF_DENY, .reason = RF_REASON_DEFAULT_DENY};
}

static struct policy_answer rule_answer(const struct rf_rule *rule)
{
	struct policy_answer answer = {.rule = rule->id};

	switch (rule->action) {
	case RF_ACTION_ALLOW:
	case RF_ACTION_LOG:
		answer.verdict = RF_ALLOW;
		answer.reason = RF_REASON_RULE_ALLOW;
		break;
	case RF_ACTION_DENY:
		answer.reason = RF_REASON_RULE_DENY;
		break;
	case RF_ACTION_REJECT:
		answer.reason = RF_REASON_RULE_REJECT;
		break;
	}
	if (rule->is_logged || rule->action == RF_ACTION_LOG)
		answer.flags |= RF_SERVICE_LOG;
	if (rule->qos.has_priority) {
		answer.flags |= RF_SERVICE_PRIORITY;
		answer.priority = rule->qos.priority;
	}
	if (rule->qos.has_dscp) {
		answer.flags |= RF_SERVICE_DSCP;
		answer.dscp = rule->qos.dscp;
	}
	return answer;
}

struct policy_answer policy_model(const struct rf_policy *policy,
				  const struct policy_question *question)
{
	const struct rf_ruleset *ruleset =
		question->direction == RF_INGRESS ? &policy->ingress : &policy->egress;
	const struct rf_rule *best = NULL;

	if (!ruleset->restricted)
		return default_answer(RF_ACTION_ALLOW);
	for (size_t i = 0; i < ruleset->rule_count; i++) {
		const struct rf_rule *rule = &ruleset->rules[i];

		if (rule_matches(rule, question) && (!best || rf_rule_compare(rule, best) < 0))
			best = rule;
	}
	return best ? rule_answer(best) : default_answer(ruleset->default_action);
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
