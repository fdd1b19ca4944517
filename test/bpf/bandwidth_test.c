// SPDX-License-Identifier: Apache-2.0
/*
 * The rate of each direction, by what is left in its bucket. Rates are so low that nothing drips
 * into it while a test runs; what time brings is told by setting the bucket's clock back.
 */
#include "test/lib/fixture.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <string.h>
#include <time.h>

#define SECOND UINT64_C(1000000000) /* in ns */
#define SIZE   150                  /* bytes of each IP packet */
#define BURST  1000                 /* bytes: of these, 7 pass */

static const struct flow flow_4 = {POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};
static const struct flow flow_6 = {POD_6, 80, PEER_6, 40000, IPPROTO_TCP, 0};
static const struct flow other_flow = {OTHER_POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};

static void limit(struct programs *programs, uint32_t pod, enum rf_direction direction,
		  uint64_t rate, uint64_t burst)
{
	int map = programs->objects.maps[RF_MAP_POD_LIMITS];
	struct rf_pod_limits limits;

	assert_int_equal(bpf_map_lookup_elem(map, &pod, &limits), 0);
	limits.rate[direction] = rate;
	limits.burst[direction] = burst;
	assert_int_equal(bpf_map_update_elem(map, &pod, &limits, BPF_ANY), 0);
	programs->objects.pod_state[pod].flags |= RF_POD_RATE(direction);
}

static struct rf_bucket bucket(const struct programs *programs, enum rf_direction direction)
{
	uint32_t index = RF_BUCKET(POD_ID, direction);
	struct rf_bucket bucket;

	assert_int_equal(
		bpf_map_lookup_elem(programs->objects.maps[RF_MAP_BUCKETS], &index, &bucket), 0);
	return bucket;
}

/* Let the bucket look as if @seconds had passed. */
static void let_pass(struct programs *programs, enum rf_direction direction, uint64_t seconds)
{
	uint32_t index = RF_BUCKET(POD_ID, direction);
	struct rf_bucket earlier = bucket(programs, direction);

	earlier.full_at =
		earlier.full_at > seconds * SECOND ? earlier.full_at - seconds * SECOND : 0;
	assert_int_equal(bpf_map_update_elem(programs->objects.maps[RF_MAP_BUCKETS], &index,
					     &earlier, BPF_EXIST),
			 0);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

/* A packet of the flow of @size bytes behind the Ethernet header. */
static struct packet_spec sized(const struct flow *flow, enum rf_direction direction, size_t size)
{
	struct packet_spec packet = flow_packet(flow, direction, TCP_ACK);
	uint8_t bytes[PACKET_MAX];

	packet.payload_size = 0;
	packet.payload_size = size + 14 - packet_build(&packet, bytes, sizeof(bytes));
	return packet;
}

#define assert_sized(programs, flow, direction, why)                                               \
	do {                                                                                       \
		const struct packet_spec of_size = sized((flow), (direction), SIZE);               \
		assert_verdict((programs), (direction), &of_size, why);                            \
	} while (0)

/* Pod 1 and its flows are there before any limit is. */
static int setup(void **state)
{
	fixture_setup(state);
	assert_handshake(*state, &flow_4, RF_INGRESS, DEFAULT_ALLOW);
	assert_handshake(*state, &flow_6, RF_INGRESS, DEFAULT_ALLOW);
	return 0;
}

static void empty(struct programs *programs, enum rf_direction direction)
{
	limit(programs, POD_ID, direction, 1, BURST);
	for (int i = 0; i < 7; i++)
		assert_sized(programs, &flow_4, direction, SESSION);
	assert_sized(programs, &flow_4, direction, BANDWIDTH);
}

static void packets_pass_until_less_than_half_of_one_is_left(void **state)
{
	struct programs *programs = *state;

	for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
		limit(programs, POD_ID, direction, 1, BURST);
		for (int i = 0; i < 7; i++)
			assert_sized(programs, i % 2 ? &flow_4 : &flow_6, direction, SESSION);
		for (int i = 0; i < 3; i++)
			assert_sized(programs, i % 2 ? &flow_4 : &flow_6, direction, BANDWIDTH);
	}
}

static void the_other_direction_and_other_pods_are_not_limited(void **state)
{
	struct programs *programs = *state;

	empty(programs, RF_EGRESS);
	for (int i = 0; i < 10; i++)
		assert_sized(programs, &flow_4, RF_INGRESS, SESSION);
	fixture_add_other_pod(programs, RF_POD_ANTI_SPOOF, ALLOW_ALL);
	assert_flow(programs, &other_flow, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW, .pod = OTHER_POD_ID);
	for (int i = 0; i < 10; i++)
		assert_flow(programs, &other_flow, RF_EGRESS, TCP_SYN, SESSION,
			    .pod = OTHER_POD_ID);
}

static void pods_have_buckets_of_their_own(void **state)
{
	struct programs *programs = *state;

	empty(programs, RF_INGRESS);
	fixture_add_other_pod(programs, RF_POD_ANTI_SPOOF, ALLOW_ALL);
	limit(programs, OTHER_POD_ID, RF_INGRESS, 1, 1);
	assert_flow(programs, &other_flow, RF_INGRESS, TCP_SYN, DEFAULT_ALLOW, .pod = OTHER_POD_ID);
	assert_flow(programs, &other_flow, RF_INGRESS, TCP_SYN, BANDWIDTH, .pod = OTHER_POD_ID);
}

/* 7 packets have taken 50 bytes more than the bucket had, and the next one needs 75: 125 seconds,
 * of which the test may be held up for many. */
static void what_was_taken_too_much_is_owed(void **state)
{
	struct programs *programs = *state;

	empty(programs, RF_INGRESS);
	let_pass(programs, RF_INGRESS, 90);
	assert_sized(programs, &flow_4, RF_INGRESS, BANDWIDTH);
	let_pass(programs, RF_INGRESS, 40);
	assert_sized(programs, &flow_4, RF_INGRESS, SESSION);
	assert_sized(programs, &flow_4, RF_INGRESS, BANDWIDTH);
}

static void a_bucket_holds_no_more_than_the_burst(void **state)
{
	struct programs *programs = *state;

	empty(programs, RF_EGRESS);
	let_pass(programs, RF_EGRESS, 100000);
	for (int i = 0; i < 7; i++)
		assert_sized(programs, &flow_4, RF_EGRESS, SESSION);
	assert_sized(programs, &flow_4, RF_EGRESS, BANDWIDTH);
}

static void a_packet_larger_than_the_burst_passes_if_the_bucket_is_full(void **state)
{
	struct packet_spec large = sized(&flow_4, RF_INGRESS, 1500);
	struct programs *programs = *state;

	limit(programs, POD_ID, RF_INGRESS, 1, 100);
	assert_verdict(programs, RF_INGRESS, &large, SESSION);
	assert_verdict(programs, RF_INGRESS, &large, BANDWIDTH);
	let_pass(programs, RF_INGRESS, 1450);
	assert_verdict(programs, RF_INGRESS, &large, BANDWIDTH);
	let_pass(programs, RF_INGRESS, 60);
	assert_verdict(programs, RF_INGRESS, &large, SESSION);
}

/* From 8 bit/s to 100 Gbit/s. The bucket tells what the packet has cost. */
static void a_packet_costs_its_time_at_the_rate(void **state)
{
	static const uint64_t rates[] = {1, 125000, 125000000, 12500000000};
	struct programs *programs = *state;
	uint64_t before, after, full_at;

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		limit(programs, POD_ID, RF_INGRESS, rates[i], UINT64_C(1) << 34);
		let_pass(programs, RF_INGRESS, 1000);
		before = now() + SIZE * SECOND / rates[i];
		assert_sized(programs, &flow_4, RF_INGRESS, SESSION);
		after = now() + SIZE * SECOND / rates[i];
		full_at = bucket(programs, RF_INGRESS).full_at;
		assert_in_range(full_at, before, after);
	}
}

static void a_packet_that_would_open_a_flow_is_limited_too(void **state)
{
	const struct flow new_flow = {POD_4, 80, PEER_4, 50000, IPPROTO_TCP, 0};
	const struct flow ping = {POD_4, 0, PEER_4, 7, IPPROTO_ICMP, RF_INGRESS};
	struct programs *programs = *state;

	empty(programs, RF_INGRESS);
	assert_flow(programs, &new_flow, RF_INGRESS, TCP_SYN, BANDWIDTH);
	assert_flow(programs, &ping, RF_INGRESS, 0, BANDWIDTH);
	let_pass(programs, RF_INGRESS, 100);
	assert_flow(programs, &new_flow, RF_INGRESS, TCP_SYN, SESSION);
}

static void what_is_denied_costs_nothing(void **state)
{
	const struct flow new_flow = {POD_4, 81, PEER_4, 50000, IPPROTO_TCP, 0};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	limit(programs, POD_ID, RF_INGRESS, 1, BURST);
	for (int i = 0; i < 10; i++)
		assert_flow(programs, &new_flow, RF_INGRESS, TCP_SYN, DEFAULT_DENY);
	assert_int_equal(bucket(programs, RF_INGRESS).full_at, 0);
}

static void what_audit_lets_pass_is_limited(void **state)
{
	struct packet_spec packet = sized(&flow_4, RF_INGRESS, SIZE);
	struct programs *programs = *state;

	empty(programs, RF_INGRESS);
	programs->objects.pod_state[POD_ID].flags |= RF_POD_AUDIT;
	programs_set_policy(programs, POD_ID, DENY_ALL);
	assert_false(programs_pass(programs, RF_INGRESS, &packet, PROGRAMS_FORWARDED));
	assert_int_equal(programs_count(programs, POD_ID, RF_INGRESS, RF_REASON_BANDWIDTH), 2);
	assert_int_equal(programs_count(programs, POD_ID, RF_INGRESS, RF_REASON_DEFAULT_DENY), 0);
	/* The flow is judged once, so this is when it is reported. */
	assert_int_equal(programs->event.reason, RF_REASON_DEFAULT_DENY);
	let_pass(programs, RF_INGRESS, 200);
	assert_sized(programs, &flow_4, RF_INGRESS, SESSION);
}

static void a_flow_whose_first_packet_is_lost_is_logged(void **state)
{
	const struct flow new_flow = {POD_4, 80, PEER_4, 50000, IPPROTO_TCP, 0};
	struct packet_spec syn = flow_packet(&new_flow, RF_INGRESS, TCP_SYN);
	struct programs *programs = *state;

	empty(programs, RF_INGRESS);
	programs_set_policy(programs, POD_ID,
			    "{\"ingress\": {\"rules\": [{\"id\": 5, \"action\": \"log\"}]}}");
	assert_false(programs_pass(programs, RF_INGRESS, &syn, PROGRAMS_FORWARDED));
	assert_int_equal(programs->flow_events, 1);
	assert_int_equal(programs->flow_event.rule, 5);
	let_pass(programs, RF_INGRESS, 100);
	assert_flow(programs, &new_flow, RF_INGRESS, TCP_SYN, SESSION);
}

/* Whether anybody has the pod's own address. */
static struct packet_spec solicit(const char *destination)
{
	static const uint8_t pod[16] = {[0] = 0xfd, [15] = 2};

	return (struct packet_spec){
		.to_group = strcmp(destination, PEER_6) != 0,
		.source = packet_address(POD_6),
		.destination = packet_address(destination),
		.protocol = IPPROTO_ICMPV6,
		.icmp_type = 135,
		.hop_limit = 255,
		.payload = pod,
		.payload_size = sizeof(pod),
	};
}

static void arp_and_neighbour_discovery_are_not_limited(void **state)
{
	/* Who has the peer's address? Tell the pod's. */
	static const uint8_t request[28] = {
		0, 1, 8, 0, 6, 4, 0, 1, [14] = 10, 0, 0, 2, [24] = 10, 0, 0, 9,
	};
	const struct packet_spec arp = {
		.ether_type = 0x0806,
		.payload = request,
		.payload_size = sizeof(request),
	};
	const struct packet_spec solicitation = solicit("ff02::1:ff00:2");
	struct programs *programs = *state;

	empty(programs, RF_EGRESS);
	assert_verdict(programs, RF_EGRESS, &arp, ETHER_TYPE_ALLOW);
	assert_verdict(programs, RF_EGRESS, &solicitation, NEIGHBOUR);
}

/* To no neighbour, so that it is judged as any flow is. */
static void discovery_that_goes_far_is_limited(void **state)
{
	const struct packet_spec solicitation = solicit(PEER_6);
	struct programs *programs = *state;

	assert_verdict(programs, RF_EGRESS, &solicitation, DEFAULT_ALLOW);
	empty(programs, RF_EGRESS);
	assert_verdict(programs, RF_EGRESS, &solicitation, BANDWIDTH);
}

static void other_ether_types_are_limited(void **state)
{
	const struct packet_spec frame = {.ether_type = 0x88b5, .payload_size = 100};
	struct programs *programs = *state;

	programs->objects.pod_state[POD_ID].ether_types[1] = htons(0x88b5);
	assert_verdict(programs, RF_EGRESS, &frame, ETHER_TYPE_ALLOW);
	empty(programs, RF_EGRESS);
	assert_verdict(programs, RF_EGRESS, &frame, BANDWIDTH);
}

static void limits_without_their_flag_do_not_apply(void **state)
{
	struct programs *programs = *state;

	empty(programs, RF_INGRESS);
	programs->objects.pod_state[POD_ID].flags &= ~RF_POD_RATE(RF_INGRESS);
	assert_sized(programs, &flow_4, RF_INGRESS, SESSION);
	assert_flow(programs, &flow_4, RF_INGRESS, TCP_ACK, SESSION);
}

#define BANDWIDTH_TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BANDWIDTH_TEST(packets_pass_until_less_than_half_of_one_is_left),
		BANDWIDTH_TEST(the_other_direction_and_other_pods_are_not_limited),
		BANDWIDTH_TEST(pods_have_buckets_of_their_own),
		BANDWIDTH_TEST(what_was_taken_too_much_is_owed),
		BANDWIDTH_TEST(a_bucket_holds_no_more_than_the_burst),
		BANDWIDTH_TEST(a_packet_larger_than_the_burst_passes_if_the_bucket_is_full),
		BANDWIDTH_TEST(a_packet_costs_its_time_at_the_rate),
		BANDWIDTH_TEST(a_packet_that_would_open_a_flow_is_limited_too),
		BANDWIDTH_TEST(what_is_denied_costs_nothing),
		BANDWIDTH_TEST(what_audit_lets_pass_is_limited),
		BANDWIDTH_TEST(a_flow_whose_first_packet_is_lost_is_logged),
		BANDWIDTH_TEST(arp_and_neighbour_discovery_are_not_limited),
		BANDWIDTH_TEST(discovery_that_goes_far_is_limited),
		BANDWIDTH_TEST(other_ether_types_are_limited),
		BANDWIDTH_TEST(limits_without_their_flag_do_not_apply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
