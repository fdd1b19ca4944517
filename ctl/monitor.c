// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/pod_name.h"
#include "ctl/text.h"
#include "dataplane/counters.h"

#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static volatile sig_atomic_t interrupted;

static void on_signal(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

struct monitor {
	uint64_t started; /* ns, CLOCK_MONOTONIC */
	unsigned long seen;
	unsigned long wanted; /* 0: no end */
};

/* Time of day from CLOCK_MONOTONIC, which events carry. */
static void print_time(uint64_t monotonic)
{
	struct timespec now, day;
	struct tm local;
	time_t seconds;
	int64_t nanoseconds;
	char text[16];

	clock_gettime(CLOCK_MONOTONIC, &now);
	clock_gettime(CLOCK_REALTIME, &day);
	nanoseconds = (int64_t)(day.tv_sec - now.tv_sec) * 1000000000 + day.tv_nsec - now.tv_nsec +
		      (int64_t)monotonic;
	seconds = nanoseconds / 1000000000;
	localtime_r(&seconds, &local);
	strftime(text, sizeof(text), "%H:%M:%S", &local);
	printf("%s.%03d", text, (int)(nanoseconds / 1000000 % 1000));
}

static void print_flow(const struct rf_event *event)
{
	const struct rf_flow_key *flow = &event->flow;
	char peer[RF_PREFIX_TEXT + 8], pod[RF_PREFIX_TEXT + 8], protocol[8];
	bool out = event->direction == RF_EGRESS;

	if (event->reason == RF_REASON_ETHER_TYPE_DENY || event->reason == RF_REASON_MALFORMED) {
		printf(" ether type 0x%04x, %u bytes", ntohs(event->ether_type), event->length);
		return;
	}
	text_endpoint(&flow->pod, flow->pod_port, flow->protocol, pod);
	text_endpoint(&flow->peer, flow->peer_port, flow->protocol, peer);
	printf(" %s %s > %s", text_protocol(flow->protocol, protocol), out ? pod : peer,
	       out ? peer : pod);
	if (flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6)
		printf(" type %u code %u", ntohs(event->service) >> 8,
		       ntohs(event->service) & 0xff);
}

static int print_event(void *context, void *data, size_t size)
{
	const struct rf_event *event = data;
	struct pod_name name = {.pod_id = event->pod, .incarnation = event->incarnation};
	struct monitor *monitor = context;

	/* What nobody read is still in the ring: it did not happen now. */
	if (size < sizeof(*event) || event->time < monitor->started)
		return 0;
	pod_name_find(&name);
	print_time(event->time);
	printf(" deny %s %s", name.text, text_direction(event->direction));
	print_flow(event);
	printf(": %s", rf_reason_name(event->reason));
	if (event->rule)
		printf(" %u", event->rule);
	putchar('\n');
	fflush(stdout);
	return monitor->wanted && ++monitor->seen >= monitor->wanted ? -ECANCELED : 0;
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

int command_monitor(const struct rf_objects *objects, char **arguments, struct rf_error *error)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct monitor monitor = {};
	struct ring_buffer *ring;
	struct timespec now;
	int ret = parse_count(arguments[0], &monitor.wanted, error);

	if (ret)
		return ret;
	clock_gettime(CLOCK_MONOTONIC, &now);
	monitor.started = (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	ring = ring_buffer__new(objects->maps[RF_MAP_DENIES], print_event, &monitor, NULL);
	if (!ring)
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "read map %s",
				      rf_map_name(RF_MAP_DENIES));
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	do
		/* Not for ever: a signal may come just before the wait begins. */
		ret = ring_buffer__poll(ring, 200);
	while (!interrupted && (ret >= 0 || ret == -EINTR));
	ring_buffer__free(ring);
	if (interrupted || ret == -ECANCELED)
		return 0;
	return rf_fail_system(error, RF_CODE_LOAD, ret, "wait for events");
}
