// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/session/session_each.h"
#include "dataplane/sessions.h"

#include <errno.h>
#include <stdio.h>

static const struct command_option options[] = {
	SESSION_FILTER_OPTIONS,
	{"all", NULL, "all sessions, if nothing else is said; also what has timed out"},
	{"dry-run", NULL, "only say how many it would be"},
	{},
};

static bool choose(const struct rf_flow_key *flow, const struct rf_session *session, void *context)
{
	return session_filter_matches(context, flow, session);
}

static void count(const struct session_entry *entry, void *context)
{
	(void)entry;
	++*(size_t *)context;
}

static void report(const struct invocation *invocation, size_t number, bool is_dry)
{
	if (invocation->json)
		printf("{\"sessions\":%zu,\"dryRun\":%s}\n", number, is_dry ? "true" : "false");
	else
		printf("%zu session%s%s\n", number, number == 1 ? "" : "s",
		       is_dry ? " would be deleted" : " deleted");
}

static int flush(struct invocation *invocation, struct session_filter *filter,
		 struct rf_error *error)
{
	bool is_dry = invocation_option(invocation, "dry-run");
	size_t number = 0;
	int ret;

	if (is_dry) {
		ret = session_each(filter, count, &number, error);
	} else {
		ret = rf_sessions_remove(invocation->objects, choose, filter, &number);
		if (ret)
			rf_fail_system(error, RF_CODE_LOAD, ret,
				       "delete sessions (%zu are deleted)", number);
	}
	if (!ret)
		report(invocation, number, is_dry);
	return ret;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_pods_ struct pods pods = {};
	struct session_filter filter;
	int ret = pods_read(invocation->objects, &pods, error);

	if (!ret)
		ret = session_filter_read(invocation, &pods, invocation->arguments[0], &filter,
					  error);
	if (ret)
		return ret;
	filter.with_ended = invocation_option(invocation, "all");
	if (!filter.with_ended && !session_filter_is_set(&filter)) {
		invocation->status = STATUS_USAGE;
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "session flush needs a pod, a filter, or --all");
	}
	return flush(invocation, &filter, error);
}

const struct command command_session_flush = {
	.noun = "session",
	.verb = "flush",
	.arguments = "[POD]",
	.help = "delete sessions: the next packet of each flow is judged as that of a new "
		"one",
	.details = "At least one of POD, the filters and --all is needed.",
	.options = options,
	.arguments_max = 1,
	.run = run,
};
