// SPDX-License-Identifier: Apache-2.0
/* How a leg is told to people. */
#include "ctl/explain/explain_leg.h"
#include "ctl/policy/rule_text.h"
#include "ctl/output/display.h"
#include "ctl/output/style.h"
#include "ctl/output/text.h"
#include "dataplane/counters.h"
#include "netconf/cleanup.h"

#include <stdio.h>
#include <string.h>

static void print_policy(const struct explain_leg *leg)
{
	printf("  policy %u, ", leg->policy_id);
	if (!leg->policy.name) {
		printf("without a name");
		return;
	}
	putchar('"');
	display_print(leg->policy.name);
	putchar('"');
}

/* The rule or default, and its document where that is not what the policy is called after. */
static void print_choice(const struct explain_leg *leg, const struct rf_policy_match *match)
{
	const struct rf_rule *rule = match->rule;
	_cleanup_free_ char *origin = rule_origin(leg->policy.name, explain_leg_origin(leg, match));
	_cleanup_free_ char *text = rule ? rule_text(rule, leg->direction) : NULL;

	if (rule)
		printf("rule %u%s: %s\n", rule->id, origin, text);
	else
		printf("default%s: %s\n", origin,
		       match->reason == RF_REASON_DEFAULT_ALLOW ? "allow" : "deny");
}

/* Why the rule matches. */
static void print_match(const struct explain_leg *leg, const struct rf_policy_match *match,
			const struct rf_opening *opening)
{
	const struct in6_addr *peer = leg->direction == RF_INGRESS ? &opening->from : &opening->to;
	char address[RF_PREFIX_TEXT], prefix[RF_PREFIX_TEXT], ports[RULE_PORTS_TEXT];

	text_address(peer, address);
	printf("    matches, as ");
	if (!match->peer)
		printf("any peer does");
	else if (!strcmp(rf_prefix_format(match->peer, prefix), address))
		printf("the peer is %s", address);
	else
		printf("%s is in %s", address, prefix);
	if (match->ports) {
		rule_ports(match->ports, match->rule->protocol, ports);
		printf(", and the %s is %s%s", rf_opening_is_icmp(opening) ? "type" : "port",
		       strchr(ports, '-') ? "within " : "", ports);
	}
	putchar('\n');
}

static void print_rules(const struct explain_leg *leg, const struct rf_opening *opening)
{
	const struct rf_policy_match *best = &leg->answer.best;

	if (!leg->is_read) {
		printf("  its document cannot be read: %s\n", leg->unread.message);
		return;
	}
	print_policy(leg);
	if (!leg->answer.is_restricted) {
		printf(": %s is not restricted\n", text_direction(leg->direction));
		return;
	}
	printf(best->rule ? ", " : ": no rule matches; ");
	print_choice(leg, best);
	if (!best->rule)
		return;
	print_match(leg, best, opening);
	printf("    without it: ");
	print_choice(leg, &leg->answer.next);
}

/* What the rules say does not decide. */
static bool is_above_rules(const struct explain_leg *leg)
{
	return leg->said.flags & RF_EXPLANATION_FLOW &&
	       (leg->said.reason != leg->said.rules_reason || leg->said.rule != leg->said.by_rules);
}

/* A pinhole may have a number, which events show in the place of a rule's. */
static void print_above_rules(const struct rf_explanation *said)
{
	char number[16] = "";

	if (said->rule &&
	    (said->reason == RF_REASON_PINHOLE_ALLOW || said->reason == RF_REASON_PINHOLE_DENY))
		snprintf(number, sizeof(number), " %u", said->rule);
	printf("  %s%s stands above the rules, which alone would say of a new flow:\n",
	       rf_reason_name(said->reason), number);
}

/* "rule 7", "rule 7 (base)", or "the default", of a policy for the session; malloc()ed. */
static char *decider(const struct explain_leg *leg, uint32_t policy, uint32_t rule)
{
	const char *document = names_document(leg->names, policy, leg->said.session_opener, rule);
	_cleanup_free_ char *origin = rule_origin(names_policy(leg->names, policy), document);
	char number[24] = "the default", *text;

	if (rule)
		snprintf(number, sizeof(number), "rule %u", rule);
	if (asprintf(&text, "%s%s", number, origin) < 0)
		abort();
	return text;
}

/* A session of the node itself is judged by the rules where hostAccess says so now. */
static bool is_let_in(const struct explain_leg *leg)
{
	const struct rf_explanation *said = &leg->said;

	return said->session_flags & RF_SESSION_FROM_HOST && !said->session_rule &&
	       !(said->session_flags & RF_SESSION_AUDITED) &&
	       (leg->lets_node_in || said->session_policy != said->policy);
}

/* A pinhole is of no policy, nor is hostAccess. */
static void print_judge(const struct explain_leg *leg)
{
	const struct rf_explanation *said = &leg->said;
	uint32_t policy = RF_POLICY_ID(said->session_policy);
	_cleanup_free_ char *judge = NULL;

	if (said->session_policy == RF_POLICY_WORD_PINHOLE) {
		printf("a pinhole allows");
		return;
	}
	if (is_let_in(leg)) {
		printf("host-access has let in");
		return;
	}
	judge = decider(leg, policy, said->session_rule);
	printf("%s %s", judge, said->session_flags & RF_SESSION_AUDITED ? "would deny" : "allows");
	if (said->session_policy != said->policy)
		printf(" of policy %u", policy);
}

static void print_session(const struct explain_leg *leg)
{
	const struct rf_explanation *said = &leg->said;
	bool goes_on = said->session_reason == RF_REASON_SESSION;
	_cleanup_free_ char *again = NULL;

	if (!(said->flags & RF_EXPLANATION_SESSION))
		return;
	again = decider(leg, leg->policy_id, said->session_again);
	printf("  it has a session%s, opened by the %s, which ",
	       said->flags & RF_EXPLANATION_HALF_OPEN ? " (half open)" : "",
	       said->session_opener == RF_EGRESS ? "pod" : "peer");
	print_judge(leg);
	if (said->session_policy == said->policy)
		printf(": it goes on by that\n");
	else if (goes_on && said->session_flags & RF_SESSION_FROM_HOST && leg->lets_node_in)
		printf(": it goes on, by host-access\n");
	else if (goes_on && said->session_policy == RF_POLICY_WORD_PINHOLE)
		printf(": it goes on\n");
	else if (goes_on)
		printf(": it goes on, by %s of policy %u\n", again, leg->policy_id);
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
	printf("the document of policy %u %s, rule %u%s\n", leg->policy_id,
	       rf_reason_name(best->reason), best->rule ? best->rule->id : 0, style_off(STYLE_BAD));
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
	if (is_above_rules(leg))
		print_above_rules(said);
	print_rules(leg, opening);
	if (!leg->agrees && leg->is_read)
		print_difference(leg);
}
