// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/clock.h"
#include "ctl/command.h"
#include "ctl/event/event_filter.h"
#include "ctl/event/event_lost.h"
#include "ctl/event/event_reader.h"
#include "ctl/event/event_text.h"
#include "ctl/output/error_stream.h"
#include "ctl/output/interrupt.h"
#include "ctl/option_value.h"
#include "ctl/output/table.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/file.h>

#define WAIT_MS 200 /* not for ever: a signal may come just before the wait begins */

static const struct command_option options[] = {
	EVENT_FILTER_OPTIONS,
	{"count", "N", "end after N lines"},
	{},
};

struct monitor {
	struct names names;
	struct event_filter filter;
	struct lost_watch lost;
	struct event_reader *reader;
	uint64_t wanted; /* 0: no end */
	uint64_t seen;
	bool json;
};

/*
 * Each event is read once: of two readers each would see a part. The directory, as it goes with the
 * maps, wherever they are mounted.
 */
static int lock(int *fd, struct rf_error *error)
{
	*fd = open(RF_BPFFS_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "open " RF_BPFFS_DIRECTORY);
	if (!flock(*fd, LOCK_EX | LOCK_NB))
		return 0;
	if (errno != EWOULDBLOCK)
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "lock " RF_BPFFS_DIRECTORY);
	rf_fail(error, RF_CODE_TRY_AGAIN, -EBUSY, "another monitor reads the events of this node");
	rf_error_hint(error, "each event is read once: end the other one, or let it write to a "
			     "file that both read");
	return -EBUSY;
}

static void print_lost(const struct monitor *monitor, const struct rf_events_lost *lost)
{
	for (int ring = 0; ring < RF_EVENT_RINGS; ring++) {
		uint64_t limited = lost->limited[ring], full = lost->full[ring];

		if (!limited && !full)
			continue;
		if (monitor->json)
			printf("{\"lost\":{\"kind\":\"%s\",\"beyondRate\":%" PRIu64
			       ",\"unread\":%" PRIu64 "}}\n",
			       event_ring_names[ring], limited, full);
		else
			fprintf(error_stream(),
				"ringfencectl: lost %" PRIu64 " %s events beyond the rate, %" PRIu64
				" that were not read in time\n",
				limited, event_ring_names[ring], full);
	}
}

/* Once a second. */
static void ask_for_lost(struct monitor *monitor, uint64_t *asked)
{
	struct rf_events_lost lost;

	if (clock_now() - *asked < NANOSECONDS)
		return;
	*asked = clock_now();
	if (lost_watch_ask(&monitor->lost, &lost))
		print_lost(monitor, &lost);
}

static void print_event(struct monitor *monitor, const struct rf_event *event)
{
	if (monitor->json)
		json_print(event_row(event, &monitor->names));
	else
		event_print(event, &monitor->names);
	monitor->seen++;
}

/* A pipe whose reader has gone: what is printed next would fail, and may be long in coming, while
 * nobody else can read the events. */
static bool is_unread(void)
{
	struct pollfd output = {.fd = STDOUT_FILENO};

	return poll(&output, 1, 0) > 0 && output.revents & (POLLERR | POLLHUP);
}

/* Until interrupted, nobody reads what is printed, or there were as many as were wanted. */
static void print_events(struct monitor *monitor, uint64_t started)
{
	uint64_t asked = started;

	while (!interrupted() && !ferror(stdout) &&
	       (!monitor->wanted || monitor->seen < monitor->wanted)) {
		const struct rf_event *event = event_reader_next(monitor->reader);

		ask_for_lost(monitor, &asked);
		if (!event) {
			fflush(stdout);
			if (is_unread())
				return;
			event_reader_wait(monitor->reader, WAIT_MS);
			continue;
		}
		/* What nobody read is still in the rings: it did not happen now. */
		if (event->time >= started && event_filter_matches(&monitor->filter, event))
			print_event(monitor, event);
	}
}

static int follow(struct monitor *monitor, struct rf_error *error)
{
	uint64_t started = clock_now();
	struct rf_events_lost lost;
	int ret = lost_watch_begin(&monitor->lost, error);

	if (!ret)
		ret = event_reader_open(monitor->lost.objects, &monitor->reader, error);
	if (ret)
		return ret;
	interrupt_catch();
	print_events(monitor, started);
	event_reader_free(monitor->reader);
	if (lost_watch_ask(&monitor->lost, &lost))
		print_lost(monitor, &lost);
	fprintf(error_stream(), "ringfencectl: %" PRIu64 " event%s, %" PRIu64 " lost\n",
		monitor->seen, monitor->seen == 1 ? "" : "s", lost_sum(&monitor->lost.total));
	return 0;
}

static int read_words(struct invocation *invocation, struct monitor *monitor,
		      struct rf_error *error)
{
	int ret = event_filter_read(invocation, &monitor->names.pods, &monitor->filter, error);

	if (!ret)
		ret = option_number(invocation, "count", 1, UINT64_MAX, &monitor->wanted, error);
	monitor->lost.has_pod = monitor->filter.flow.has_pod;
	/* A pod that is in none of the maps has lost nothing there. */
	monitor->lost.pod_id =
		monitor->filter.flow.is_nowhere ? UINT32_MAX : monitor->filter.flow.pod_id;
	monitor->lost.incarnation = monitor->filter.flow.incarnation;
	return ret;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	struct monitor monitor = {
		.lost.objects = invocation->objects,
		.json = invocation->json,
	};
	_cleanup_close_ int locked = -1;
	int ret = names_read(invocation->objects, &monitor.names, error);

	if (!ret)
		ret = read_words(invocation, &monitor, error);
	if (!ret)
		ret = lock(&locked, error);
	if (!ret)
		ret = follow(&monitor, error);
	lost_watch_end(&monitor.lost);
	names_free(&monitor.names);
	return ret;
}

const struct command command_monitor = {
	.noun = "monitor",
	.arguments = "",
	.help = "what is denied or logged, as it happens, until interrupted",
	.details = "Each event is read once, so one monitor can run on a node at a time. How "
		   "many events were lost\nmeanwhile is printed to stderr when it happens and "
		   "at the end; with --json to stdout, too.",
	.options = options,
	.run = run,
};
