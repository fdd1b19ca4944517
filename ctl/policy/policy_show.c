// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/pod/names.h"
#include "ctl/policy/policy_pods.h"
#include "ctl/policy/rule_text.h"
#include "ctl/output/display.h"
#include "ctl/output/style.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"
#include "netconf/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct showing {
	const struct rf_objects *objects;
	struct names names;
	bool json;
	const char *name; /* of the documents that are shown; NULL: of all */
	size_t shown;
};

static void show_direction(const struct rf_policy *policy, enum rf_direction direction)
{
	const struct rf_ruleset *ruleset = rules_of(policy, direction);
	size_t count;
	_cleanup_free_ const struct rf_rule **rules = rules_sorted(policy, direction, &count);
	_cleanup_free_ char *default_origin = NULL;

	printf("%s:%s\n", text_direction(direction), ruleset->restricted ? "" : " not restricted");
	if (!ruleset->restricted)
		return;
	for (size_t i = 0; i < count; i++) {
		_cleanup_free_ char *text = rule_text(rules[i], direction);
		_cleanup_free_ char *origin = rule_origin(policy->name, rules[i]->document);

		printf("  %10u  %s%s\n", rules[i]->id, text, origin);
	}
	default_origin = rule_origin(policy->name, ruleset->document);
	printf("  %10s  %s%s\n", "default", rules_default(ruleset), default_origin);
}

static void show_text(struct showing *showing, const struct policy_in_use *in_use,
		      const struct rf_policy *policy)
{
	if (showing->shown > 1)
		putchar('\n');
	printf("%spolicy %u %s", style_on(STYLE_TITLE), in_use->id, policy->name ? "\"" : "");
	display_print(policy->name ? policy->name : "(no name)");
	printf("%s%s, of", policy->name ? "\"" : "", style_off(STYLE_TITLE));
	for (size_t i = 0; i < in_use->pod_count; i++) {
		uint32_t pod = in_use->pods[i];

		printf("%s %s", i ? "," : "",
		       names_pod(&showing->names, pod,
				 showing->objects->pod_state[pod].incarnation));
	}
	putchar('\n');
	show_direction(policy, RF_INGRESS);
	show_direction(policy, RF_EGRESS);
}

static int show(const struct policy_in_use *in_use, const struct rf_policy *policy,
		struct rf_error *error, void *context)
{
	struct showing *showing = context;
	cJSON *json;

	if (showing->name && (!policy->name || strcmp(policy->name, showing->name)))
		return 0;
	showing->shown++;
	if (!showing->json) {
		show_text(showing, in_use, policy);
		return 0;
	}
	json = rf_policy_to_json(policy);
	if (!json)
		return rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
	json_print(json);
	return 0;
}

/* An id, a pod, or a document's name, in this order. */
static int resolve(const char *text, uint32_t *policy, struct showing *showing,
		   struct rf_error *error)
{
	struct rf_error unknown = {};
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	int ret;

	if (*text >= '0' && *text <= '9' && !*end && number && number <= RF_POLICY_ID_MAX) {
		*policy = (uint32_t)number;
		return 0;
	}
	ret = policy_of_pod(&showing->names.pods, text, policy, &unknown);
	/* There is such a pod. */
	if (ret == -ENOTUNIQ || unknown.code == RF_CODE_NOT_IN_FORCE) {
		*error = unknown;
		return ret;
	}
	if (ret)
		showing->name = text;
	return 0;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	const char *wanted = invocation->arguments[0];
	struct showing showing = {.objects = invocation->objects, .json = invocation->json};
	uint32_t policy = 0;
	int ret = names_read(invocation->objects, &showing.names, error);

	if (!ret)
		ret = resolve(wanted, &policy, &showing, error);
	if (!ret)
		ret = policies_each(invocation->objects, policy, show, &showing, error);
	names_free(&showing.names);
	if (ret || showing.shown)
		return ret;
	return rf_fail(error, RF_CODE_CONFIG, -ENOENT,
		       "%s is no policy's id, no pod, and the name of no document that is in force "
		       "(ringfencectl policy list)",
		       wanted);
}

const struct command command_policy_show = {
	.noun = "policy",
	.verb = "show",
	.arguments = "ID|POD|NAME",
	.help = "the document that is in force, its rules in order of precedence",
	.details = "With --json the document in its canonical form.",
	.arguments_min = 1,
	.arguments_max = 1,
	.run = run,
};
