// SPDX-License-Identifier: Apache-2.0
/* The length that UDP has of its own. */
#include "test/lib/fixture.h"
#include "test/lib/fragment.h"

static const struct flow flows[] = {
	{POD_4, 80, PEER_4, 40000, IPPROTO_UDP, 0},
	{POD_6, 80, PEER_6, 40000, IPPROTO_UDP, 0},
};
#define FLOW_COUNT (sizeof(flows) / sizeof(flows[0]))

/* With 16 bytes of payload; @offset is that of the length. */
static size_t build(const struct flow *flow, bool is_first, uint8_t *bytes, size_t *offset)
{
	struct packet_spec packet = fragment_packet(flow, RF_INGRESS, 0, is_first);

	packet.payload_size = 16;
	*offset = packet_transport_offset(&packet) + 4;
	return packet_build(&packet, bytes, PACKET_MAX);
}

static void set_length(uint8_t *bytes, size_t offset, uint16_t udp_length)
{
	bytes[offset] = udp_length >> 8;
	bytes[offset + 1] = udp_length & 0xff;
}

/* What UDP leaves of the packet belongs to its options (RFC 9868). */
static void it_covers_the_header_and_is_no_more_than_there_is(void **state)
{
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		size_t offset, length = build(&flows[i], false, bytes, &offset);

		for (uint16_t has = 0; has < 32; has++) {
			set_length(bytes, offset, has);
			if (has < 8 || has > 24)
				assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length,
							MALFORMED);
			else if (has == 8)
				assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length,
							DEFAULT_ALLOW);
			else
				assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length,
							SESSION);
		}
		set_length(bytes, offset, 0xffff);
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
	}
}

/* Of a super-packet too it is the length of the whole. */
static void a_super_packet_is_no_exception(void **state)
{
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];

	programs->segment_size = 16;
	for (size_t i = 0; i < FLOW_COUNT; i++) {
		size_t offset, length = build(&flows[i], false, bytes, &offset);

		set_length(bytes, offset, 25);
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
		set_length(bytes, offset, 0);
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
		set_length(bytes, offset, 24);
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, DEFAULT_ALLOW);
	}
}

/* The others are still to come. */
static void a_first_fragment_has_the_length_of_the_whole(void **state)
{
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		size_t offset, length = build(&flows[i], true, bytes, &offset);

		set_length(bytes, offset, 7);
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
		set_length(bytes, offset, 60000);
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, DEFAULT_ALLOW);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(it_covers_the_header_and_is_no_more_than_there_is),
		FIXTURE_TEST(a_super_packet_is_no_exception),
		FIXTURE_TEST(a_first_fragment_has_the_length_of_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
