// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/clock.h"
#include "ctl/command.h"
#include "ctl/option_value.h"
#include "ctl/output/screen.h"
#include "ctl/output/table.h"
#include "ctl/top/top_rows.h"
#include "ctl/top/top_sample.h"

#include <stdio.h>
#include <stdlib.h>

static const struct command_option options[] = {
	{"interval", "SECONDS", "between two looks, 1 if it is not given"},
	{"count", "N", "end after N of them"},
	{"sort", "KEY", "packets, bits, denies, new-flows or sessions, the most first"},
	{},
};

#define INTERVAL_MAX 3600 /* seconds */

struct top {
	const struct rf_objects *objects;
	struct top_view view;
	struct screen *screen;
	uint64_t interval; /* seconds */
	uint64_t count;    /* 0: no end */
	struct top_sample before;
	struct top_sample now;
};

static void show(struct top *top)
{
	size_t count;
	struct top_rate *rates = top_rates(&top->before, &top->now, &count);

	if (!rates)
		return;
	top_sort(&top->view, rates, count);
	if (top->view.json) {
		json_print(top_json(&top->view, rates, count, top->now.time - top->before.time));
		fflush(stdout);
	} else {
		if (top->screen)
			screen_begin();
		top_print(&top->view, rates, count, top->screen ? screen_lines() : 0);
		screen_end();
	}
	free(rates);
}

/* What is on the screen until there is something to compare with. */
static void show_beginning(const struct top *top)
{
	if (!top->screen)
		return;
	screen_begin();
	printf("ringfencectl top: looks again in %llu s\n", (unsigned long long)top->interval);
	screen_end();
}

/* One look later. False if it is over. */
static bool go_on(struct top *top, struct rf_error *error, int *result)
{
	struct top_sample next;

	*result = top_sample_take(top->objects, &next, error);
	if (*result)
		return false;
	top_sample_free(&top->before);
	top->before = top->now;
	top->now = next;
	show(top);
	return !ferror(stdout);
}

static int repeat(struct top *top, struct rf_error *error)
{
	int result = top_sample_take(top->objects, &top->now, error);
	uint64_t until, seen = 0;
	bool goes_on = !result;

	if (goes_on)
		show_beginning(top);
	until = top->now.time + top->interval * NANOSECONDS;
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
			until += top->interval * NANOSECONDS;
			goes_on = go_on(top, error, &result) && ++seen != top->count;
		}
	}
	return result;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_names_ struct names names = {};
	struct top top = {
		.objects = invocation->objects,
		.view = {.names = &names, .objects = invocation->objects, .json = invocation->json},
		.interval = 1,
	};
	int ret = names_read(invocation->objects, &names, error);

	if (!ret)
		ret = option_number(invocation, "interval", 1, INTERVAL_MAX, &top.interval, error);
	if (!ret)
		ret = option_number(invocation, "count", 1, UINT64_MAX, &top.count, error);
	if (!ret)
		ret = option_choice(invocation, "sort", top_sort_names, &top.view.sort, error);
	if (ret)
		return ret;
	top.view.interval = top.interval;
	top.screen = screen_enter(!top.view.json);
	ret = repeat(&top, error);
	screen_leave(top.screen);
	top_sample_free(&top.before);
	top_sample_free(&top.now);
	return ret;
}

const struct command command_top = {
	.noun = "top",
	.arguments = "",
	.help = "rates of packets, bits, denies and new flows by pod, again and again",
	.details = "On a terminal it fills the screen until q is typed; elsewhere it prints "
		   "one table after the\nother, with --json one object a line. Packets and "
		   "bits "
		   "are those that passed; of mode audit,\nwhat would be denied is among the "
		   "denies.",
	.options = options,
	.run = run,
};
