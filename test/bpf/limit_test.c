// SPDX-License-Identifier: Apache-2.0
/* What a pod may use of the node: sessions, and how fast its flows begin. */
#include "test/lib/census.h"
#include "test/lib/fixture.h"

#include <bpf/bpf.h>
#include <time.h>

#define LIMIT 5
#define BURST 10

static void set_limits(struct programs *programs, uint32_t id, uint32_t flag,
		       const struct rf_pod_limits *limits)
{
	assert_int_equal(bpf_map_update_elem(programs->objects.maps[RF_MAP_POD_LIMITS], &id, limits,
					     BPF_ANY),
			 0);
	programs->objects.pod_state[id].flags |= flag;
}

static void limit_sessions(struct programs *programs)
{
	const struct rf_pod_limits limits = {.sessions = LIMIT};

	set_limits(programs, POD_ID, RF_POD_LIMIT_SESSIONS, &limits);
}

/* The @number-th of many flows with the pod; TCP and UDP in turn. */
static struct flow numbered(uint16_t number)
{
	return (struct flow){
		POD_4, 40000 + number, PEER_4, 80, number % 2 ? IPPROTO_UDP : IPPROTO_TCP, 0};
}

/* Either side opens some, until the pod has as many as it may. */
static void fill(struct programs *programs)
{
	limit_sessions(programs);
	for (uint16_t i = 0; i < LIMIT; i++) {
		struct flow flow = numbered(i);

		assert_flow(programs, &flow, i < 2 ? RF_INGRESS : RF_EGRESS, TCP_SYN,
			    DEFAULT_ALLOW);
	}
}

static void a_pod_at_its_limit_gets_no_more_sessions_from_either_side(void **state)
{
	struct programs *programs = *state;

	fill(programs);
	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		for (uint16_t i = 0; i < 2; i++) {
			struct flow flow = numbered(LIMIT + i);

			assert_flow(programs, &flow, direction, TCP_SYN, SESSION_LIMIT);
			assert_true(flow_has_no_session(programs, &flow));
		}
	assert_int_equal(census_counted(programs, RF_CENSUS_POD(POD_ID)), LIMIT);
	assert_int_equal(census_counted(programs, RF_CENSUS_HALF_OPEN), LIMIT);
}

static void the_sessions_of_a_pod_at_its_limit_go_on(void **state)
{
	const struct flow flow = numbered(0);
	struct programs *programs = *state;

	fill(programs);
	assert_flow(programs, &flow, RF_EGRESS, TCP_SYN_ACK, SESSION);
	assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, SESSION);
	assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, &flow), RF_STATE_ESTABLISHED);
	assert_flow(programs, &flow, RF_EGRESS, TCP_ACK, SESSION);
}

/* A session that ends makes room, by its timeout; and sooner if its flow is opened again. */
static void the_limit_is_free_again_when_sessions_have_ended(void **state)
{
	const struct flow next = numbered(LIMIT), closed = numbered(0);
	struct programs *programs = *state;

	fill(programs);
	assert_flow(programs, &closed, RF_EGRESS, TCP_SYN_ACK, SESSION);
	assert_flow(programs, &closed, RF_INGRESS, TCP_ACK, SESSION);
	assert_flow(programs, &next, RF_EGRESS, 0, SESSION_LIMIT);
	assert_flow(programs, &closed, RF_EGRESS, TCP_FIN_ACK, SESSION);
	assert_flow(programs, &closed, RF_INGRESS, TCP_FIN_ACK, SESSION);
	assert_flow(programs, &closed, RF_EGRESS, TCP_ACK, SESSION);
	assert_flow(programs, &closed, RF_INGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_flow(programs, &next, RF_EGRESS, 0, SESSION_LIMIT);
	census_pass(programs, census_slices(30) + 2);
	for (uint16_t i = 0; i < LIMIT; i++) {
		struct flow flow = numbered(LIMIT + i);

		assert_flow(programs, &flow, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	}
	assert_flow(programs, &closed, RF_EGRESS, TCP_SYN, SESSION_LIMIT);
}

/* What makes no session needs none. */
static void messages_without_a_session_are_not_limited(void **state)
{
	struct programs *programs = *state;
	const struct packet_spec message = {
		.source = packet_address(PEER_4),
		.destination = packet_address(POD_4),
		.protocol = IPPROTO_ICMP,
		.icmp_type = 13,
	};

	fill(programs);
	assert_verdict(programs, RF_INGRESS, &message, DEFAULT_ALLOW);
}

static void the_node_itself_is_not_limited_but_counted(void **state)
{
	const struct rf_pod_limits limits = {
		.sessions = LIMIT, .new_flows_per_second = 1, .new_flows_burst = 1};
	struct programs *programs = *state;

	fill(programs);
	set_limits(programs, POD_ID, RF_POD_LIMIT_NEW_FLOWS, &limits);
	for (uint16_t i = 0; i < 3; i++) {
		struct flow flow = numbered(LIMIT + i);
		struct packet_spec packet = flow_packet(&flow, RF_INGRESS, TCP_SYN);

		assert_verdict(programs, RF_INGRESS, &packet, HOST_ACCESS, .from_node = true);
	}
	assert_int_equal(census_counted(programs, RF_CENSUS_POD(POD_ID)), LIMIT + 3);
}

static void another_pod_does_not_notice(void **state)
{
	const struct rf_pod_limits limits = {
		.sessions = LIMIT, .new_flows_per_second = 1, .new_flows_burst = 1};
	struct programs *programs = *state;

	fill(programs);
	set_limits(programs, POD_ID, RF_POD_LIMIT_NEW_FLOWS, &limits);
	fixture_add_other_pod(programs, RF_POD_ANTI_SPOOF, ALLOW_ALL);
	for (uint16_t i = 0; i < 4 * BURST; i++) {
		const struct flow flow = {OTHER_POD_4, 40000 + i, PEER_4, 80, IPPROTO_TCP, 0};

		assert_flow(programs, &flow, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW,
			    .pod = OTHER_POD_ID);
	}
	assert_int_equal(census_counted(programs, RF_CENSUS_POD(OTHER_POD_ID)), 4 * BURST);
}

static uint64_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec;
}

/* How many of @count new flows may begin. */
static uint16_t begin_flows(struct programs *programs, uint16_t first, uint16_t count)
{
	uint16_t passed = 0;

	for (uint16_t i = 0; i < count; i++) {
		struct flow flow = numbered(first + i);
		struct packet_spec packet = flow_packet(&flow, i % 2, TCP_SYN);

		passed += programs_pass(programs, i % 2, &packet, PROGRAMS_FORWARDED);
	}
	return passed;
}

static void flows_begin_no_faster_than_the_pods_rate(void **state)
{
	const struct rf_pod_limits limits = {.new_flows_per_second = 1, .new_flows_burst = BURST};
	const uint32_t index = RF_BUCKET(POD_ID, RF_BUCKET_NEW_FLOWS);
	const struct rf_bucket full = {};
	struct programs *programs = *state;
	uint64_t start = seconds();
	uint16_t passed;

	set_limits(programs, POD_ID, RF_POD_LIMIT_NEW_FLOWS, &limits);
	passed = begin_flows(programs, 0, 100);
	assert_in_range(passed, BURST, BURST + 1 + seconds() - start);
	assert_int_equal(programs->event.reason, RF_REASON_NEW_FLOW_RATE);
	assert_int_equal(
		programs_count(programs, POD_ID, RF_INGRESS, RF_REASON_NEW_FLOW_RATE) +
			programs_count(programs, POD_ID, RF_EGRESS, RF_REASON_NEW_FLOW_RATE),
		100 - passed);
	assert_int_equal(census_counted(programs, RF_CENSUS_POD(POD_ID)), passed);
	/* As after a silence. */
	assert_int_equal(
		bpf_map_update_elem(programs->objects.maps[RF_MAP_BUCKETS], &index, &full, BPF_ANY),
		0);
	start = seconds();
	passed = begin_flows(programs, 100, 100);
	assert_in_range(passed, BURST, BURST + 1 + seconds() - start);
}

static void packets_of_flows_that_have_begun_are_not_slowed(void **state)
{
	const struct rf_pod_limits limits = {.new_flows_per_second = 1, .new_flows_burst = 1};
	const struct flow flow = numbered(0);
	struct programs *programs = *state;

	set_limits(programs, POD_ID, RF_POD_LIMIT_NEW_FLOWS, &limits);
	assert_handshake(programs, &flow, RF_EGRESS, DEFAULT_ALLOW);
	for (int i = 0; i < 20; i++)
		assert_flow(programs, &flow, i % 2, TCP_ACK, SESSION);
}

static void what_the_policy_denies_takes_nothing_of_the_rate(void **state)
{
	const struct rf_pod_limits limits = {.new_flows_per_second = 1, .new_flows_burst = 1};
	const struct flow allowed = numbered(20);
	struct programs *programs = *state;

	set_limits(programs, POD_ID, RF_POD_LIMIT_NEW_FLOWS, &limits);
	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (uint16_t i = 0; i < 20; i++) {
		struct flow denied = numbered(i);

		assert_flow(programs, &denied, RF_EGRESS, TCP_SYN, DEFAULT_DENY);
	}
	programs_set_policy(programs, POD_ID, ALLOW_ALL);
	assert_flow(programs, &allowed, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
}

/* The limits of an element whose flag is not set are not read. */
static void without_the_flags_nothing_is_limited(void **state)
{
	const struct rf_pod_limits limits = {
		.sessions = 1, .new_flows_per_second = 1, .new_flows_burst = 1};
	struct programs *programs = *state;

	set_limits(programs, POD_ID, 0, &limits);
	assert_int_equal(begin_flows(programs, 0, 50), 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_pod_at_its_limit_gets_no_more_sessions_from_either_side),
		FIXTURE_TEST(the_sessions_of_a_pod_at_its_limit_go_on),
		FIXTURE_TEST(the_limit_is_free_again_when_sessions_have_ended),
		FIXTURE_TEST(messages_without_a_session_are_not_limited),
		FIXTURE_TEST(the_node_itself_is_not_limited_but_counted),
		FIXTURE_TEST(another_pod_does_not_notice),
		FIXTURE_TEST(flows_begin_no_faster_than_the_pods_rate),
		FIXTURE_TEST(packets_of_flows_that_have_begun_are_not_slowed),
		FIXTURE_TEST(what_the_policy_denies_takes_nothing_of_the_rate),
		FIXTURE_TEST(without_the_flags_nothing_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
