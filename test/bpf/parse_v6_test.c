// SPDX-License-Identifier: Apache-2.0
/* From bytes to a flow over IPv6: extension headers, and nothing is allowed that is not whole. */
#include "test/lib/fixture.h"

#include <arpa/inet.h>
#include <netinet/ip6.h>
#include <string.h>

#define POLICY                                                                                     \
	"{\"ingress\": {\"rules\": ["                                                              \
	"{\"id\": 1, \"action\": \"allow\", \"protocol\": \"tcp\", \"ports\": [\"80\"]},"          \
	"{\"id\": 2, \"action\": \"allow\", \"protocol\": \"udp\", \"ports\": [\"80\"]},"          \
	"{\"id\": 3, \"action\": \"allow\", \"protocol\": \"sctp\", \"ports\": [\"80\"]},"         \
	"{\"id\": 4, \"action\": \"allow\", \"protocol\": \"icmpv6\", \"ports\": [\"128/0\"]},"    \
	"{\"id\": 5, \"action\": \"allow\", \"protocol\": 47}]}}"

#define ETHERNET 14
/* The shortest packet that a test run of the kernel takes (6.18 and later). */
#define SHORTEST       (ETHERNET + sizeof(struct ip6_hdr))
#define EXTENSIONS_MAX 6

static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMPV6};
static const size_t header_sizes[] = {20, 8, 12, 8};

#define PROTOCOL_COUNT sizeof(protocols)

/* A packet that the policy allows; its ports differ for each @number. */
static struct packet_spec allowed(uint8_t protocol, uint16_t number)
{
	const struct flow flow = {POD_6,    protocol == IPPROTO_ICMPV6 ? 0 : 80,
				  PEER_6,   10000 + number,
				  protocol, RF_INGRESS};

	return flow_packet(&flow, RF_INGRESS, TCP_SYN);
}

static void add_extension(struct packet_spec *packet, uint8_t type)
{
	packet->extensions[packet->extension_count++] = type;
}

static void set_payload_length(uint8_t *bytes, size_t length)
{
	uint16_t field = htons((uint16_t)length);

	memcpy(bytes + ETHERNET + offsetof(struct ip6_hdr, ip6_plen), &field, sizeof(field));
}

static void assert_found(struct programs *programs, struct packet_spec packet)
{
	assert_verdict(programs, RF_INGRESS, &packet, RULE_ALLOW);
	if (packet.protocol == IPPROTO_ICMPV6)
		packet.icmp_type = 1;
	else
		packet.destination_port = 81;
	assert_verdict(programs, RF_INGRESS, &packet, DEFAULT_DENY);
}

static void extension_headers_are_stepped_over(void **state)
{
	static const uint8_t types[] = {IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_ROUTING,
					IPPROTO_AH, IPPROTO_FRAGMENT};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, POLICY);
	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		struct packet_spec all = allowed(protocols[i], 0);

		for (size_t k = 0; k < sizeof(types); k++) {
			struct packet_spec packet = allowed(protocols[i], 1 + k);

			add_extension(&packet, types[k]);
			assert_found(programs, packet);
			add_extension(&all, types[k]);
		}
		assert_found(programs, all);
	}
}

/* RFC 6946: a fragment header of a packet that is whole. */
static void an_atomic_fragment_is_no_fragment(void **state)
{
	struct packet_spec packet = allowed(IPPROTO_UDP, 0);
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, POLICY);
	packet.fragment_id = 0x12345678;
	add_extension(&packet, IPPROTO_FRAGMENT);
	assert_found(programs, packet);
}

static void too_many_extension_headers_are_malformed(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, POLICY);
	for (uint8_t count = 1; count <= 8; count++) {
		struct packet_spec packet = allowed(IPPROTO_UDP, count);

		while (packet.extension_count < count)
			add_extension(&packet, IPPROTO_DSTOPTS);
		if (count <= EXTENSIONS_MAX)
			assert_verdict(programs, RF_INGRESS, &packet, RULE_ALLOW);
		else
			assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
	}
}

static void a_packet_that_is_cut_anywhere_is_malformed(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < PROTOCOL_COUNT; i++)
		for (uint8_t count = 0; count <= 2; count++) {
			struct packet_spec packet = allowed(protocols[i], count);
			uint8_t bytes[PACKET_MAX];
			size_t length;

			while (packet.extension_count < count)
				add_extension(&packet, packet.extension_count ? IPPROTO_AH
									      : IPPROTO_HOPOPTS);
			length = packet_build(&packet, bytes, sizeof(bytes));
			for (size_t have = SHORTEST; have < length; have++) {
				assert_verdict_of_bytes(programs, RF_INGRESS, bytes, have,
							MALFORMED);
				assert_verdict_of_bytes(programs, RF_EGRESS, bytes, have,
							MALFORMED);
			}
			assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, DEFAULT_ALLOW);
		}
}

static void padding_behind_the_packet_is_no_part_of_it(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < PROTOCOL_COUNT; i++)
		for (uint8_t count = 0; count <= 2; count++) {
			struct packet_spec packet = allowed(protocols[i], count);
			uint8_t bytes[PACKET_MAX] = {0};
			size_t length, whole;

			packet.payload_size = 0;
			while (packet.extension_count < count)
				add_extension(&packet, IPPROTO_DSTOPTS);
			length = packet_build(&packet, bytes, sizeof(bytes));
			assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length + 40,
						DEFAULT_ALLOW);
			whole = 8 * (size_t)count + header_sizes[i];
			for (size_t have = 0; have < whole; have++) {
				set_payload_length(bytes, have);
				assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length + 40,
							MALFORMED);
			}
		}
}

/* Behind it nothing is looked at, where the protocol has no header that the programs read. */
static void an_extension_header_that_is_longer_than_the_packet_is_malformed(void **state)
{
	static const uint8_t types[] = {IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_ROUTING,
					IPPROTO_AH};
	static const uint8_t inner[] = {IPPROTO_TCP,    IPPROTO_UDP, IPPROTO_SCTP,
					IPPROTO_ICMPV6, IPPROTO_GRE, IPPROTO_NONE};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(types); i++)
		for (size_t k = 0; k < sizeof(inner); k++) {
			struct packet_spec packet = allowed(IPPROTO_UDP, 0);
			uint8_t bytes[PACKET_MAX];
			size_t length;

			packet.payload_size = 8;
			add_extension(&packet, types[i]);
			length = packet_build(&packet, bytes, sizeof(bytes));
			bytes[ETHERNET + sizeof(struct ip6_hdr)] = inner[k];
			for (unsigned int words = 16; words < 256; words += 239) {
				bytes[ETHERNET + sizeof(struct ip6_hdr) + 1] = (uint8_t)words;
				assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length,
							MALFORMED);
			}
		}
}

static void a_header_that_contradicts_itself_is_malformed(void **state)
{
	const struct packet_spec packet = allowed(IPPROTO_TCP, 0);
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_build(&packet, bytes, sizeof(bytes));

	for (unsigned int version = 0; version < 16; version++) {
		bytes[ETHERNET] = (uint8_t)(version << 4);
		if (version != 6)
			assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
	}
	bytes[ETHERNET] = 6 << 4;
	set_payload_length(bytes, length - ETHERNET - sizeof(struct ip6_hdr) + 1);
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
	set_payload_length(bytes, 0xffff);
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
}

static void only_a_super_packet_may_have_no_length(void **state)
{
	const struct packet_spec packet = allowed(IPPROTO_TCP, 0);
	struct packet_spec empty = allowed(IPPROTO_NONE, 0);
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_build(&packet, bytes, sizeof(bytes));

	programs_set_policy(programs, POD_ID, POLICY);
	set_payload_length(bytes, 0);
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
	programs->segment_size = 1428;
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, RULE_ALLOW);
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes, packet_transport_offset(&packet) + 19,
				MALFORMED);
	programs->segment_size = 0;
	programs_set_policy(programs, POD_ID, ALLOW_ALL);
	empty.payload_size = 0;
	assert_verdict(programs, RF_INGRESS, &empty, DEFAULT_ALLOW);
}

/* A mapped address would borrow the rules and the sessions of IPv4. */
static void a_mapped_address_on_the_wire_is_malformed(void **state)
{
	static const struct {
		const char *source, *destination;
	} cases[] = {{PEER_4, POD_4}, {PEER_4, POD_6}, {PEER_6, POD_4}};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
			struct packet_spec packet = allowed(IPPROTO_UDP, 0);

			packet.force_v6 = true;
			packet.source = packet_address(
				direction == RF_INGRESS ? cases[i].source : cases[i].destination);
			packet.destination = packet_address(
				direction == RF_INGRESS ? cases[i].destination : cases[i].source);
			assert_verdict(programs, direction, &packet, MALFORMED);
		}
}

static void icmp_over_ipv6_is_malformed(void **state)
{
	struct packet_spec packet = allowed(IPPROTO_ICMPV6, 0);
	struct programs *programs = *state;

	packet.protocol = IPPROTO_ICMP;
	packet.icmp_type = 8;
	assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
	add_extension(&packet, IPPROTO_DSTOPTS);
	assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
}

/* RFC 8200, 4.1: it is for every router, which looks no further. */
static void hop_by_hop_options_stand_first_or_are_malformed(void **state)
{
	static const uint8_t others[] = {IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_ROUTING,
					 IPPROTO_AH, IPPROTO_FRAGMENT};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(others); i++) {
		struct packet_spec packet = allowed(IPPROTO_UDP, 0);

		add_extension(&packet, others[i]);
		add_extension(&packet, IPPROTO_HOPOPTS);
		assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(extension_headers_are_stepped_over),
		FIXTURE_TEST(an_atomic_fragment_is_no_fragment),
		FIXTURE_TEST(too_many_extension_headers_are_malformed),
		FIXTURE_TEST(a_packet_that_is_cut_anywhere_is_malformed),
		FIXTURE_TEST(padding_behind_the_packet_is_no_part_of_it),
		FIXTURE_TEST(an_extension_header_that_is_longer_than_the_packet_is_malformed),
		FIXTURE_TEST(a_header_that_contradicts_itself_is_malformed),
		FIXTURE_TEST(only_a_super_packet_may_have_no_length),
		FIXTURE_TEST(a_mapped_address_on_the_wire_is_malformed),
		FIXTURE_TEST(icmp_over_ipv6_is_malformed),
		FIXTURE_TEST(hop_by_hop_options_stand_first_or_are_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
