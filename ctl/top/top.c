// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/option_value.h"
#include "ctl/output/clock.h"
#include "ctl/output/screen.h"
#include "ctl/top/top_flows.h"
#include "ctl/top/top_pods.h"

#include <errno.h>
#include <stdio.h>

static const struct command_option options[] = {
	{"flows", NULL, "by flow: of those that are allowed, the ones with packets"},
	{"interval", "SECONDS", "between two looks, 1 if it is not given"},
	{"count", "N", "end after N of them"},
	{"limit", "N",
	 "no more than the first N; of flows as many as the screen has lines, or 20 elsewhere"},
	{"sort", "KEY",
	 "packets, bits, denies, new-flows or sessions, the most first; of flows one of the first "
	 "two"},
	{},
};

#define INTERVAL_MAX 3600 /* seconds */

/* Flows that are shown, if nothing is said. No screen has more lines. */
#define FLOWS_ELSEWHERE 20
#define FLOWS_ON_SCREEN 1000

struct top {
	struct top_view view;
	struct screen *screen;
	uint64_t count; /* looks; 0: no end */
	bool by_flow;
	struct top_pods pods;
	struct top_flows flows;
};

static int look(struct top *top, struct rf_error *error)
{
	return top->by_flow ? top_flows_look(&top->flows, &top->view, error)
			    : top_pods_look(&top->pods, &top->view, error);
}

static void show(const struct top *top)
{
	int lines = top->screen ? screen_lines() : 0;

	if (top->screen)
		screen_begin();
	if (top->by_flow)
		top_flows_show(&top->flows, &top->view, lines);
	else
		top_pods_show(&top->pods, &top->view, lines);
	screen_end();
}

/* What is on the screen until there is something to compare with. */
static void show_beginning(const struct top *top)
{
	if (!top->screen)
		return;
	screen_begin();
	printf("ringfencectl top: looks again in %llu s\n", (unsigned long long)top->view.interval);
	screen_end();
}

/* One look later. False if it is over. */
static bool go_on(struct top *top, struct rf_error *error, int *result)
{
	*result = look(top, error);
	if (*result)
		return false;
	show(top);
	return !ferror(stdout);
}

/* When to look again, after @time. A look that takes longer than the interval leaves some out. */
static uint64_t next_time(const struct top *top, uint64_t time)
{
	uint64_t interval = top->view.interval * NANOSECONDS, now = clock_now();

	return time + interval * (now > time ? (now - time) / interval + 1 : 1);
}

static int repeat(struct top *top, struct rf_error *error)
{
	uint64_t until = clock_now(), seen = 0;
	int result = look(top, error);
	bool goes_on = !result;

	if (goes_on)
		show_beginning(top);
	until = next_time(top, until);
	while (goes_on) {
		switch (screen_wait(top->screen, until)) {
		case SCREEN_QUIT:
			goes_on = false;
			break;
		case SCREEN_RESIZED:
			if (seen)
				show(top);
			else
				show_beginning(top);
			break;
		case SCREEN_TIME:
			goes_on = go_on(top, error, &result) && ++seen != top->count;
			until = next_time(top, until);
		}
	}
	return result;
}

static int read_options(struct invocation *invocation, struct top *top, struct rf_error *error)
{
	struct top_view *view = &top->view;
	int ret = option_number(invocation, "interval", 1, INTERVAL_MAX, &view->interval, error);

	if (!ret)
		ret = option_number(invocation, "count", 1, UINT64_MAX, &top->count, error);
	if (!ret)
		ret = option_number(invocation, "limit", 1, UINT32_MAX, &view->limit, error);
	if (!ret)
		ret = option_choice(invocation, "sort", top_sort_names, &view->sort, error);
	if (ret)
		return ret;
	if (top->by_flow && view->sort > TOP_SORT_BITS) {
		invocation->status = STATUS_USAGE;
		rf_fail(error, RF_CODE_CONFIG, -EINVAL, "--flows cannot be sorted by %s",
			top_sort_names[view->sort]);
		rf_error_hint(error, "one of: packets, bits");
		return -EINVAL;
	}
	return flow_filter_read_pod(&view->names->pods, invocation->arguments[0], &view->filter,
				    error);
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_names_ struct names names = {};
	struct top top = {
		.view = {.names = &names,
			 .objects = invocation->objects,
			 .json = invocation->json,
			 .interval = 1},
		.by_flow = invocation_option(invocation, "flows"),
	};
	int ret = names_read(invocation->objects, &names, error);

	if (!ret)
		ret = read_options(invocation, &top, error);
	if (ret)
		return ret;
	top.screen = screen_enter(!top.view.json);
	if (top.by_flow && !top.view.limit)
		top.view.limit = top.screen ? FLOWS_ON_SCREEN : FLOWS_ELSEWHERE;
	ret = repeat(&top, error);
	screen_leave(top.screen);
	top_pods_free(&top.pods);
	top_flows_free(&top.flows);
	return ret;
}

const struct command command_top = {
	.noun = "top",
	.arguments = "[POD]",
	.help = "rates of packets, bits, denies and new flows by pod, or by flow, again and again",
	.details = "On a terminal it fills the screen until q is typed; elsewhere it prints "
		   "one table after the\nother, with --json one object a line. Packets and "
		   "bits are those that passed; of mode audit,\nwhat would be denied is among "
		   "the denies.",
	.options = options,
	.arguments_max = 1,
	.run = run,
};
