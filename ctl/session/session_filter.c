// SPDX-License-Identifier: Apache-2.0
#include "ctl/session/session_filter.h"
#include "ctl/output/clock.h"
#include "ctl/option_value.h"
#include "ctl/output/text.h"

int session_filter_read(struct invocation *invocation, const struct pods *pods, const char *pod,
			struct session_filter *out, struct rf_error *error)
{
	static const char *const verdicts[] = {"allow", "audit", NULL};
	struct session_filter filter = {
		.has_verdict = invocation_option(invocation, "verdict"),
	};
	int ret = session_clock_now(invocation->objects, &filter.clock, error);

	if (!ret)
		ret = flow_filter_read(invocation, pods, pod, &filter.flow, error);

	if (!ret)
		ret = option_choices(invocation, "state", text_states, &filter.states, error);
	if (!ret)
		ret = option_choice(invocation, "verdict", verdicts, &filter.verdict, error);
	if (!ret)
		ret = option_seconds(invocation, "idle", 0, UINT32_MAX, &filter.idle, error);
	if (!ret)
		ret = option_seconds(invocation, "age", 0, UINT32_MAX, &filter.age, error);
	if (!ret)
		*out = filter;
	return ret;
}

bool session_filter_is_set(const struct session_filter *filter)
{
	return filter->flow.is_set || filter->states || filter->has_verdict || filter->idle ||
	       filter->age;
}

bool session_filter_matches(const struct session_filter *filter, const struct rf_flow_key *flow,
			    const struct rf_session *session)
{
	const struct session_clock *clock = &filter->clock;
	const struct flow_facts facts = {
		.pod = session->pod,
		.incarnation = session->incarnation,
		.flow = flow,
		.has_ports = true,
		.direction = session->opened_by,
		.rule = session->rule,
	};

	if (!flow_filter_matches(&filter->flow, &facts))
		return false;
	if (filter->states && !(filter->states >> session_state(flow, session) & 1))
		return false;
	if (filter->has_verdict && filter->verdict != !!(session->flags & RF_SESSION_AUDITED))
		return false;
	if (filter->idle && session_idle(clock, session) < filter->idle * NANOSECONDS)
		return false;
	if (filter->age && session_age(clock, session) < filter->age)
		return false;
	return filter->with_ended || session_is_live(clock, flow, session);
}
