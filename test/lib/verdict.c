// SPDX-License-Identifier: Apache-2.0
#include "test/lib/verdict.h"
#include "dataplane/counters.h"

#include <arpa/inet.h>
#include <linux/pkt_cls.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* One packet that is run, and what is known of it so far. */
struct trial {
	struct programs *programs;
	const struct verdict *expected;
	enum rf_direction direction;
	const uint8_t *bytes;
	size_t length;
	const char *file;
	int line;
};

__attribute__((format(printf, 2, 3))) static void refute(const struct trial *trial,
							 const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	print_error("%s, %zu bytes, expected %s: %s\n",
		    trial->direction == RF_INGRESS ? "ingress" : "egress", trial->length,
		    rf_reason_name(trial->expected->reason), text);
	_fail(trial->file, trial->line);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint32_t counted_pod(const struct trial *trial)
{
	if (trial->expected->unknown_pod)
		return 0;
	return trial->expected->pod ? trial->expected->pod : 1;
}

static struct rf_pod_counters counters(const struct trial *trial)
{
	struct rf_pod_counters counters;

	if (rf_counters_read(&trial->programs->objects, counted_pod(trial), &counters))
		refute(trial, "its counters cannot be read");
	return counters;
}

/* What is to be counted there. A reply to the pod is a packet to it. */
static struct rf_count expected_count(const struct trial *trial, enum rf_direction direction,
				      enum rf_reason reason)
{
	const struct programs_output *output = &trial->programs->output;
	uint32_t more = trial->expected->segments ? trial->expected->segments - 1 : 0;

	if (direction == trial->direction && reason == trial->expected->reason)
		return (struct rf_count){1 + more,
					 trial->length + (uint64_t)more * trial->expected->headers};
	if (direction == RF_INGRESS && reason == RF_REASON_REJECT_REPLY &&
	    trial->direction == RF_EGRESS && output->answer == TC_ACT_REDIRECT)
		return (struct rf_count){1, output->length};
	return (struct rf_count){};
}

static void check_counters(const struct trial *trial, const struct rf_pod_counters *before)
{
	struct rf_pod_counters after = counters(trial);

	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		for (uint32_t reason = 0; reason < RF_REASON_COUNT; reason++) {
			const struct rf_count *then = &before->count[direction][reason];
			const struct rf_count *cell = &after.count[direction][reason];
			struct rf_count expected = expected_count(trial, direction, reason);

			if (cell->packets - then->packets != expected.packets ||
			    cell->bytes - then->bytes != expected.bytes)
				refute(trial, "%llu packets and %llu bytes more of %s %s",
				       (unsigned long long)(cell->packets - then->packets),
				       (unsigned long long)(cell->bytes - then->bytes),
				       direction == RF_INGRESS ? "ingress" : "egress",
				       rf_reason_name(reason));
		}
}

/* Beyond its rate a pod sends at that rate: that is no event. */
static bool is_reported_deny(const struct verdict *expected)
{
	return !rf_reason_allows(expected->reason) && expected->reason != RF_REASON_BANDWIDTH;
}

static bool is_reported(const struct verdict *expected)
{
	return is_reported_deny(expected) || expected->logged;
}

/* The event of the packet, in the ring where it belongs. */
static const struct rf_event *event_of(const struct trial *trial)
{
	return rf_reason_allows(trial->expected->reason) ? &trial->programs->flow_event
							 : &trial->programs->event;
}

static void check_captured(const struct trial *trial, const struct rf_event *event)
{
	static const uint8_t none[RF_EVENT_BYTES];
	size_t wanted = trial->length < RF_EVENT_BYTES ? trial->length : RF_EVENT_BYTES;

	if (event->captured != wanted || memcmp(event->bytes, trial->bytes, wanted) != 0)
		refute(trial, "event with %u bytes that are not the packet's first %zu",
		       event->captured, wanted);
	if (memcmp(event->bytes + wanted, none, RF_EVENT_BYTES - wanted) != 0)
		refute(trial, "event with more than the packet");
}

/* In network byte order. Behind the tags, or the outer tag's if there are too many or they are cut.
 */
static uint16_t ether_type_of(const struct trial *trial)
{
	uint16_t outer, type;
	size_t at = 12;

	memcpy(&outer, trial->bytes + at, sizeof(outer));
	type = outer;
	for (int tags = 0; type == htons(0x8100) || type == htons(0x88a8); tags++) {
		at += 4;
		if (tags == 2 || at + sizeof(type) > trial->length)
			return outer;
		memcpy(&type, trial->bytes + at, sizeof(type));
	}
	return type;
}

static void check_event(const struct trial *trial, uint64_t begin)
{
	const struct verdict *expected = trial->expected;
	const struct rf_event *event = event_of(trial);
	const struct rf_pod_state *pod = &trial->programs->objects.pod_state[counted_pod(trial)];
	unsigned int flags =
		(expected->logged ? RF_EVENT_LOG : 0) | (expected->audited ? RF_EVENT_AUDIT : 0);
	uint16_t ether_type = ether_type_of(trial);

	if (event->reason != expected->reason || event->rule != expected->rule)
		refute(trial, "event of %s, rule %u instead of %u", rf_reason_name(event->reason),
		       event->rule, expected->rule);
	if (event->flags != flags)
		refute(trial, "event with flags %#x instead of %#x", event->flags, flags);
	if (event->pod != counted_pod(trial) || event->incarnation != pod->incarnation ||
	    event->policy != pod->policy)
		refute(trial, "event of pod %u, incarnation %u, policy %#llx", event->pod,
		       event->incarnation, (unsigned long long)event->policy);
	if (event->ifindex != PROGRAMS_IFINDEX || event->length != trial->length ||
	    event->direction != trial->direction)
		refute(trial, "event of interface %u, %u bytes, direction %u", event->ifindex,
		       event->length, event->direction);
	if (event->ether_type != ether_type)
		refute(trial, "event of ether type %#x", ntohs(event->ether_type));
	if (event->time < begin || event->time > now())
		refute(trial, "event of another time");
	check_captured(trial, event);
}

static void check_event_count(const struct trial *trial, unsigned int denies, unsigned int flows)
{
	bool allows = rf_reason_allows(trial->expected->reason);

	if (denies != is_reported_deny(trial->expected))
		refute(trial, "%u deny events", denies);
	if (flows != (allows && trial->expected->logged))
		refute(trial, "%u flow events", flows);
}

static void run(const struct trial *trial)
{
	bool passes = rf_reason_allows(trial->expected->reason) || trial->expected->audited;
	struct programs *programs = trial->programs;
	struct rf_pod_counters before = counters(trial);
	unsigned int denies = programs->events, flows = programs->flow_events;
	uint64_t begin = now();

	if (programs_pass_bytes(programs, trial->direction, trial->bytes, trial->length,
				trial->expected->from_node ? PROGRAMS_NODE : PROGRAMS_FORWARDED) !=
	    passes)
		refute(trial, "%s by %s", passes ? "denied" : "allowed",
		       passes ? rf_reason_name(programs->event.reason) : "the programs");
	check_counters(trial, &before);
	check_event_count(trial, programs->events - denies, programs->flow_events - flows);
	if (is_reported(trial->expected))
		check_event(trial, begin);
}

void verdict_of_bytes(struct programs *programs, enum rf_direction direction, const void *bytes,
		      size_t length, const struct verdict *expected, const char *file, int line)
{
	run(&(const struct trial){programs, expected, direction, bytes, length, file, line});
}

static bool is_icmp(const struct packet_spec *packet)
{
	return packet->protocol == IPPROTO_ICMP || packet->protocol == IPPROTO_ICMPV6;
}

static bool is_echo(const struct packet_spec *packet, bool request)
{
	uint8_t type = packet->protocol == IPPROTO_ICMP ? (request ? 8 : 0) : (request ? 128 : 129);

	return is_icmp(packet) && packet->icmp_type == type && !packet->icmp_code;
}

/* The key as bpf/abi.h defines it. */
static struct rf_flow_key key_of(const struct packet_spec *packet, enum rf_direction direction)
{
	bool out = direction == RF_EGRESS;
	const struct in6_addr *pod = out ? &packet->source : &packet->destination;
	const struct in6_addr *peer = out ? &packet->destination : &packet->source;
	struct rf_flow_key key = {.protocol = packet->protocol};

	memcpy(&key.pod, pod, sizeof(key.pod));
	memcpy(&key.peer, peer, sizeof(key.peer));
	if (is_echo(packet, true) || is_echo(packet, false)) {
		bool pod_pings = out == is_echo(packet, true);

		key.echo = 1 + (pod_pings ? RF_EGRESS : RF_INGRESS);
		*(pod_pings ? &key.pod_port : &key.peer_port) = htons(packet->icmp_identifier);
	} else if (!is_icmp(packet)) {
		key.pod_port = htons(out ? packet->source_port : packet->destination_port);
		key.peer_port = htons(out ? packet->destination_port : packet->source_port);
	}
	return key;
}

/* What the flow's opener asked for. */
static uint16_t service_of(const struct packet_spec *packet, bool reply)
{
	if (is_echo(packet, false) && reply)
		return packet->protocol == IPPROTO_ICMP ? 8 << 8 : 128 << 8;
	if (is_icmp(packet))
		return packet->icmp_type << 8 | packet->icmp_code;
	return reply ? packet->source_port : packet->destination_port;
}

static void check_flow(const struct trial *trial, const struct packet_spec *packet)
{
	const struct rf_event *event = event_of(trial);
	struct rf_flow_key key = key_of(packet, trial->direction);
	uint16_t service = service_of(packet, trial->expected->is_reply);

	if (memcmp(&event->flow, &key, sizeof(key)) != 0)
		refute(trial, "event of another flow: protocol %u, pod's port %u, peer's port %u",
		       event->flow.protocol, ntohs(event->flow.pod_port),
		       ntohs(event->flow.peer_port));
	if (ntohs(event->service) != service)
		refute(trial, "event of service %u instead of %u", ntohs(event->service), service);
	if (event->tcp_flags != (packet->protocol == IPPROTO_TCP && !packet->fragment_offset
					 ? packet_tcp_flags(packet)
					 : 0))
		refute(trial, "event of TCP flags %#x", event->tcp_flags);
}

/* What is decided before it is known to be a flow. */
static bool is_no_flow(enum rf_reason reason)
{
	return reason == RF_REASON_MALFORMED || reason == RF_REASON_FRAGMENT ||
	       reason == RF_REASON_ETHER_TYPE_DENY || reason == RF_REASON_SOURCE_ROUTE;
}

void verdict_of_packet(struct programs *programs, enum rf_direction direction,
		       const struct packet_spec *packet, const struct verdict *expected,
		       const char *file, int line)
{
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_build(packet, bytes, sizeof(bytes));
	const struct trial trial = {programs, expected, direction, bytes, length, file, line};

	run(&trial);
	if (is_reported(expected) && !is_no_flow(expected->reason))
		check_flow(&trial, packet);
}
