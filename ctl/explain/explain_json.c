// SPDX-License-Identifier: Apache-2.0
/* How a leg is told to programs. */
#include "ctl/explain/explain_leg.h"
#include "ctl/policy/rule_text.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"
#include "dataplane/counters.h"
#include "netconf/cleanup.h"

static cJSON *match_json(const struct explain_leg *leg, const struct rf_policy_match *match)
{
	cJSON *json = cJSON_CreateObject();
	const struct rf_rule *rule = match->rule;
	const char *own = explain_leg_origin(leg, match);
	_cleanup_free_ char *text = rule ? rule_text(rule, leg->direction) : NULL;
	char peer[RF_PREFIX_TEXT], ports[RULE_PORTS_TEXT];

	cJSON_AddStringToObject(json, "reason", rf_reason_name(match->reason));
	row_add_id(json, "rule", rule ? rule->id : 0);
	row_add_text(json, "document", own ? own : leg->policy.name);
	row_add_text(json, "text", text);
	row_add_text(json, "action", rule ? rule_action(rule) : NULL);
	row_add_number_if(json, "priority", rule ? rule->priority : 0, rule);
	row_add_text(json, "peer", match->peer ? rf_prefix_format(match->peer, peer) : NULL);
	row_add_text(json, "ports",
		     rule && match->ports ? rule_ports(match->ports, rule->protocol, ports) : NULL);
	return json;
}

static cJSON *session_json(const struct explain_leg *leg)
{
	const struct rf_explanation *said = &leg->said;
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
	row_add_text(json, "document",
		     names_session(leg->names, said->session_policy, said->session_flags,
				   said->session_opener, said->session_rule));
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
	row_add_text(
		json, "document",
		names_judge(leg->names, leg->policy_id, leg->direction, said->rule, said->reason));
	cJSON_AddBoolToObject(json, "audited", said->flags & RF_EXPLANATION_AUDITED);
	row_add_part(json, "session",
		     said->flags & RF_EXPLANATION_SESSION ? session_json(leg) : NULL);
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
