// SPDX-License-Identifier: Apache-2.0
/* From bytes to a flow over IPv4: nothing is allowed that is not whole. */
#include "test/lib/fixture.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <string.h>

/* The destination port or type is what shows that the headers were found where they are. */
#define POLICY                                                                                     \
	"{\"ingress\": {\"rules\": ["                                                              \
	"{\"id\": 1, \"action\": \"allow\", \"protocol\": \"tcp\", \"ports\": [\"80\"]},"          \
	"{\"id\": 2, \"action\": \"allow\", \"protocol\": \"udp\", \"ports\": [\"80\"]},"          \
	"{\"id\": 3, \"action\": \"allow\", \"protocol\": \"sctp\", \"ports\": [\"80\"]},"         \
	"{\"id\": 4, \"action\": \"allow\", \"protocol\": \"icmp\", \"ports\": [\"8/0\"]}]}}"

#define ETHERNET 14 /* bytes */
/* The shortest packet that a test run of the kernel takes (6.18 and later). */
#define SHORTEST (ETHERNET + sizeof(struct ip))

static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMP};
/* Bytes without which there is no flow. */
static const size_t header_sizes[] = {20, 8, 12, 8};

#define PROTOCOL_COUNT sizeof(protocols)

/* A packet that the policy allows; its ports differ for each @number. */
static struct packet_spec allowed(uint8_t protocol, uint16_t number)
{
	const struct flow flow = {POD_4,    protocol == IPPROTO_ICMP ? 0 : 80,
				  PEER_4,   10000 + number,
				  protocol, RF_INGRESS};

	return flow_packet(&flow, RF_INGRESS, TCP_SYN);
}

static struct ip read_ip(const uint8_t *bytes)
{
	struct ip ip;

	memcpy(&ip, bytes + ETHERNET, sizeof(ip));
	return ip;
}

static void write_ip(uint8_t *bytes, const struct ip *ip)
{
	memcpy(bytes + ETHERNET, ip, sizeof(*ip));
}

static void set_total(uint8_t *bytes, size_t total)
{
	struct ip ip = read_ip(bytes);

	ip.ip_len = htons((uint16_t)total);
	write_ip(bytes, &ip);
}

static void options_are_stepped_over(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, POLICY);
	for (size_t i = 0; i < PROTOCOL_COUNT; i++)
		for (uint8_t words = 0; words <= 10; words++) {
			struct packet_spec packet = allowed(protocols[i], words);

			packet.option_words = words;
			assert_verdict(programs, RF_INGRESS, &packet, RULE_ALLOW);
			if (protocols[i] == IPPROTO_ICMP)
				packet.icmp_type = 13;
			else
				packet.destination_port = 81;
			assert_verdict(programs, RF_INGRESS, &packet, DEFAULT_DENY);
		}
}

static void padding_behind_the_packet_is_no_part_of_it(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, POLICY);
	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		struct packet_spec packet = allowed(protocols[i], 0);
		uint8_t bytes[PACKET_MAX] = {0};
		size_t length, transport = packet_transport_offset(&packet);

		packet.payload_size = 0;
		length = packet_build(&packet, bytes, sizeof(bytes));
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length + 40, RULE_ALLOW);
		/* What the header does not count does not complete it either. */
		for (size_t have = 0; have < header_sizes[i]; have++) {
			set_total(bytes, transport + have - ETHERNET);
			assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length + 40,
						MALFORMED);
		}
	}
}

static void a_packet_that_is_cut_anywhere_is_malformed(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, ALLOW_ALL);
	for (size_t i = 0; i < PROTOCOL_COUNT; i++)
		for (uint8_t words = 0; words <= 10; words += 5) {
			struct packet_spec packet = allowed(protocols[i], words);
			uint8_t bytes[PACKET_MAX];
			size_t length;

			packet.option_words = words;
			packet.tcp_option_words = words;
			length = packet_build(&packet, bytes, sizeof(bytes));
			for (size_t have = SHORTEST; have < length; have++) {
				assert_verdict_of_bytes(programs, RF_INGRESS, bytes, have,
							MALFORMED);
				assert_verdict_of_bytes(programs, RF_EGRESS, bytes, have,
							MALFORMED);
			}
			assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, DEFAULT_ALLOW);
		}
	assert_int_equal(flow_session_count(programs, RF_MAP_HALF_OPEN), PROTOCOL_COUNT * 3);
}

/* One field of the header after the other. */
static void assert_contradictions(struct programs *programs, const uint8_t *good, size_t length)
{
	uint8_t bytes[PACKET_MAX];

	for (unsigned int version = 0; version < 16; version++) {
		struct ip ip = read_ip(good);

		memcpy(bytes, good, length);
		ip.ip_v = version;
		write_ip(bytes, &ip);
		if (version != 4)
			assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
	}
	for (unsigned int words = 0; words < 5; words++) {
		struct ip ip = read_ip(good);

		memcpy(bytes, good, length);
		ip.ip_hl = words;
		write_ip(bytes, &ip);
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
	}
	memcpy(bytes, good, length);
	/* Shorter than its header, and longer than what came. */
	for (size_t total = 0; total < sizeof(struct ip); total++) {
		set_total(bytes, total);
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
	}
	set_total(bytes, length - ETHERNET + 1);
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
	set_total(bytes, 0xffff);
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
}

/* Also where the programs read nothing behind it. */
static void a_header_that_contradicts_itself_is_malformed(void **state)
{
	static const uint8_t kinds[] = {IPPROTO_TCP, IPPROTO_GRE};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(kinds); i++) {
		const struct packet_spec packet = allowed(kinds[i], 0);
		uint8_t bytes[PACKET_MAX];
		size_t length = packet_build(&packet, bytes, sizeof(bytes));

		assert_contradictions(programs, bytes, length);
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, DEFAULT_ALLOW);
	}
}

/* A super-packet of more than 64 KiB (BIG TCP) has 0 there; any other that has is malformed. */
static void only_a_super_packet_may_have_no_length(void **state)
{
	const struct packet_spec packet = allowed(IPPROTO_TCP, 0);
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_build(&packet, bytes, sizeof(bytes));

	programs_set_policy(programs, POD_ID, POLICY);
	set_total(bytes, 0);
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
	programs->segment_size = 1448;
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, RULE_ALLOW);
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes, packet_transport_offset(&packet) + 19,
				MALFORMED);
}

static void dont_fragment_is_no_fragment(void **state)
{
	const struct packet_spec packet = allowed(IPPROTO_UDP, 0);
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_build(&packet, bytes, sizeof(bytes));
	struct ip ip = read_ip(bytes);

	ip.ip_off = htons(IP_DF);
	write_ip(bytes, &ip);
	programs_set_policy(programs, POD_ID, POLICY);
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, RULE_ALLOW);
}

static void icmpv6_over_ipv4_is_malformed(void **state)
{
	struct packet_spec packet = allowed(IPPROTO_ICMP, 0);
	struct programs *programs = *state;

	packet.protocol = IPPROTO_ICMPV6;
	packet.icmp_type = 128;
	assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
	packet.icmp_type = 135;
	packet.hop_limit = 255;
	assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
}

static void a_bad_data_offset_of_tcp_is_malformed(void **state)
{
	struct packet_spec packet = allowed(IPPROTO_TCP, 0);
	size_t length, offset = packet_transport_offset(&packet) + 12;
	struct programs *programs = *state;
	uint8_t bytes[PACKET_MAX];

	packet.payload_size = 8;
	length = packet_build(&packet, bytes, sizeof(bytes));
	for (unsigned int words = 0; words < 16; words++) {
		bytes[offset] = (uint8_t)(words << 4);
		if (words < 5 || words > 7)
			assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, MALFORMED);
		else if (words == 5)
			assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, DEFAULT_ALLOW);
		else
			assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length, SESSION);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(options_are_stepped_over),
		FIXTURE_TEST(padding_behind_the_packet_is_no_part_of_it),
		FIXTURE_TEST(a_packet_that_is_cut_anywhere_is_malformed),
		FIXTURE_TEST(a_header_that_contradicts_itself_is_malformed),
		FIXTURE_TEST(only_a_super_packet_may_have_no_length),
		FIXTURE_TEST(dont_fragment_is_no_fragment),
		FIXTURE_TEST(icmpv6_over_ipv4_is_malformed),
		FIXTURE_TEST(a_bad_data_offset_of_tcp_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
