// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/event_reader.h"
#include "ctl/event_text.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WAIT_MS 200 /* not for ever: a signal may come just before the wait begins */

static volatile sig_atomic_t interrupted;

static void on_signal(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static int parse_count(const char *text, unsigned long *count, struct rf_error *error)
{
	char *end;

	if (!text)
		return 0;
	errno = 0;
	*count = strtoul(text, &end, 10);
	if (errno || *end || *count < 1 || text[0] == '-')
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "COUNT \"%s\" is not a number above 0", text);
	return 0;
}

/* Until interrupted, or @wanted events were printed (0: no end). */
static void print_events(struct event_reader *reader, unsigned long wanted)
{
	uint64_t started = now();
	struct pod_name name = {};

	for (unsigned long seen = 0; !interrupted && (!wanted || seen < wanted);) {
		const struct rf_event *event = event_reader_next(reader);

		if (!event) {
			event_reader_wait(reader, WAIT_MS);
			continue;
		}
		/* What nobody read is still in the rings: it did not happen now. */
		if (event->time < started)
			continue;
		event_print(event, &name);
		fflush(stdout);
		seen++;
	}
}

int command_monitor(struct invocation *invocation, struct rf_error *error)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct event_reader *reader;
	unsigned long wanted = 0;
	int ret = parse_count(invocation->arguments[0], &wanted, error);

	if (!ret)
		ret = event_reader_open(invocation->objects, &reader, error);
	if (ret)
		return ret;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	print_events(reader, wanted);
	event_reader_free(reader);
	return 0;
}
