// SPDX-License-Identifier: Apache-2.0
/* The census where it is hard to keep: sessions that are evicted, and CPUs that race. */
#include "test/lib/census.h"
#include "test/lib/fixture.h"
#include "test/lib/prng.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MILLION  1000000
#define THREADS  4
#define FLOWS    16
#define ATTEMPTS 100000
#define LIMIT    50

#define OF_POD RF_CENSUS_POD(POD_ID)

static const uint32_t subjects[] = {RF_CENSUS_SESSIONS, RF_CENSUS_HALF_OPEN, OF_POD};

static const struct flow afterwards = {POD_4, 39999, PEER_4, 80, IPPROTO_TCP, 0};

static void run(const struct programs *programs, enum rf_direction direction,
		const struct packet_spec *packet)
{
	uint8_t bytes[PACKET_MAX];
	struct __sk_buff context = {
		.ifindex = PROGRAMS_IFINDEX,
		.ingress_ifindex = PROGRAMS_FORWARDED,
	};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = bytes,
		    .data_size_in = packet_build(packet, bytes, sizeof(bytes)), .ctx_in = &context,
		    .ctx_size_in = sizeof(context));

	/* No assertion: it would jump out of another thread's stack. */
	if (bpf_prog_test_run_opts(programs->objects.programs[direction], &options))
		abort();
}

/* Events of earlier packets, that nobody has read, do not matter. */
static void establish(const struct programs *programs, const struct flow *flow)
{
	struct packet_spec syn = flow_packet(flow, RF_EGRESS, TCP_SYN);
	struct packet_spec answer = flow_packet(flow, RF_INGRESS, TCP_SYN_ACK);
	struct packet_spec ack = flow_packet(flow, RF_EGRESS, TCP_ACK);

	run(programs, RF_EGRESS, &syn);
	run(programs, RF_INGRESS, &answer);
	run(programs, RF_EGRESS, &ack);
}

/* Nothing is counted twice, or out of nothing; and when its time has passed, nothing is left. */
static void assert_heals(struct programs *programs)
{
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		bool agrees;

		census_sum(programs, subjects[i], &agrees);
		assert_true(agrees);
	}
	/* All that there are: a CPU may have counted in one that another has just dropped. */
	census_pass(programs, RF_CENSUS_SLICES);
	establish(programs, &afterwards);
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		assert_census_sum(programs, subjects[i], subjects[i] != RF_CENSUS_HALF_OPEN);
}

static void after_a_million_evicted_flows_the_census_is_true_again(void **state)
{
	struct programs *programs = *state;
	struct packet_spec packet = flow_packet(&afterwards, RF_INGRESS, TCP_SYN);

	for (uint32_t i = 0; i < MILLION; i++) {
		packet.source.s6_addr32[3] = htonl(0xc6120000 | i >> 4);
		packet.source_port = 1024 + i % 16;
		run(programs, RF_INGRESS, &packet);
	}
	assert_true(flow_session_count(programs, RF_MAP_HALF_OPEN) <= 1024);
	/* They were alive when they were evicted. */
	assert_true(census_counted(programs, RF_CENSUS_HALF_OPEN) > 1024);
	assert_int_equal(census_counted(programs, RF_CENSUS_SESSIONS), 0);
	assert_heals(programs);
}

struct racer {
	pthread_t thread;
	const struct programs *programs;
	struct prng prng;
};

static void *send_anything(void *argument)
{
	static const uint8_t flags[] = {TCP_SYN, TCP_SYN_ACK, TCP_ACK, TCP_FIN_ACK, TCP_RST};
	struct racer *racer = argument;

	for (int i = 0; i < ATTEMPTS; i++) {
		const struct flow flow = {
			.pod = POD_4,
			.pod_port = (uint16_t)(40000 + prng_below(&racer->prng, FLOWS)),
			.peer = PEER_4,
			.peer_port = 80,
			.protocol = prng_one_in(&racer->prng, 2) ? IPPROTO_TCP : IPPROTO_UDP,
		};
		enum rf_direction direction = prng_below(&racer->prng, RF_DIRECTIONS);
		struct packet_spec packet = flow_packet(
			&flow, direction, flags[prng_below(&racer->prng, sizeof(flags))]);

		run(racer->programs, direction, &packet);
	}
	return NULL;
}

/* Let all threads do the same, each with numbers of its own. */
static void race_for(struct programs *programs, void *(*routine)(void *))
{
	struct prng prng = prng_from_environment();
	struct racer racers[THREADS];

	for (size_t i = 0; i < THREADS; i++) {
		racers[i].programs = programs;
		racers[i].prng.state = prng_next(&prng);
		assert_int_equal(pthread_create(&racers[i].thread, NULL, routine, &racers[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(racers[i].thread, NULL);
}

static void after_a_race_for_the_same_sessions_the_census_is_true_again(void **state)
{
	struct programs *programs = *state;

	race_for(programs, send_anything);
	assert_true(flow_session_count(programs, RF_MAP_SESSIONS) > 0);
	assert_heals(programs);
}

static void *open_flows(void *argument)
{
	struct racer *racer = argument;

	for (int i = 0; i < ATTEMPTS / 10; i++) {
		const struct flow flow = {
			.pod = POD_4,
			.pod_port = (uint16_t)prng_next(&racer->prng),
			.peer = PEER_4,
			.peer_port = (uint16_t)prng_next(&racer->prng),
			.protocol = IPPROTO_UDP,
		};
		struct packet_spec packet = flow_packet(&flow, RF_EGRESS, 0);

		run(racer->programs, RF_EGRESS, &packet);
	}
	return NULL;
}

static void flows_that_begin_at_once_do_not_exceed_the_limit_together(void **state)
{
	const struct rf_pod_limits limits = {.sessions = LIMIT};
	struct programs *programs = *state;
	const uint32_t id = POD_ID;

	assert_int_equal(bpf_map_update_elem(programs->objects.maps[RF_MAP_POD_LIMITS], &id,
					     &limits, BPF_ANY),
			 0);
	programs->objects.pod_state[POD_ID].flags |= RF_POD_LIMIT_SESSIONS;
	race_for(programs, open_flows);
	assert_in_range(flow_session_count(programs, RF_MAP_HALF_OPEN), 1, LIMIT);
	assert_int_equal(census_counted(programs, OF_POD),
			 flow_session_count(programs, RF_MAP_HALF_OPEN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(after_a_million_evicted_flows_the_census_is_true_again),
		FIXTURE_TEST(after_a_race_for_the_same_sessions_the_census_is_true_again),
		FIXTURE_TEST(flows_that_begin_at_once_do_not_exceed_the_limit_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
