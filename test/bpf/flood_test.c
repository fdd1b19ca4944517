// SPDX-License-Identifier: Apache-2.0
/* Floods of flows that nobody answers, against those that are at work. */
#include "test/lib/fixture.h"

#include <stdio.h>
#include <string.h>

#define ESTABLISHED 1000
#define FLOOD       50000

static int setup(void **state)
{
	static const char *const addresses[] = {POD_4, POD_6, NULL};
	const struct rf_map_sizes sizes = {.sessions = 4096, .half_open = 4096};
	struct programs *programs = programs_load(&sizes);

	programs_add_pod(programs, POD_ID, addresses, RF_POD_ANTI_SPOOF, INGRESS_ONLY);
	*state = programs;
	return 0;
}

static struct flow established(uint16_t number)
{
	return (struct flow){POD_4, 80, PEER_4, 10000 + number, IPPROTO_TCP, 0};
}

static void establish(struct programs *programs)
{
	for (uint16_t i = 0; i < ESTABLISHED; i++) {
		struct flow flow = established(i);
		struct packet_spec syn = flow_packet(&flow, RF_INGRESS, TCP_SYN);
		struct packet_spec answer = flow_packet(&flow, RF_EGRESS, TCP_SYN_ACK);
		struct packet_spec ack = flow_packet(&flow, RF_INGRESS, TCP_ACK);

		assert_true(programs_pass(programs, RF_INGRESS, &syn, PROGRAMS_FORWARDED));
		assert_true(programs_pass(programs, RF_EGRESS, &answer, PROGRAMS_FORWARDED));
		assert_true(programs_pass(programs, RF_INGRESS, &ack, PROGRAMS_FORWARDED));
	}
}

/* Egress denies: what of these is lost is denied, since only its session lets the pod answer. */
static void assert_all_established(struct programs *programs)
{
	for (uint16_t i = 0; i < ESTABLISHED; i++) {
		struct flow flow = established(i);

		assert_flow(programs, &flow, RF_EGRESS, TCP_ACK, SESSION);
	}
}

/* Packet @number of a flood: of another address and port each time. */
static struct packet_spec flood_packet(uint8_t protocol, uint8_t tcp_flags, uint32_t number)
{
	char peer[INET_ADDRSTRLEN];
	const struct flow flow = {POD_4, 80, peer, 1024 + number % 50000, protocol, RF_INGRESS};

	snprintf(peer, sizeof(peer), "198.18.%u.%u", number >> 8 & 0xff, number & 0xff);
	return flow_packet(&flow, RF_INGRESS, tcp_flags);
}

static void pass(struct programs *programs, enum rf_direction direction,
		 const struct packet_spec *packet)
{
	assert_true(programs_pass(programs, direction, packet, PROGRAMS_FORWARDED));
}

static void a_flood_of_syns_evicts_no_established_session(void **state)
{
	struct programs *programs = *state;

	establish(programs);
	for (uint32_t i = 0; i < FLOOD; i++) {
		struct packet_spec packet = flood_packet(IPPROTO_TCP, TCP_SYN, i);

		pass(programs, RF_INGRESS, &packet);
	}
	assert_true(flow_session_count(programs, RF_MAP_HALF_OPEN) <= 4096);
	assert_int_equal(flow_session_count(programs, RF_MAP_SESSIONS), ESTABLISHED);
	assert_all_established(programs);
}

static void a_flood_of_datagrams_and_echoes_evicts_no_established_session(void **state)
{
	static const uint8_t protocols[] = {IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMP};
	struct programs *programs = *state;

	establish(programs);
	for (uint32_t i = 0; i < FLOOD; i++) {
		struct packet_spec packet = flood_packet(protocols[i % 3], 0, i);

		pass(programs, RF_INGRESS, &packet);
	}
	assert_int_equal(flow_session_count(programs, RF_MAP_SESSIONS), ESTABLISHED);
	assert_all_established(programs);
}

/* Of closed ports, which answer each SYN by a reset; of open ones, left half-open by the scanner;
 * and one that follows its SYN up by itself. */
static void a_scan_evicts_no_established_session(void **state)
{
	struct programs *programs = *state;

	establish(programs);
	for (uint32_t i = 0; i < FLOOD / 2; i++) {
		struct packet_spec packet = flood_packet(IPPROTO_TCP, TCP_SYN, i);
		struct packet_spec answer = packet, last = packet;

		answer.source = packet.destination;
		answer.destination = packet.source;
		answer.source_port = packet.destination_port;
		answer.destination_port = packet.source_port;
		answer.tcp_flags = i % 3 ? TCP_RST | TCP_ACK : TCP_SYN_ACK;
		last.tcp_flags = i % 3 == 1 ? TCP_FIN_ACK : TCP_RST;
		pass(programs, RF_INGRESS, &packet);
		if (i % 3 < 2)
			pass(programs, RF_EGRESS, &answer);
		pass(programs, RF_INGRESS, &last);
	}
	assert_int_equal(flow_session_count(programs, RF_MAP_SESSIONS), ESTABLISHED);
	assert_all_established(programs);
}

/* They do not get as far as a map. */
static void a_flood_that_is_denied_leaves_nothing(void **state)
{
	struct programs *programs = *state;

	establish(programs);
	for (uint32_t i = 0; i < FLOOD / 10; i++) {
		struct packet_spec packet = flood_packet(IPPROTO_TCP, TCP_SYN, i);
		struct in6_addr peer = packet.source;

		packet.source = packet.destination;
		packet.destination = peer;
		assert_false(programs_pass(programs, RF_EGRESS, &packet, PROGRAMS_FORWARDED));
	}
	assert_int_equal(flow_session_count(programs, RF_MAP_HALF_OPEN), 0);
	assert_int_equal(programs_count(programs, POD_ID, RF_EGRESS, RF_REASON_DEFAULT_DENY),
			 FLOOD / 10);
	assert_all_established(programs);
}

#define FLOOD_TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FLOOD_TEST(a_flood_of_syns_evicts_no_established_session),
		FLOOD_TEST(a_flood_of_datagrams_and_echoes_evicts_no_established_session),
		FLOOD_TEST(a_scan_evicts_no_established_session),
		FLOOD_TEST(a_flood_that_is_denied_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
