// SPDX-License-Identifier: Apache-2.0
/* Events, where they are more than one packet's: what they carry, their rates, and what is lost. */
#include "dataplane/counters.h"
#include "test/lib/fixture.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <time.h>

#define FLOOD 100000 /* more events than a ring holds */

/* A ring, what is reported in it under `policy`, and the rates that concern it. */
struct kind {
	enum rf_event_ring ring;
	uint8_t icmp_type; /* of an ICMP message that makes no session, so that each is reported */
	enum rf_reason reason;
	enum rf_bucket_kind bucket;
	struct rf_settings settings;
};

static const char policy[] =
	"{\"ingress\": {\"default\": \"deny\", \"rules\": [{\"id\": 7, \"action\": \"log\", "
	"\"protocol\": \"icmp\", \"ports\": [\"13\"]}]}}";

static const struct kind denies = {
	.ring = RF_EVENTS_DENIES,
	.icmp_type = 17,
	.reason = RF_REASON_DEFAULT_DENY,
	.bucket = RF_BUCKET_DENY_EVENTS,
	.settings = {.deny_events_per_second = 5},
};
static const struct kind flows = {
	.ring = RF_EVENTS_FLOWS,
	.icmp_type = 13,
	.reason = RF_REASON_RULE_ALLOW,
	.bucket = RF_BUCKET_FLOW_EVENTS,
	.settings = {.flow_events_per_second = 5},
};
static const struct kind *const kinds[] = {&denies, &flows};
static const struct rf_settings five_each = {.deny_events_per_second = 5,
					     .flow_events_per_second = 5};

static int setup(void **state)
{
	fixture_setup(state);
	programs_set_policy(*state, POD_ID, policy);
	return 0;
}

static struct packet_spec packet_of(const struct kind *kind, const char *pod)
{
	return (struct packet_spec){
		.source = packet_address(PEER_4),
		.destination = packet_address(pod),
		.protocol = IPPROTO_ICMP,
		.icmp_type = kind->icmp_type,
	};
}

static unsigned int events(const struct programs *programs, const struct kind *kind)
{
	return kind == &denies ? programs->events : programs->flow_events;
}

/* How many events one more packet of @kind makes. */
static unsigned int report(struct programs *programs, const struct kind *kind, const char *pod)
{
	const struct packet_spec packet = packet_of(kind, pod);
	unsigned int before = events(programs, kind);

	assert_int_equal(programs_pass(programs, RF_INGRESS, &packet, PROGRAMS_FORWARDED),
			 rf_reason_allows(kind->reason));
	return events(programs, kind) - before;
}

/* A packet of @kind @count times in one run, while nobody reads the events. */
static void report_unread(const struct programs *programs, const struct kind *kind, int count)
{
	const struct packet_spec packet = packet_of(kind, POD_4);
	struct __sk_buff context = {
		.ifindex = PROGRAMS_IFINDEX,
		.ingress_ifindex = PROGRAMS_FORWARDED,
	};
	uint8_t bytes[PACKET_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = bytes,
		    .data_size_in = packet_build(&packet, bytes, sizeof(bytes)), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = count);

	assert_int_equal(bpf_prog_test_run_opts(programs->objects.programs[RF_INGRESS], &options),
			 0);
}

static void read_events(const struct programs *programs)
{
	assert_true(ring_buffer__consume(programs->denies) >= 0);
	assert_true(ring_buffer__consume(programs->flows) >= 0);
}

static struct rf_events_lost lost(const struct programs *programs, uint32_t pod)
{
	struct rf_events_lost lost;

	assert_int_equal(rf_events_lost_read(&programs->objects, pod, &lost), 0);
	return lost;
}

/* Let the pod have had its events of @kind for hours to come. */
static void exhaust(const struct programs *programs, uint32_t pod, const struct kind *kind)
{
	uint32_t index = RF_BUCKET(pod, kind->bucket);
	struct rf_bucket bucket = {};
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	bucket.full_at = ((uint64_t)now.tv_sec + 10000) * 1000000000;
	assert_int_equal(bpf_map_update_elem(programs->objects.maps[RF_MAP_BUCKETS], &index,
					     &bucket, BPF_ANY),
			 0);
}

static void the_event_of_a_rule_names_it(void **state)
{
	static const char largest[] =
		"{\"ingress\": {\"default\": \"allow\", \"rules\": [{\"id\": 4294967295, "
		"\"action\": \"deny\", \"protocol\": \"tcp\", \"ports\": [\"80\"]}]}}";
	const struct flow flow = {POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};
	const struct flow flow_6 = {POD_6, 80, PEER_6, 40000, IPPROTO_TCP, 0};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, largest);
	assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 4294967295);
	assert_flow(programs, &flow_6, RF_INGRESS, TCP_SYN | 8, RULE_DENY, .rule = 4294967295);
}

/* 42 bytes are headers. That the bytes are the packet's is what any verdict asserts. */
static void an_event_holds_as_much_of_the_packet_as_it_has_room_for(void **state)
{
	static const size_t payloads[] = {
		0, 1, RF_EVENT_BYTES - 42 - 1, RF_EVENT_BYTES - 42, RF_EVENT_BYTES - 42 + 1, 1400};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		struct packet_spec packet = packet_of(&denies, POD_4);

		packet.payload_size = payloads[i];
		assert_verdict(programs, RF_INGRESS, &packet, DEFAULT_DENY);
		assert_int_equal(programs->event.captured, payloads[i] < RF_EVENT_BYTES - 42
								   ? 42 + payloads[i]
								   : RF_EVENT_BYTES);
	}
	assert_verdict_of_bytes(programs, RF_EGRESS, "0123456789AB\x88\xcc", 14, ETHER_TYPE_DENY);
	assert_int_equal(programs->event.captured, 14);
}

/* Nor does it push out those of the other ring. */
static void a_full_ring_loses_events_but_no_verdict_and_counts_them(void **state)
{
	struct programs *programs = *state;

	for (int i = 0; i < 2; i++) {
		const struct kind *kind = kinds[i], *other = kinds[!i];
		unsigned int before = events(programs, kind), read;
		unsigned int others = events(programs, other);
		uint64_t counted = programs_count(programs, POD_ID, RF_INGRESS, kind->reason);

		report_unread(programs, kind, FLOOD);
		report_unread(programs, other, 1);
		read_events(programs);
		assert_int_equal(events(programs, other), others + 1);
		read = events(programs, kind) - before;
		assert_true(read > 0);
		assert_int_equal(read + lost(programs, POD_ID).full[kind->ring], FLOOD);
		assert_true(lost(programs, POD_ID).full[kind->ring] > 0);
		assert_int_equal(lost(programs, POD_ID).limited[kind->ring], 0);
		assert_int_equal(programs_count(programs, POD_ID, RF_INGRESS, kind->reason),
				 counted + FLOOD);
		/* As soon as it is read it takes events again. */
		assert_int_equal(report(programs, kind, POD_4), 1);
	}
}

static void events_beyond_the_rate_are_lost_and_counted(void **state)
{
	struct programs *programs = *state;

	for (int i = 0; i < 2; i++) {
		const struct kind *kind = kinds[i];
		unsigned int before = events(programs, kind), read;

		programs_set_rates(programs, &kind->settings);
		report_unread(programs, kind, FLOOD);
		read_events(programs);
		read = events(programs, kind) - before;
		assert_true(read >= 5);
		assert_true(lost(programs, POD_ID).limited[kind->ring] > 0);
		assert_int_equal(read + lost(programs, POD_ID).limited[kind->ring], FLOOD);
		assert_int_equal(lost(programs, POD_ID).full[kind->ring], 0);
	}
}

static void a_rate_spares_the_other_ring(void **state)
{
	struct programs *programs = *state;

	programs_set_rates(programs, &five_each);
	exhaust(programs, POD_ID, &denies);
	assert_int_equal(report(programs, &denies, POD_4), 0);
	assert_int_equal(report(programs, &flows, POD_4), 1);
	exhaust(programs, POD_ID, &flows);
	assert_int_equal(report(programs, &flows, POD_4), 0);
	assert_int_equal(lost(programs, POD_ID).limited[RF_EVENTS_DENIES], 1);
	assert_int_equal(lost(programs, POD_ID).limited[RF_EVENTS_FLOWS], 1);
}

static void a_rate_is_of_each_pod(void **state)
{
	struct programs *programs = *state;

	programs_set_rates(programs, &five_each);
	fixture_add_other_pod(programs, RF_POD_ANTI_SPOOF, policy);
	for (int i = 0; i < 2; i++) {
		const struct kind *kind = kinds[i];

		exhaust(programs, OTHER_POD_ID, kind);
		assert_int_equal(report(programs, kind, OTHER_POD_4), 0);
		assert_int_equal(lost(programs, OTHER_POD_ID).limited[kind->ring], 1);
		programs_move_pod(programs, POD_ID, PROGRAMS_IFINDEX);
		assert_int_equal(report(programs, kind, POD_4), 1);
		assert_int_equal(lost(programs, POD_ID).limited[kind->ring], 0);
		programs_move_pod(programs, OTHER_POD_ID, PROGRAMS_IFINDEX);
	}
}

/* All interfaces without a pod share one. */
static void what_no_pod_is_known_for_has_a_rate_too(void **state)
{
	struct programs *programs = *state;

	programs_set_rates(programs, &five_each);
	programs_move_pod(programs, POD_ID, PROGRAMS_ELSEWHERE);
	assert_int_equal(report(programs, &denies, POD_4), 1);
	exhaust(programs, 0, &denies);
	assert_int_equal(report(programs, &denies, POD_4), 0);
	assert_int_equal(lost(programs, 0).limited[RF_EVENTS_DENIES], 1);
}

static void a_rate_of_0_is_no_limit_from_the_next_packet_on(void **state)
{
	struct programs *programs = *state;

	for (int i = 0; i < 2; i++) {
		programs_set_rates(programs, &five_each);
		exhaust(programs, POD_ID, kinds[i]);
		assert_int_equal(report(programs, kinds[i], POD_4), 0);
		programs_set_rates(programs, &(const struct rf_settings){});
		assert_int_equal(report(programs, kinds[i], POD_4), 1);
	}
}

#define EVENT_TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EVENT_TEST(the_event_of_a_rule_names_it),
		EVENT_TEST(an_event_holds_as_much_of_the_packet_as_it_has_room_for),
		EVENT_TEST(a_full_ring_loses_events_but_no_verdict_and_counts_them),
		EVENT_TEST(events_beyond_the_rate_are_lost_and_counted),
		EVENT_TEST(a_rate_spares_the_other_ring),
		EVENT_TEST(a_rate_is_of_each_pod),
		EVENT_TEST(what_no_pod_is_known_for_has_a_rate_too),
		EVENT_TEST(a_rate_of_0_is_no_limit_from_the_next_packet_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
