/* SPDX-License-Identifier: Apache-2.0 */
/* One rule of a policy document. */
#include "netconf/cleanup.h"
#include "netconf/policy_internal.h"

#include <string.h>

const char *const rf_action_names[] = {
	[RF_ACTION_ALLOW] = "allow",
	[RF_ACTION_DENY] = "deny",
	[RF_ACTION_LOG] = "log",
	[RF_ACTION_REJECT] = "reject",
	NULL,
};

bool rf_action_allows(enum rf_action action)
{
	return action == RF_ACTION_ALLOW || action == RF_ACTION_LOG;
}

/* Keys come in any order, so what depends on another key is read when all are there. */
struct draft {
	struct rf_rule rule;
	bool has_id;
	bool has_action;
	const cJSON *peers;
	const cJSON *except;
	const cJSON *ports;
};

static int read_id(const cJSON *value, const struct rf_place *place, void *target,
		   struct rf_error *error)
{
	struct draft *draft = target;
	int64_t number = 0;
	int result = rf_read_integer(value, place, 1, UINT32_MAX, &number, error);

	draft->rule.id = (uint32_t)number;
	draft->has_id = true;
	return result;
}

static int read_priority(const cJSON *value, const struct rf_place *place, void *target,
			 struct rf_error *error)
{
	struct draft *draft = target;
	int64_t number = 0;
	int result = rf_read_integer(value, place, 0, UINT32_MAX, &number, error);

	draft->rule.priority = (uint32_t)number;
	return result;
}

static int read_action(const cJSON *value, const struct rf_place *place, void *target,
		       struct rf_error *error)
{
	struct draft *draft = target;
	size_t choice = 0;
	int result = rf_read_choice(value, place, rf_action_names, &choice, error);

	draft->rule.action = (enum rf_action)choice;
	draft->has_action = true;
	return result;
}

static int read_protocol(const cJSON *value, const struct rf_place *place, void *target,
			 struct rf_error *error)
{
	struct draft *draft = target;

	return rf_protocol_read(value, place, &draft->rule.protocol, error);
}

static int read_log(const cJSON *value, const struct rf_place *place, void *target,
		    struct rf_error *error)
{
	struct draft *draft = target;

	return rf_read_boolean(value, place, &draft->rule.is_logged, error);
}

static int read_qos(const cJSON *value, const struct rf_place *place, void *target,
		    struct rf_error *error)
{
	struct draft *draft = target;

	return rf_qos_read(value, place, &draft->rule.qos, error);
}

static int keep_peers(const cJSON *value, const struct rf_place *place, void *target,
		      struct rf_error *error)
{
	struct draft *draft = target;
	int result = rf_read_array(value, place, error);

	if (result < 0)
		return result;
	if (!value->child) {
		rf_fail_at(error, RF_CODE_CONFIG, place, "is empty");
		rf_error_hint(error, "to let the rule match every peer, remove the key; to let it "
				     "match none, remove the rule");
		return -EINVAL;
	}
	draft->peers = value;
	return 0;
}

static int keep_except(const cJSON *value, const struct rf_place *place, void *target,
		       struct rf_error *error)
{
	struct draft *draft = target;

	draft->except = value;
	return rf_read_array(value, place, error);
}

static int keep_ports(const cJSON *value, const struct rf_place *place, void *target,
		      struct rf_error *error)
{
	struct draft *draft = target;

	draft->ports = value;
	return rf_read_array(value, place, error);
}

static int read_document(const cJSON *value, const struct rf_place *place, void *target,
			 struct rf_error *error)
{
	struct draft *draft = target;

	return rf_document_read(value, place, &draft->rule.document, error);
}

static const struct rf_field fields[] = {
	{"id", read_id},
	{"action", read_action},
	{"priority", read_priority},
	{"peers", keep_peers},
	{"except", keep_except},
	{"protocol", read_protocol},
	{"ports", keep_ports},
	{"log", read_log},
	{"qos", read_qos},
	{"document", read_document},
	{NULL, NULL},
};

static int check_required(const struct draft *draft, const struct rf_place *place,
			  struct rf_error *error)
{
	if (!draft->has_id) {
		rf_fail_at(error, RF_CODE_CONFIG, place, "required key \"id\" is missing");
		rf_error_hint(error, "a number from 1 to %u, used once in the document",
			      UINT32_MAX);
		return -EINVAL;
	}
	if (!draft->has_action) {
		rf_fail_at(error, RF_CODE_CONFIG, place, "required key \"action\" is missing");
		rf_error_hint(error, "\"allow\", \"deny\", \"log\" or \"reject\"");
		return -EINVAL;
	}
	return 0;
}

static int check_qos(const struct rf_rule *rule, const struct rf_place *place,
		     struct rf_error *error)
{
	const struct rf_place qos = {.parent = place, .key = "qos"};

	if (rf_action_allows(rule->action) || (!rule->qos.has_priority && !rule->qos.has_dscp))
		return 0;
	rf_fail_at(error, RF_CODE_CONFIG, &qos, "given for a rule whose action is %s",
		   rf_action_names[rule->action]);
	rf_error_hint(error, "only packets that a rule lets pass are marked: action allow or log");
	return -EINVAL;
}

static int read_kept(struct draft *draft, const struct rf_place *place, struct rf_error *error)
{
	const struct rf_place peers = {.parent = place, .key = "peers"};
	const struct rf_place except = {.parent = place, .key = "except"};
	const struct rf_place ports = {.parent = place, .key = "ports"};
	struct rf_rule *rule = &draft->rule;
	int result = 0;

	if (draft->peers)
		result = rf_prefixes_read(draft->peers, &peers, &rule->peers, &rule->peer_count,
					  error);
	if (!result && draft->except)
		result = rf_prefixes_read(draft->except, &except, &rule->except,
					  &rule->except_count, error);
	if (!result && draft->ports)
		result = rf_ports_read(draft->ports, &ports, rule->protocol, &rule->ports,
				       &rule->port_count, error);
	if (!result)
		result = rf_rule_check_families(rule, place, error);
	if (!result)
		result = rf_rule_check_except(rule, place, error);
	return result ? result : check_qos(rule, place, error);
}

int rf_rule_read(const cJSON *json, const struct rf_place *place, struct rf_rule *out,
		 struct rf_error *error)
{
	struct draft draft = {
		.rule = {.priority = RF_PRIORITY_WHEN_ABSENT, .protocol = RF_PROTOCOL_ANY}};
	int result = rf_read_object(json, place, fields, &draft, error);

	if (!result)
		result = check_required(&draft, place, error);
	if (!result)
		result = read_kept(&draft, place, error);
	if (result < 0) {
		rf_rule_free(&draft.rule);
		return result;
	}
	/* "log": false says no more than if it were absent. */
	draft.rule.is_logged |= draft.rule.action == RF_ACTION_LOG;
	*out = draft.rule;
	return 0;
}

void rf_rule_free(struct rf_rule *rule)
{
	free(rule->peers);
	free(rule->except);
	free(rule->ports);
	free(rule->document);
	*rule = (struct rf_rule){0};
}

/* Between rules of equal priority: a lower one wins. */
static int action_order(enum rf_action action)
{
	if (!rf_action_allows(action))
		return 0;
	return action == RF_ACTION_LOG ? 1 : 2;
}

int rf_rule_compare(const struct rf_rule *a, const struct rf_rule *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	if (action_order(a->action) != action_order(b->action))
		return action_order(a->action) - action_order(b->action);
	return (a->id > b->id) - (a->id < b->id);
}
