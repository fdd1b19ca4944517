// SPDX-License-Identifier: Apache-2.0
/* Rules that reject what is not TCP: the ICMP error, what it quotes, and what it is never about. */
#include "test/lib/fixture.h"
#include "test/lib/reply.h"

#include <string.h>

#define ICMP_HEADER 8
#define GRE         47

static int setup(void **state)
{
	fixture_setup(state);
	programs_set_policy(*state, POD_ID, REJECT_ALL);
	return 0;
}

struct datagram {
	struct flow flow;
	enum rf_direction opener;
};

static const struct datagram datagrams[] = {
	{{POD_4, 53, PEER_4, 40000, IPPROTO_UDP, 0}, RF_INGRESS},
	{{POD_6, 53, PEER_6, 40000, IPPROTO_UDP, 0}, RF_INGRESS},
	{{POD_4, 40000, PEER_4, 53, IPPROTO_UDP, 0}, RF_EGRESS},
	{{POD_6, 40000, PEER_6, 53, IPPROTO_UDP, 0}, RF_EGRESS},
	{{POD_4, 53, PEER_4, 40000, IPPROTO_SCTP, 0}, RF_INGRESS},
	{{POD_6, 40000, PEER_6, 53, IPPROTO_SCTP, 0}, RF_EGRESS},
	{{POD_4, 0, PEER_4, 7, IPPROTO_ICMP, RF_INGRESS}, RF_INGRESS},
	{{POD_4, 7, PEER_4, 0, IPPROTO_ICMP, RF_EGRESS}, RF_EGRESS},
	{{POD_6, 0, PEER_6, 7, IPPROTO_ICMPV6, RF_INGRESS}, RF_INGRESS},
	{{POD_6, 7, PEER_6, 0, IPPROTO_ICMPV6, RF_EGRESS}, RF_EGRESS},
};

#define DATAGRAMS (sizeof(datagrams) / sizeof(datagrams[0]))

static bool is_v4(const struct packet_spec *packet)
{
	return IN6_IS_ADDR_V4MAPPED(&packet->source);
}

/* The whole packet is quoted, or as much as fits into the longest error. */
static void assert_prohibited(const struct reply *reply, const struct packet_spec *packet)
{
	static const uint8_t v4[] = {3, 13}, v6[] = {1, 1}, unused[4];
	size_t longest = is_v4(packet) ? 576 - 20 : 1280 - 40, whole;
	uint8_t bytes[PACKET_MAX];

	whole = packet_build_inner(packet, bytes, sizeof(bytes), 0) + ICMP_HEADER;
	assert_int_equal(reply->protocol, is_v4(packet) ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	assert_int_equal(reply->size, whole < longest ? whole : longest);
	assert_memory_equal(reply->transport, is_v4(packet) ? v4 : v6, 2);
	assert_memory_equal(reply->transport + 4, unused, sizeof(unused));
	assert_memory_equal(reply->transport + ICMP_HEADER, bytes, reply->size - ICMP_HEADER);
}

static void what_is_not_tcp_is_prohibited_with_a_quote_of_it(void **state)
{
	for (size_t i = 0; i < DATAGRAMS; i++) {
		struct packet_spec packet = flow_packet(&datagrams[i].flow, datagrams[i].opener, 0);
		struct reply reply = reply_of_packet(*state, datagrams[i].opener, &packet);

		assert_prohibited(&reply, &packet);
	}
}

static void a_protocol_without_ports_is_prohibited(void **state)
{
	for (size_t i = 0; i < 4; i++) {
		struct packet_spec packet = flow_packet(&datagrams[i].flow, datagrams[i].opener, 0);
		struct reply reply;

		packet.protocol = GRE;
		packet.source_port = 0;
		packet.destination_port = 0;
		reply = reply_of_packet(*state, datagrams[i].opener, &packet);
		assert_prohibited(&reply, &packet);
	}
}

/* Every length up to what is certainly too long; it is copied in pieces. */
static void a_quote_of_any_length_is_whole_up_to_the_longest_error(void **state)
{
	for (uint16_t size = 0; size <= 1400; size++)
		for (size_t i = size % 2; i < 4; i += 2) {
			struct packet_spec packet =
				flow_packet(&datagrams[i].flow, datagrams[i].opener, 0);
			struct reply reply;

			packet.payload_size = size;
			reply = reply_of_packet(*state, datagrams[i].opener, &packet);
			assert_prohibited(&reply, &packet);
		}
}

static void options_and_extension_headers_are_quoted(void **state)
{
	for (size_t i = 0; i < DATAGRAMS; i++) {
		struct packet_spec packet = flow_packet(&datagrams[i].flow, datagrams[i].opener, 0);
		struct reply reply;

		packet.option_words = 10;
		packet.extension_count = 3;
		memset(packet.extensions, IPPROTO_DSTOPTS, sizeof(packet.extensions));
		reply = reply_of_packet(*state, datagrams[i].opener, &packet);
		assert_prohibited(&reply, &packet);
	}
}

static void padding_is_not_quoted(void **state)
{
	struct packet_spec packet = flow_packet(&datagrams[0].flow, RF_INGRESS, 0);
	uint8_t bytes[PACKET_MAX] = {};
	struct reply reply;

	packet.payload_size = 2;
	packet_build(&packet, bytes, sizeof(bytes));
	memset(bytes + packet_transport_offset(&packet) + 10, 0xff, 8);
	assert_verdict_of_bytes(*state, RF_INGRESS, bytes, 60, RULE_REJECT,
				.rule = REJECT_RULE(RF_INGRESS));
	reply = reply_check(*state, RF_INGRESS, bytes, __FILE__, __LINE__);
	assert_prohibited(&reply, &packet);
}

/* An ICMP message of that type, about a flow that nobody has seen. */
static struct packet_spec message(const struct datagram *datagram, uint8_t type, uint8_t *quote,
				  size_t size)
{
	struct packet_spec packet = flow_packet(&datagram->flow, datagram->opener, 0);
	struct packet_spec about = flow_packet(&datagram->flow, !datagram->opener, 0);

	packet.protocol = is_v4(&packet) ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	packet.icmp_type = type;
	packet.payload = quote;
	packet.payload_size = packet_build_inner(&about, quote, size, 0);
	return packet;
}

static void assert_errors_unanswered(struct programs *programs, const struct datagram *datagram,
				     const uint8_t *types, size_t count)
{
	uint8_t quote[PACKET_MAX];

	for (size_t i = 0; i < count; i++) {
		struct packet_spec packet = message(datagram, types[i], quote, sizeof(quote));

		assert_no_reply(programs, datagram->opener, &packet);
	}
}

static void an_icmp_error_is_not_answered(void **state)
{
	static const uint8_t errors_v4[] = {3, 4, 5, 11, 12}, unknown_v4[] = {19, 41, 255};
	static const uint8_t errors_v6[] = {1, 2, 3, 4}, unknown_v6[] = {0, 100, 101, 127};

	for (size_t i = 0; i < 4; i++) {
		const struct datagram *datagram = &datagrams[i];
		bool v4 = i % 2 == 0;

		assert_errors_unanswered(*state, datagram, v4 ? errors_v4 : errors_v6,
					 v4 ? sizeof(errors_v4) : sizeof(errors_v6));
		assert_errors_unanswered(*state, datagram, v4 ? unknown_v4 : unknown_v6,
					 v4 ? sizeof(unknown_v4) : sizeof(unknown_v6));
	}
}

/* Which is no neighbour discovery: its hop limit shows that it was routed. */
static void a_redirect_is_not_answered(void **state)
{
	static const uint8_t redirect = 137;

	assert_errors_unanswered(*state, &datagrams[1], &redirect, 1);
	assert_errors_unanswered(*state, &datagrams[3], &redirect, 1);
}

static void other_icmp_messages_are_prohibited(void **state)
{
	static const uint8_t v4[] = {0, 9, 13, 17, 18}, v6[] = {129, 139, 140, 255};
	uint8_t quote[PACKET_MAX];

	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < (i % 2 ? sizeof(v6) : sizeof(v4)); j++) {
			struct packet_spec packet =
				message(&datagrams[i], i % 2 ? v6[j] : v4[j], quote, sizeof(quote));
			struct reply reply = reply_of_packet(*state, datagrams[i].opener, &packet);

			assert_prohibited(&reply, &packet);
		}
}

static void datagrams_to_a_group_are_not_answered(void **state)
{
	static const struct flow flows[] = {
		{POD_4, 40000, "224.0.0.251", 5353, IPPROTO_UDP, 0},
		{POD_4, 40000, "255.255.255.255", 67, IPPROTO_UDP, 0},
		{POD_6, 40000, "ff02::fb", 5353, IPPROTO_UDP, 0},
	};

	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		struct packet_spec packet = flow_packet(&flows[i], RF_EGRESS, 0);

		assert_no_reply(*state, RF_EGRESS, &packet);
	}
}

#define ICMP_TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ICMP_TEST(what_is_not_tcp_is_prohibited_with_a_quote_of_it),
		ICMP_TEST(a_protocol_without_ports_is_prohibited),
		ICMP_TEST(a_quote_of_any_length_is_whole_up_to_the_longest_error),
		ICMP_TEST(options_and_extension_headers_are_quoted),
		ICMP_TEST(padding_is_not_quoted),
		ICMP_TEST(an_icmp_error_is_not_answered),
		ICMP_TEST(a_redirect_is_not_answered),
		ICMP_TEST(other_icmp_messages_are_prohibited),
		ICMP_TEST(datagrams_to_a_group_are_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
