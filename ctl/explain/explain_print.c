// SPDX-License-Identifier: Apache-2.0
/* How a leg is told: to people, and as JSON. */
#include "ctl/explain/explain_leg.h"
#include "ctl/policy/rule_text.h"
#include "ctl/output/style.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"
#include "dataplane/counters.h"
#include "netconf/cleanup.h"

#include <stdio.h>

static const char *policy_name(const struct explain_leg *leg)
{
	return leg->policy.name ? leg->policy.name : "(no name)";
}

static const char *default_text(const struct rf_policy_match *match)
{
	return match->reason == RF_REASON_DEFAULT_ALLOW ? "the default: allow"
							: "the default: deny";
}

/* Why the rule matches. */
static void print_match(const struct explain_leg *leg, const struct rf_policy_match *match,
			const struct rf_opening *opening)
{
	const struct in6_addr *peer = leg->direction == RF_INGRESS ? &opening->from : &opening->to;
	char address[RF_PREFIX_TEXT], prefix[RF_PREFIX_TEXT], ports[RULE_PORTS_TEXT];

	text_address(peer, address);
	if (match->peer)
		printf("    matches, as %s is in %s", address,
		       rf_prefix_format(match->peer, prefix));
	else
		printf("    matches, as any peer does");
	if (match->ports)
		printf(", and %s is within %s",
		       rf_opening_is_icmp(opening) ? "the type" : "the port",
		       rule_ports(match->ports, match->rule->protocol, ports));
	putchar('\n');
}

static void print_rules(const struct explain_leg *leg, const struct rf_opening *opening)
{
	const struct rf_policy_match *best = &leg->answer.best, *next = &leg->answer.next;
	_cleanup_free_ char *text = NULL, *next_text = NULL;

	if (!leg->is_read) {
		printf("  its document cannot be read: %s\n", leg->unread.message);
		return;
	}
	if (!leg->answer.is_restricted) {
		printf("  policy %u, \"%s\": %s is not restricted\n", leg->policy_id,
		       policy_name(leg), text_direction(leg->direction));
		return;
	}
	if (!best->rule) {
		printf("  policy %u, \"%s\": no rule matches: %s\n", leg->policy_id,
		       policy_name(leg), default_text(best));
		return;
	}
	text = rule_text(best->rule, leg->direction);
	printf("  policy %u, \"%s\", rule %u: %s\n", leg->policy_id, policy_name(leg),
	       best->rule->id, text);
	print_match(leg, best, opening);
	if (next->rule) {
		next_text = rule_text(next->rule, leg->direction);
		printf("    without it: rule %u: %s\n", next->rule->id, next_text);
	} else {
		printf("    without it: %s\n", default_text(next));
	}
}

/* What the rules say does not decide. */
static bool is_above_rules(const struct explain_leg *leg)
{
	return leg->said.flags & RF_EXPLANATION_FLOW &&
	       (leg->said.reason != leg->said.rules_reason || leg->said.rule != leg->said.by_rules);
}

/* "rule 7", or "the default". */
static const char *decider(uint32_t rule, char text[24])
{
	if (!rule)
		return "the default";
	snprintf(text, 24, "rule %u", rule);
	return text;
}

/* A pinhole is of no policy. */
static void print_judge(const struct rf_explanation *said)
{
	char rule[24];

	if (said->session_policy == RF_POLICY_WORD_PINHOLE) {
		printf("a pinhole allows");
		return;
	}
	if (said->session_flags & RF_SESSION_FROM_HOST)
		printf("host-access has let in");
	else
		printf("%s %s", decider(said->session_rule, rule),
		       said->session_flags & RF_SESSION_AUDITED ? "would deny" : "allows");
	if (said->session_policy != said->policy)
		printf(" of policy %u", RF_POLICY_ID(said->session_policy));
}

static void print_session(const struct explain_leg *leg)
{
	const struct rf_explanation *said = &leg->said;
	bool goes_on = said->session_reason == RF_REASON_SESSION;
	char rule[24];

	if (!(said->flags & RF_EXPLANATION_SESSION))
		return;
	printf("  it has a session%s, opened by the %s, which ",
	       said->flags & RF_EXPLANATION_HALF_OPEN ? " (half open)" : "",
	       said->session_opener == RF_EGRESS ? "pod" : "peer");
	print_judge(said);
	if (said->session_policy == said->policy)
		printf(": it goes on by that\n");
	else if (goes_on && said->session_policy == RF_POLICY_WORD_PINHOLE)
		printf(": it goes on\n");
	else if (goes_on)
		printf(": it goes on, by %s of policy %u\n", decider(said->session_again, rule),
		       leg->policy_id);
	else
		printf(": its next packet is %s under policy %u (%s)\n",
		       said->flags & RF_EXPLANATION_SESSION_AUDITED ? "audited" : "denied",
		       leg->policy_id, rf_reason_name(said->session_reason));
}

static void print_difference(const struct explain_leg *leg)
{
	const struct rf_policy_match *best = &leg->answer.best;

	printf("%s  THE LOADED PROGRAM AND THE POLICY DIFFER: the program says %s, rule %u; ",
	       style_on(STYLE_BAD), rf_reason_name(leg->said.rules_reason), leg->said.by_rules);
	if (leg->is_read)
		printf("the document of policy %u %s, rule %u%s\n", leg->policy_id,
		       rf_reason_name(best->reason), best->rule ? best->rule->id : 0,
		       style_off(STYLE_BAD));
	else
		printf("the document cannot be read%s\n", style_off(STYLE_BAD));
}

void explain_leg_print(const struct explain_leg *leg, const struct rf_opening *opening)
{
	const struct rf_explanation *said = &leg->said;
	bool passes = explain_leg_passes(leg);
	enum style style = passes ? STYLE_GOOD : STYLE_BAD;

	printf("%s %s: %s%s%s (%s%s)\n", leg->pod, text_direction(leg->direction), style_on(style),
	       passes ? "allow" : "deny", style_off(style),
	       said->flags & RF_EXPLANATION_AUDITED ? "audit, would be " : "",
	       rf_reason_name(said->reason));
	print_session(leg);
	if (is_above_rules(leg)) {
		printf("  what decides stands above the rules: %s; a new flow, by the rules "
		       "alone:\n",
		       rf_reason_name(said->reason));
	}
	print_rules(leg, opening);
	if (!leg->agrees)
		print_difference(leg);
}

static cJSON *match_json(const struct explain_leg *leg, const struct rf_policy_match *match)
{
	cJSON *json = cJSON_CreateObject();
	const struct rf_rule *rule = match->rule;
	_cleanup_free_ char *text = rule ? rule_text(rule, leg->direction) : NULL;
	char peer[RF_PREFIX_TEXT], ports[RULE_PORTS_TEXT];

	cJSON_AddStringToObject(json, "reason", rf_reason_name(match->reason));
	row_add_id(json, "rule", rule ? rule->id : 0);
	row_add_text(json, "text", text);
	row_add_text(json, "action", rule ? rule_action(rule) : NULL);
	row_add_number_if(json, "priority", rule ? rule->priority : 0, rule);
	row_add_text(json, "peer", match->peer ? rf_prefix_format(match->peer, peer) : NULL);
	row_add_text(json, "ports",
		     rule && match->ports ? rule_ports(match->ports, rule->protocol, ports) : NULL);
	return json;
}

static cJSON *session_json(const struct rf_explanation *said)
{
	cJSON *json = cJSON_CreateObject();
	bool goes_on = rf_reason_allows(said->session_reason) ||
		       said->flags & RF_EXPLANATION_SESSION_AUDITED;

	cJSON_AddStringToObject(json, "direction", text_direction(said->session_opener));
	cJSON_AddBoolToObject(json, "halfOpen", said->flags & RF_EXPLANATION_HALF_OPEN);
	cJSON_AddBoolToObject(json, "fromHost", said->session_flags & RF_SESSION_FROM_HOST);
	cJSON_AddBoolToObject(json, "audited", said->session_flags & RF_SESSION_AUDITED);
	row_add_id(json, "policyId",
		   said->session_policy == RF_POLICY_WORD_PINHOLE
			   ? 0
			   : RF_POLICY_ID(said->session_policy));
	row_add_id(json, "rule", said->session_rule);
	cJSON_AddBoolToObject(json, "goesOn", goes_on);
	cJSON_AddStringToObject(json, "reason", rf_reason_name(said->session_reason));
	row_add_id(json, "ruleNow", said->session_again);
	return json;
}

cJSON *explain_leg_json(const struct explain_leg *leg)
{
	const struct rf_explanation *said = &leg->said;
	cJSON *json = cJSON_CreateObject(), *part;

	row_add_text(json, "pod", leg->is_gone ? NULL : leg->pod);
	cJSON_AddStringToObject(json, "direction", text_direction(leg->direction));
	cJSON_AddStringToObject(json, "verdict", explain_leg_passes(leg) ? "allow" : "deny");
	cJSON_AddStringToObject(json, "reason", rf_reason_name(said->reason));
	row_add_id(json, "rule", said->rule);
	cJSON_AddBoolToObject(json, "audited", said->flags & RF_EXPLANATION_AUDITED);
	row_add_part(json, "session",
		     said->flags & RF_EXPLANATION_SESSION ? session_json(said) : NULL);
	names_add_policy(json, leg->policy_id, leg->policy.name);
	row_add_part(json, "restricted",
		     leg->is_read ? cJSON_CreateBool(leg->answer.is_restricted) : NULL);
	part = cJSON_AddObjectToObject(json, "byProgram");
	cJSON_AddStringToObject(part, "reason", rf_reason_name(said->rules_reason));
	row_add_id(part, "rule", said->by_rules);
	row_add_part(json, "byDocument", leg->is_read ? match_json(leg, &leg->answer.best) : NULL);
	row_add_part(json, "next", leg->is_read ? match_json(leg, &leg->answer.next) : NULL);
	row_add_text(json, "unread", leg->is_read ? NULL : leg->unread.message);
	cJSON_AddBoolToObject(json, "agrees", leg->agrees);
	return json;
}
