// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/explain/explain_flow.h"

#include <errno.h>

static int fail_difference(const struct explained_flow *flow, struct rf_error *error)
{
	for (size_t i = 0; i < flow->leg_count; i++)
		if (!flow->legs[i].is_read) {
			rf_error_hint(error, "what the programs say holds; a document is there "
					     "again when a pod that has it is added again");
			return rf_fail(error, RF_CODE_NOT_IN_FORCE, -EIO,
				       "the document of %s, which could confirm it, cannot be read",
				       flow->legs[i].pod);
		}
	rf_error_hint(error, "please report it, with this output and `ringfencectl policy show`; "
			     "CHECK says whether entries are missing");
	return rf_fail(error, RF_CODE_NOT_IN_FORCE, -EIO,
		       "the loaded programs and the policy differ");
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	const char *from = invocation_option(invocation, "from");
	const char *to = invocation_option(invocation, "to");
	struct explained_flow flow = {};
	int ret;

	if (!from || !to) {
		invocation->status = STATUS_USAGE;
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "explain needs --from and --to");
	}
	ret = names_read(invocation->objects, &flow.names, error);
	if (ret)
		return ret;
	ret = explain_question_read(&flow.names.pods, from, to, &flow.question, error);
	if (ret)
		invocation->status = STATUS_USAGE;
	else
		ret = explain_flow_ask(invocation->objects, &flow, error);
	if (!ret) {
		if (invocation->json)
			explain_flow_print_json(&flow);
		else
			explain_flow_print(&flow);
		invocation->status = explain_flow_passes(&flow) ? STATUS_OK : STATUS_DENIED;
		if (!explain_flow_agrees(&flow)) {
			invocation->status = STATUS_FAILED;
			ret = fail_difference(&flow, error);
		}
	}
	explain_flow_free(&flow);
	return ret;
}

static const struct command_option options[] = {
	{"from", "ADDR[:PORT]",
	 "who opens the flow: an address, or a pod; without a port: one that no session has"},
	{"to", "ADDR:PORT/PROTO",
	 "what it is for; PROTO is tcp, udp, sctp, icmp, icmpv6 or a number. Of ICMP the type, or "
	 "TYPE/CODE, stands for the port; of a number none"},
	{},
};

const struct command command_explain = {
	.noun = "explain",
	.arguments = "--from ADDR[:PORT] --to ADDR:PORT/PROTO",
	.help = "whether a flow may begin, and which rule of which document decides",
	.details = "Asks the loaded programs by a packet that leaves no trace, and the "
		   "pod's document, rule by rule. Where\nboth ends are pods of this node, "
		   "both have to allow the flow. Exit status: 0 allowed, 4 denied, 1 if\n"
		   "programs and document differ, or it cannot be told.",
	.options = options,
	.run = run,
};
