// SPDX-License-Identifier: Apache-2.0
/* Source routes: the address that is judged would not be where the packet goes. */
#include "test/lib/fixture.h"
#include "test/lib/fragment.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>

#define ETHERNET 14
#define LOOSE    131
#define STRICT   137

static const struct flow flow_4 = {POD_4, 80, PEER_4, 40000, IPPROTO_UDP, 0};
static const struct flow flow_6 = {POD_6, 80, PEER_6, 40000, IPPROTO_UDP, 0};

/* An IPv4 packet with these options, filled up with NOP. */
static size_t with_options(const struct packet_spec *packet, const uint8_t *options, size_t size,
			   uint8_t *bytes)
{
	size_t length = packet_build(packet, bytes, PACKET_MAX);

	memcpy(bytes + ETHERNET + sizeof(struct ip), options, size);
	return length;
}

static void an_ipv4_source_route_is_denied_wherever_it_stands(void **state)
{
	static const uint8_t types[] = {LOOSE, STRICT};
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];

	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		for (size_t i = 0; i < sizeof(types); i++)
			for (size_t before = 0; before <= 40 - 7; before++) {
				struct packet_spec packet = flow_packet(&flow_4, direction, 0);
				uint8_t options[40];

				packet.option_words = 10;
				memset(options, IPOPT_NOP, sizeof(options));
				memcpy(options + before, (uint8_t[]){types[i], 7, 4, 10, 0, 0, 66},
				       7);
				assert_verdict_of_bytes(programs, direction, bytes,
							with_options(&packet, options, 40, bytes),
							SOURCE_ROUTE);
			}
}

static void it_is_found_behind_other_options(void **state)
{
	struct packet_spec packet = flow_packet(&flow_4, RF_INGRESS, 0);
	/* Router alert, record route. */
	const uint8_t options[] = {148, 4, 0, 0, 7, 7, 4, 0, 0, 0, 0, LOOSE, 7, 4, 10, 0, 0, 66};
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];

	packet.option_words = 5;
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes,
				with_options(&packet, options, sizeof(options), bytes),
				SOURCE_ROUTE);
}

/* Behind the end of the list nothing is an option any more, and its data are none. */
static void what_is_no_option_is_no_source_route(void **state)
{
	static const uint8_t lists[][8] = {
		{0, LOOSE, 7, 4, 10, 0, 0, 66},
		{148, 8, LOOSE, 7, 4, 10, 0, 0},
		{1, 1, 1, 0, STRICT, 3, 4, 0},
		{68, 4, STRICT, STRICT, 7, 3, LOOSE, 1},
	};
	struct packet_spec packet = flow_packet(&flow_4, RF_INGRESS, 0);
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];

	packet.option_words = 2;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		packet.source_port = 50000 + i;
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes,
					with_options(&packet, lists[i], 8, bytes), DEFAULT_ALLOW);
	}
}

/* No length, one that does not cover itself, one that leads out of the header. */
static void broken_options_are_malformed(void **state)
{
	static const uint8_t lists[][8] = {
		{148, 0, 1, 1, 1, 1, 1, 1},    {148, 1, 1, 1, 1, 1, 1, 1},
		{148, 9, 1, 1, 1, 1, 1, 1},    {148, 255, 1, 1, 1, 1, 1, 1},
		{1, 1, 1, 1, 1, 1, 1, 148},    {1, 1, 1, 1, 1, 1, 148, 3},
		{7, 0, LOOSE, 7, 4, 10, 0, 0},
	};
	struct packet_spec packet = flow_packet(&flow_4, RF_INGRESS, 0);
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];

	packet.option_words = 2;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes,
					with_options(&packet, lists[i], 8, bytes), MALFORMED);
}

/* Both options are copied into each fragment (RFC 791, 3.1). */
static void a_source_route_in_a_fragment_is_denied(void **state)
{
	const uint8_t options[] = {STRICT, 7, 4, 10, 0, 0, 66};
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];

	for (uint16_t offset = 0; offset < 128; offset += 64) {
		struct packet_spec packet = fragment_packet(&flow_4, RF_INGRESS, offset, true);

		packet.option_words = 2;
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes,
					with_options(&packet, options, sizeof(options), bytes),
					SOURCE_ROUTE);
	}
	assert_int_equal(fragment_count(programs), 0);
}

/* RFC 8200, 4.4: with segments left, the destination is not the last one; whatever the type. */
static void an_ipv6_routing_header_with_segments_left_is_denied(void **state)
{
	static const uint8_t extensions[] = {IPPROTO_DSTOPTS, IPPROTO_AH, IPPROTO_ROUTING};
	struct programs *programs = *state;

	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		for (unsigned int type = 0; type < 256; type += 1)
			for (uint8_t skip = 0; skip < 3; skip += 2) {
				struct packet_spec packet = flow_packet(&flow_6, direction, 0);
				size_t at = ETHERNET + 40 + (skip ? 0 : 8 + 24);
				uint8_t bytes[PACKET_MAX];
				size_t length;

				memcpy(packet.extensions, extensions + skip, 3 - skip);
				packet.extension_count = 3 - skip;
				length = packet_build(&packet, bytes, sizeof(bytes));
				bytes[at + 2] = (uint8_t)type;
				assert_true(programs_pass_bytes(programs, direction, bytes, length,
								PROGRAMS_FORWARDED));
				bytes[at + 3] = 1;
				assert_verdict_of_bytes(programs, direction, bytes, length,
							SOURCE_ROUTE);
				bytes[at + 3] = 255;
				assert_verdict_of_bytes(programs, direction, bytes, length,
							SOURCE_ROUTE);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(an_ipv4_source_route_is_denied_wherever_it_stands),
		FIXTURE_TEST(it_is_found_behind_other_options),
		FIXTURE_TEST(what_is_no_option_is_no_source_route),
		FIXTURE_TEST(broken_options_are_malformed),
		FIXTURE_TEST(a_source_route_in_a_fragment_is_denied),
		FIXTURE_TEST(an_ipv6_routing_header_with_segments_left_is_denied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
