// SPDX-License-Identifier: Apache-2.0
/* Super-packets are counted as what they are on the wire: each segment has headers of its own. */
#include "test/lib/fixture.h"

#include <string.h>

#define SEGMENT 100 /* bytes of payload */

static const struct flow flows[] = {
	{POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0},
	{POD_6, 80, PEER_6, 40000, IPPROTO_TCP, 0},
	{POD_4, 80, PEER_4, 40000, IPPROTO_UDP, 0},
	{POD_6, 80, PEER_6, 40000, IPPROTO_UDP, 0},
};
#define FLOW_COUNT (sizeof(flows) / sizeof(flows[0]))

static struct packet_spec super_packet(const struct flow *flow, enum rf_direction direction,
				       size_t payload)
{
	struct packet_spec packet = flow_packet(flow, direction, TCP_ACK);

	packet.payload_size = payload;
	return packet;
}

static uint32_t headers_of(const struct packet_spec *packet)
{
	return packet_transport_offset(packet) +
	       (packet->protocol == IPPROTO_TCP ? 20 + 4 * packet->tcp_option_words : 8);
}

static void each_segment_is_a_packet_with_headers(void **state)
{
	static const size_t payloads[] = {0, 1, 99, 100, 101, 200, 201, 999, 1000, 1001};
	static const uint32_t segments[] = {1, 1, 1, 1, 2, 2, 3, 10, 10, 11};
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		programs->segment_size = 0;
		assert_handshake(programs, &flows[i], RF_INGRESS, DEFAULT_ALLOW);
		programs->segment_size = SEGMENT;
		for (size_t k = 0; k < sizeof(payloads) / sizeof(payloads[0]); k++)
			for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
				struct packet_spec packet =
					super_packet(&flows[i], direction, payloads[k]);

				packet.tcp_option_words = 3;
				packet.tags[0] = k % 2 ? 0x8100 : 0;
				assert_verdict(programs, direction, &packet, SESSION,
					       .segments = segments[k],
					       .headers = headers_of(&packet));
			}
	}
}

static void a_new_flow_and_a_deny_are_counted_alike(void **state)
{
	struct programs *programs = *state;

	programs->segment_size = SEGMENT;
	for (size_t i = 0; i < FLOW_COUNT; i++) {
		struct packet_spec packet = super_packet(&flows[i], RF_INGRESS, 250);
		uint32_t headers = headers_of(&packet);
		struct rf_session session;

		programs_set_policy(programs, POD_ID, DENY_ALL);
		assert_verdict(programs, RF_INGRESS, &packet, DEFAULT_DENY, .segments = 3,
			       .headers = headers);
		programs_set_policy(programs, POD_ID, ALLOW_ALL);
		assert_verdict(programs, RF_INGRESS, &packet, DEFAULT_ALLOW, .segments = 3,
			       .headers = headers);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &flows[i], &session));
		assert_int_equal(session.packets[RF_INGRESS], 3);
		assert_int_equal(session.bytes[RF_INGRESS], 250 + 3 * headers);
		assert_verdict(programs, RF_INGRESS, &packet, SESSION, .segments = 3,
			       .headers = headers);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &flows[i], &session));
		assert_int_equal(session.packets[RF_INGRESS], 6);
		assert_int_equal(session.bytes[RF_INGRESS], 2 * (250 + 3 * headers));
	}
}

/* SCTP has segments of their own sizes; the kernel knows how many. */
static void where_the_kernel_has_counted_its_number_is_taken(void **state)
{
	const struct flow flow = {POD_4, 80, PEER_4, 40000, IPPROTO_SCTP, 0};
	struct packet_spec packet = super_packet(&flow, RF_INGRESS, 1000);
	struct programs *programs = *state;

	programs->segment_size = 0xffff;
	programs->segments = 7;
	assert_verdict(programs, RF_INGRESS, &packet, DEFAULT_ALLOW, .segments = 7,
		       .headers = packet_transport_offset(&packet) + 12);
}

/* Without flow there is no knowing what its headers are. */
static void what_is_malformed_is_counted_as_it_is(void **state)
{
	struct packet_spec packet = super_packet(&flows[0], RF_INGRESS, 1000);
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_build(&packet, bytes, sizeof(bytes));

	programs->segment_size = SEGMENT;
	bytes[packet_transport_offset(&packet) + 12] = 0;
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(each_segment_is_a_packet_with_headers),
		FIXTURE_TEST(a_new_flow_and_a_deny_are_counted_alike),
		FIXTURE_TEST(where_the_kernel_has_counted_its_number_is_taken),
		FIXTURE_TEST(what_is_malformed_is_counted_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
