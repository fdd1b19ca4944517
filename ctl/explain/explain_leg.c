// SPDX-License-Identifier: Apache-2.0
#include "ctl/explain/explain_leg.h"
#include "ctl/policy/rule_text.h"
#include "dataplane/policy/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void ask_document(const struct rf_objects *objects, const struct rf_opening *opening,
			 struct explain_leg *leg)
{
	const struct rf_policy_question question = {
		.direction = leg->direction,
		.peer = leg->direction == RF_INGRESS ? opening->from : opening->to,
		.protocol = opening->protocol,
		.service = opening->service,
	};
	int ret = rf_policy_load(objects, leg->policy_id, &leg->policy, &leg->unread);

	if (ret == -ENOENT)
		rf_fail(&leg->unread, RF_CODE_NOT_IN_FORCE, ret, "policy %u has no file",
			leg->policy_id);
	if (ret)
		return;
	leg->is_read = true;
	leg->answer = rf_policy_ask(&leg->policy, &question);
}

/* What is no flow to the programs would be a fault of ours: then they do not agree either. */
static bool agree(const struct explain_leg *leg, const struct rf_flow_key *asked)
{
	const struct rf_policy_match *best = &leg->answer.best;
	const struct rf_explanation *said = &leg->said;

	return said->flags & RF_EXPLANATION_FLOW && !memcmp(&said->flow, asked, sizeof(*asked)) &&
	       leg->is_read && said->rules_reason == best->reason &&
	       said->by_rules == (best->rule ? best->rule->id : 0);
}

int explain_leg_ask(const struct explain_asker *asker, const struct rf_opening *opening,
		    uint32_t pod_id, uint32_t question, struct explain_leg *out,
		    struct rf_error *error)
{
	enum rf_direction direction = question & RF_EXPLAIN_EGRESS ? RF_EGRESS : RF_INGRESS;
	const struct rf_pod_state *pod = &asker->objects->pod_state[pod_id];
	const struct rf_flow_key key = rf_opening_key(opening, direction);
	struct explain_leg leg = {.names = asker->names, .direction = direction};
	unsigned char frame[RF_OPENING_MAX];
	size_t length = rf_opening_build(opening, frame);
	const char *name = names_pod(asker->names, pod_id, pod->incarnation);
	int ret;

	ret = rf_explain_ask(asker->program, pod->ifindex, question, frame, length, &leg.said);
	if (ret) {
		rf_error_hint(error, "run it where the pod's host interface is: on the node, not "
				     "in a container");
		return rf_fail_system(error, RF_CODE_LOAD, ret,
				      "run the program for interface %u of %s", pod->ifindex, name);
	}
	if (leg.said.pod != pod_id)
		return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
			       "the programs know no pod behind interface %u, which is that of %s",
			       pod->ifindex, name);
	leg.pod = strdup(name);
	if (!leg.pod)
		return rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
	leg.is_gone = !pods_by_id(&asker->names->pods, pod_id, pod->incarnation);
	leg.policy_id = RF_POLICY_ID(pod->policy);
	leg.lets_node_in = !(pod->flags & RF_POD_HOST_BY_POLICY);
	ask_document(asker->objects, opening, &leg);
	leg.agrees = agree(&leg, &key);
	*out = leg;
	return 0;
}

bool explain_leg_passes(const struct explain_leg *leg)
{
	const struct rf_explanation *said = &leg->said;

	if (said->flags & RF_EXPLANATION_SESSION && said->reason != RF_REASON_BANDWIDTH)
		return rf_reason_allows(said->session_reason) ||
		       said->flags & RF_EXPLANATION_SESSION_AUDITED;
	return rf_reason_allows(said->reason) || said->flags & RF_EXPLANATION_AUDITED;
}

const char *explain_leg_origin(const struct explain_leg *leg, const struct rf_policy_match *match)
{
	return match->rule ? match->rule->document
			   : rules_of(&leg->policy, leg->direction)->document;
}

void explain_leg_free(struct explain_leg *leg)
{
	free(leg->pod);
	rf_policy_free(&leg->policy);
}
