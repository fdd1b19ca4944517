// SPDX-License-Identifier: Apache-2.0
/*
 * Packets in the forms in which a kernel holds them on a real interface: parts that are not linear,
 * super-packets, tags beside the packet.
 */
#include "test/lib/fixture.h"
#include "test/lib/fragment.h"
#include "test/lib/wire.h"

#include <string.h>

#define ETHERNET 14
#define JUMBO    8904 /* bytes of payload; more than a page, or the kernel makes all of it linear */

static const struct flow flows[] = {
	{POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0},
	{POD_6, 80, PEER_6, 40000, IPPROTO_TCP, 0},
	{POD_4, 80, PEER_4, 40000, IPPROTO_UDP, 0},
	{POD_6, 80, PEER_6, 40000, IPPROTO_UDP, 0},
};
#define FLOW_COUNT (sizeof(flows) / sizeof(flows[0]))

static int setup(void **state)
{
	static struct wire wire;
	void *programs;

	fixture_setup(&programs);
	wire_open(&wire, programs);
	*state = &wire;
	return 0;
}

static int teardown(void **state)
{
	struct wire *wire = *state;
	void *programs = wire->programs;

	wire_close(wire);
	return fixture_teardown(&programs);
}

static struct packet_spec packet_of(const struct flow *flow, enum rf_direction direction,
				    size_t payload)
{
	struct packet_spec packet = flow_packet(flow, direction, TCP_ACK);

	packet.payload_size = payload;
	return packet;
}

static size_t headers_of(const struct packet_spec *packet)
{
	return packet_transport_offset(packet) + (packet->protocol == IPPROTO_TCP ? 20 : 8);
}

#define assert_sent(wire, direction, packet, form, why, packet_count, byte_count)                  \
	do {                                                                                       \
		struct rf_count counted_ = {};                                                     \
		assert_int_equal(wire_send((wire), (direction), (packet), (form), &counted_),      \
				 RF_REASON_##why);                                                 \
		assert_int_equal(counted_.packets, (packet_count));                                \
		assert_int_equal(counted_.bytes, (byte_count));                                    \
	} while (0)

/* Wherever the linear part ends, from the Ethernet header on. */
static void headers_that_are_not_linear_are_found(void **state)
{
	const struct wire *wire = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
			struct packet_spec packet = packet_of(&flows[i], direction, JUMBO);
			size_t headers = headers_of(&packet);

			programs_set_policy(wire->programs, POD_ID, ALLOW_ALL);
			if (direction == RF_INGRESS)
				assert_sent(wire, direction, &packet, &(struct wire_form){},
					    DEFAULT_ALLOW, 1, headers + JUMBO);
			for (size_t linear = ETHERNET; linear <= headers + 1; linear += 3)
				assert_sent(wire, direction, &packet,
					    &(struct wire_form){.linear = linear}, SESSION, 1,
					    headers + JUMBO);
		}
}

static void what_is_not_linear_is_judged_by_its_ports(void **state)
{
	static const char policy[] =
		"{\"ingress\": {\"rules\": [{\"id\": 1, \"action\": \"deny\", \"protocol\": "
		"\"tcp\", "
		"\"ports\": [\"22\"]}, {\"id\": 2, \"action\": \"deny\", \"protocol\": \"udp\", "
		"\"ports\": [\"22\"]}], \"default\": \"allow\"}}";
	const struct wire *wire = *state;

	programs_set_policy(wire->programs, POD_ID, policy);
	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (size_t linear = ETHERNET; linear < 80; linear += 11) {
			struct flow flow = flows[i];
			struct packet_spec packet;
			size_t length;

			flow.peer_port = 1000 + linear;
			packet = packet_of(&flow, RF_INGRESS, JUMBO);
			length = headers_of(&packet) + JUMBO;
			assert_sent(wire, RF_INGRESS, &packet,
				    &(struct wire_form){.linear = linear}, DEFAULT_ALLOW, 1,
				    length);
			packet.destination_port = 22;
			assert_sent(wire, RF_INGRESS, &packet,
				    &(struct wire_form){.linear = linear}, RULE_DENY, 1, length);
		}
}

/* Tags, options, extension headers and fragments too. */
static void rare_headers_that_are_not_linear_are_found(void **state)
{
	const struct wire *wire = *state;
	const struct wire_form form = {.linear = ETHERNET};

	for (size_t i = 2; i < FLOW_COUNT; i++) {
		struct packet_spec packet = packet_of(&flows[i], RF_INGRESS, JUMBO);

		memcpy(packet.tags, (uint16_t[]){0x88a8, 0x8100}, 4);
		packet.option_words = 10;
		memcpy(packet.extensions, (uint8_t[]){IPPROTO_HOPOPTS, IPPROTO_DSTOPTS}, 2);
		packet.extension_count = 2;
		packet.more_fragments = true;
		assert_sent(wire, RF_INGRESS, &packet, &form, DEFAULT_ALLOW, 1,
			    headers_of(&packet) + JUMBO);
		packet.fragment_offset = JUMBO + 8;
		packet.more_fragments = false;
		assert_sent(wire, RF_INGRESS, &packet, &form, SESSION, 1,
			    packet_transport_offset(&packet) + JUMBO);
	}
}

/* To the pod before the kernel has counted the segments, from the pod behind that. */
static void super_packets_are_counted_by_segments(void **state)
{
	const struct wire *wire = *state;
	const struct wire_form form = {.segment_size = 1000};

	for (size_t i = 0; i < FLOW_COUNT && flows[i].protocol == IPPROTO_TCP; i++) {
		struct packet_spec packet = packet_of(&flows[i], RF_INGRESS, 9500);
		size_t headers = headers_of(&packet);

		assert_sent(wire, RF_INGRESS, &packet, &form, DEFAULT_ALLOW, 10,
			    9500 + 10 * headers);
		packet = packet_of(&flows[i], RF_EGRESS, 9500);
		assert_sent(wire, RF_EGRESS, &packet, &form, SESSION, 10, 9500 + 10 * headers);
	}
}

/* RFC 2675 for IPv6; Linux calls it BIG TCP, and has it for IPv4 and UDP too. */
static void beyond_64_kib_no_length_in_the_packet_tells(void **state)
{
	const struct wire *wire = *state;
	const struct wire_form form = {.segment_size = 1000, .more = 68000};

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		struct packet_spec packet = packet_of(&flows[i], RF_INGRESS, 1000);

		assert_sent(wire, RF_INGRESS, &packet, &form, DEFAULT_ALLOW, 69,
			    69000 + 69 * headers_of(&packet));
	}
}

/* From the pod the kernel takes the outer tag off before us, whatever follows it. */
static void a_tag_beside_the_packet_is_none_of_the_two_in_it(void **state)
{
	static const uint16_t tags[] = {0x88a8, 0x8100, 0x8100, 0x8100};
	const struct wire *wire = *state;
	const struct wire_form form = {};

	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (size_t count = 0; count <= PACKET_TAGS_MAX; count++) {
			struct flow flow = flows[i];
			struct packet_spec packet;
			size_t length;

			flow.peer_port += count;
			packet = packet_of(&flow, RF_EGRESS, 100);
			memcpy(packet.tags, tags, count * sizeof(tags[0]));
			length = headers_of(&packet) + 100 - (count ? 4 : 0);
			if (count <= 3)
				assert_sent(wire, RF_EGRESS, &packet, &form, DEFAULT_ALLOW, 1,
					    length);
			else
				assert_sent(wire, RF_EGRESS, &packet, &form, MALFORMED, 1, length);
		}
}

#define WIRE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WIRE_TEST(headers_that_are_not_linear_are_found),
		WIRE_TEST(what_is_not_linear_is_judged_by_its_ports),
		WIRE_TEST(rare_headers_that_are_not_linear_are_found),
		WIRE_TEST(super_packets_are_counted_by_segments),
		WIRE_TEST(beyond_64_kib_no_length_in_the_packet_tells),
		WIRE_TEST(a_tag_beside_the_packet_is_none_of_the_two_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
