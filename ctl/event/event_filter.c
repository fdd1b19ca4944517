// SPDX-License-Identifier: Apache-2.0
#include "ctl/event/event_filter.h"
#include "ctl/event/event_text.h"
#include "ctl/option_value.h"
#include "ctl/output/text.h"

int event_filter_read(struct invocation *invocation, const struct pods *pods,
		      struct event_filter *out, struct rf_error *error)
{
	struct event_filter filter = {};
	int ret = flow_filter_read(invocation, pods, invocation_option(invocation, "pod"),
				   &filter.flow, error);

	if (!ret)
		ret = option_choices(invocation, "verdict", event_verdicts, &filter.verdicts,
				     error);
	if (!ret)
		ret = option_choices(invocation, "reason", text_reasons(), &filter.reasons, error);
	if (!ret)
		*out = filter;
	return ret;
}

bool event_filter_matches(const struct event_filter *filter, const struct rf_event *event)
{
	const struct flow_facts facts = {
		.pod = event->pod,
		.incarnation = event->incarnation,
		.flow = event_has_addresses(event) ? &event->flow : NULL,
		.has_ports = event_has_ports(event),
		.direction = event->direction,
		.rule = event->rule,
	};

	return flow_filter_matches(&filter->flow, &facts) &&
	       (!filter->verdicts || filter->verdicts >> event_verdict(event) & 1) &&
	       (!filter->reasons || filter->reasons >> (event->reason & 63) & 1);
}
