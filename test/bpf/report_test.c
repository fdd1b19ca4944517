// SPDX-License-Identifier: Apache-2.0
/* Counters and deny events, where they are more than one packet's. */
#include "dataplane/counters.h"
#include "test/lib/fixture.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/pkt_cls.h>

static const struct flow flow = {POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};

/* The packet @repeat times in one run, while nobody reads the events. */
static void deny_unread(const struct programs *programs, int repeat)
{
	struct packet_spec packet = flow_packet(&flow, RF_INGRESS, TCP_SYN);
	struct __sk_buff context = {
		.ifindex = PROGRAMS_IFINDEX,
		.ingress_ifindex = PROGRAMS_FORWARDED,
	};
	uint8_t bytes[PACKET_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = bytes,
		    .data_size_in = packet_build(&packet, bytes, sizeof(bytes)), .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = repeat);

	assert_int_equal(bpf_prog_test_run_opts(programs->objects.programs[RF_INGRESS], &options),
			 0);
	assert_int_equal(options.retval, TC_ACT_SHOT);
}

static void a_full_ring_loses_events_but_no_verdict_and_counts_them(void **state)
{
	const int denied = 100000;
	struct programs *programs = *state;
	struct rf_events_lost lost;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	deny_unread(programs, denied);
	ring_buffer__consume(programs->denies);
	assert_true(programs->events > 0);
	assert_int_equal(rf_events_lost_read(&programs->objects, POD_ID, &lost), 0);
	assert_true(lost.full[RF_EVENTS_DENIES] > 0);
	assert_int_equal(programs->events + lost.full[RF_EVENTS_DENIES], denied);
	assert_int_equal(programs_count(programs, POD_ID, RF_INGRESS, RF_REASON_DEFAULT_DENY),
			 denied);
	/* As soon as it is read it takes events again. */
	assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, DEFAULT_DENY);
}

static void the_event_of_a_rule_names_it(void **state)
{
	static const char policy[] =
		"{\"ingress\": {\"default\": \"allow\", \"rules\": [{\"id\": 4294967295, "
		"\"action\": \"deny\", \"protocol\": \"tcp\", \"ports\": [\"80\"]}]}}";
	const struct flow flow_6 = {POD_6, 80, PEER_6, 40000, IPPROTO_TCP, 0};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, policy);
	assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 4294967295);
	assert_flow(programs, &flow_6, RF_INGRESS, TCP_SYN | 8, RULE_DENY, .rule = 4294967295);
}

static void counters_are_of_each_direction(void **state)
{
	struct programs *programs = *state;
	struct rf_pod_counters counters;

	assert_handshake(programs, &flow, RF_INGRESS, DEFAULT_ALLOW);
	assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, SESSION);
	assert_int_equal(rf_counters_read(&programs->objects, POD_ID, &counters), 0);
	assert_int_equal(counters.count[RF_INGRESS][RF_REASON_DEFAULT_ALLOW].packets, 1);
	assert_int_equal(counters.count[RF_INGRESS][RF_REASON_SESSION].packets, 2);
	assert_int_equal(counters.count[RF_EGRESS][RF_REASON_SESSION].packets, 1);
	assert_int_equal(counters.count[RF_EGRESS][RF_REASON_DEFAULT_ALLOW].packets, 0);
	assert_int_equal(counters.count[RF_INGRESS][RF_REASON_SESSION].bytes,
			 2 * (14 + 20 + 20 + 32));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_full_ring_loses_events_but_no_verdict_and_counts_them),
		FIXTURE_TEST(the_event_of_a_rule_names_it),
		FIXTURE_TEST(counters_are_of_each_direction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
