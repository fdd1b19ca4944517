// SPDX-License-Identifier: Apache-2.0
#include "ctl/explain/explain_flow.h"
#include "ctl/explain/explain_ends.h"
#include "dataplane/lock.h"
#include "netconf/cleanup.h"

static int ask_leg(const struct explain_asker *asker, struct explained_flow *flow, uint32_t pod,
		   uint32_t question, struct rf_error *error)
{
	int ret;

	if (!pod)
		return 0;
	ret = explain_leg_ask(asker, &flow->question.opening, pod, question,
			      &flow->legs[flow->leg_count], error);
	if (!ret)
		flow->leg_count++;
	return ret;
}

int explain_flow_ask(const struct rf_objects *objects, struct explained_flow *flow,
		     struct rf_error *error)
{
	_cleanup_close_ int program = -1, lock = -1;
	struct explain_asker asker = {.objects = objects, .names = &flow->names};
	int ret = rf_explain_open(&program, error);

	asker.program = program;
	if (!ret)
		ret = rf_lock(&lock, error);
	if (!ret)
		ret = explain_ends_find(objects, flow, error);
	if (!ret)
		ret = explain_port_assume(objects, flow, error);
	if (!ret)
		ret = ask_leg(&asker, flow, flow->from_pod, RF_EXPLAIN_EGRESS, error);
	return ret ? ret
		   : ask_leg(&asker, flow, flow->to_pod,
			     flow->is_from_node ? RF_EXPLAIN_FROM_NODE : 0, error);
}

bool explain_flow_passes(const struct explained_flow *flow)
{
	bool all = true;

	for (size_t i = 0; i < flow->leg_count; i++)
		all = all && explain_leg_passes(&flow->legs[i]);
	return all;
}

bool explain_flow_agrees(const struct explained_flow *flow)
{
	bool all = true;

	for (size_t i = 0; i < flow->leg_count; i++)
		all = all && flow->legs[i].agrees;
	return all;
}

void explain_flow_free(struct explained_flow *flow)
{
	for (size_t i = 0; i < flow->leg_count; i++)
		explain_leg_free(&flow->legs[i]);
	names_free(&flow->names);
}
