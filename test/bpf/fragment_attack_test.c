// SPDX-License-Identifier: Apache-2.0
/* Fragments that are made to pass what the whole packet would not (RFC 1858, 3128, 5722, 7112). */
#include "test/lib/fixture.h"
#include "test/lib/fragment.h"
#include "test/lib/icmp_error.h"

#include <bpf/bpf.h>
#include <netinet/in.h>
#include <string.h>

static const struct flow flows[] = {
	{POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0},
	{POD_4, 80, PEER_4, 40000, IPPROTO_UDP, 0},
	{POD_4, 80, PEER_4, 40000, IPPROTO_SCTP, 0},
	{POD_4, 0, PEER_4, 40000, IPPROTO_ICMP, RF_INGRESS},
	{POD_6, 80, PEER_6, 40000, IPPROTO_TCP, 0},
	{POD_6, 80, PEER_6, 40000, IPPROTO_UDP, 0},
	{POD_6, 80, PEER_6, 40000, IPPROTO_SCTP, 0},
	{POD_6, 0, PEER_6, 40000, IPPROTO_ICMPV6, RF_INGRESS},
};
static const size_t header_sizes[] = {20, 8, 12, 8, 20, 8, 12, 8};
#define FLOW_COUNT (sizeof(flows) / sizeof(flows[0]))

static bool is_v6(const struct flow *flow)
{
	return strchr(flow->pod, ':');
}

/* RFC 1858, 3: ports and flags are in different fragments. */
static void a_first_fragment_without_its_whole_header_is_malformed(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (uint8_t options = 0; options <= 10; options += 5) {
			struct packet_spec packet = fragment_packet(&flows[i], RF_INGRESS, 0, true);
			size_t header, transport = packet_transport_offset(&packet);
			uint8_t bytes[PACKET_MAX];

			packet.tcp_option_words = options;
			packet.payload_size = 64;
			header = header_sizes[i] +
				 (flows[i].protocol == IPPROTO_TCP ? 4 * (size_t)options : 0);
			packet_build(&packet, bytes, sizeof(bytes));
			for (size_t have = 8; have < 80; have += 8) {
				size_t ip = transport - 14 + have;

				if (is_v6(&flows[i]))
					bytes[14 + 5] = (uint8_t)(ip - 40);
				else
					bytes[14 + 3] = (uint8_t)ip;
				if (have < header)
					assert_verdict_of_bytes(programs, RF_INGRESS, bytes,
								14 + ip, MALFORMED);
				else
					assert_true(programs_pass_bytes(programs, RF_INGRESS, bytes,
									14 + ip,
									PROGRAMS_FORWARDED));
			}
		}
}

/* RFC 7112: also if the chain of extension headers goes on in the next fragment. */
static void a_first_fragment_without_all_extension_headers_is_malformed(void **state)
{
	struct programs *programs = *state;
	struct packet_spec packet = fragment_packet(&flows[5], RF_INGRESS, 0, true);
	size_t first = 14 + 40 + 8;
	uint8_t bytes[PACKET_MAX];

	packet.extensions[0] = IPPROTO_FRAGMENT;
	packet.extensions[1] = IPPROTO_DSTOPTS;
	packet.extensions[2] = IPPROTO_DSTOPTS;
	packet.extension_count = 3;
	packet_build(&packet, bytes, sizeof(bytes));
	for (size_t have = 8; have < 24; have += 8) {
		bytes[14 + 5] = (uint8_t)(8 + have);
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes, first + have, MALFORMED);
	}
	bytes[14 + 5] = 8 + 24;
	assert_verdict_of_bytes(programs, RF_INGRESS, bytes, first + 24, DEFAULT_ALLOW);
}

/* RFC 1858, 4; RFC 3128: the second fragment would make another header of the first. */
static void a_later_fragment_over_the_header_is_malformed(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		struct packet_spec first = fragment_packet(&flows[i], RF_INGRESS, 0, true);
		struct packet_spec later;

		first.tcp_option_words = 10;
		first.payload_size =
			120 - (flows[i].protocol == IPPROTO_TCP ? 60 : header_sizes[i]);
		assert_verdict(programs, RF_INGRESS, &first, DEFAULT_ALLOW);
		for (uint16_t offset = 8; offset < 80; offset += 8) {
			size_t header = flows[i].protocol == IPPROTO_TCP ? 60 : header_sizes[i];

			later = fragment_packet(&flows[i], RF_INGRESS, offset, true);
			if (offset < header)
				assert_verdict(programs, RF_INGRESS, &later, MALFORMED);
			else
				assert_verdict(programs, RF_INGRESS, &later, SESSION);
		}
	}
}

/* The part that was fragmented begins behind the fragment header, not with the transport header. */
static void extension_headers_of_the_fragmented_part_are_not_written_over(void **state)
{
	struct packet_spec packet = fragment_packet(&flows[5], RF_INGRESS, 0, true);
	struct programs *programs = *state;

	packet.extensions[0] = IPPROTO_HOPOPTS;
	packet.extensions[1] = IPPROTO_FRAGMENT;
	packet.extensions[2] = IPPROTO_DSTOPTS;
	packet.extension_count = 3;
	assert_verdict(programs, RF_INGRESS, &packet, DEFAULT_ALLOW);
	packet.extension_count = 2;
	packet.fragment_offset = 8;
	assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
	packet.fragment_offset = 16;
	assert_verdict(programs, RF_INGRESS, &packet, SESSION);
}

static void only_the_last_fragment_may_end_anywhere(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		struct packet_spec packet = fragment_packet(&flows[i], RF_INGRESS, 0, true);

		assert_verdict(programs, RF_INGRESS, &packet, DEFAULT_ALLOW);
		for (size_t size = 57; size < 64; size++) {
			packet = fragment_packet(&flows[i], RF_INGRESS, 0, true);
			packet.payload_size = size - header_sizes[i];
			assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
			packet = fragment_packet(&flows[i], RF_INGRESS, 64, true);
			packet.payload_size = size;
			assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
			packet.more_fragments = false;
			assert_verdict(programs, RF_INGRESS, &packet, SESSION);
		}
		packet.payload_size = 0;
		assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
		packet.more_fragments = true;
		assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
	}
}

/* The "ping of death": the whole would be longer than its length can tell. */
static void a_fragment_beyond_64_kib_is_malformed(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		struct packet_spec packet = fragment_packet(&flows[i], RF_INGRESS, 0, true);
		/* IPv4 counts its header, IPv6 what stands before the fragment header. */
		size_t most = is_v6(&flows[i]) ? 0xffff : 0xffff - 20;

		assert_verdict(programs, RF_INGRESS, &packet, DEFAULT_ALLOW);
		packet = fragment_packet(&flows[i], RF_INGRESS, 0xffc0, false);
		packet.payload_size = most - 0xffc0;
		assert_verdict(programs, RF_INGRESS, &packet, SESSION);
		packet.payload_size++;
		assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
		if (!is_v6(&flows[i]))
			continue;
		packet.extensions[0] = IPPROTO_DSTOPTS;
		packet.extension_count = 1;
		packet.payload_size = most - 0xffc0 - 8;
		assert_verdict(programs, RF_INGRESS, &packet, SESSION);
		packet.payload_size++;
		assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
	}
}

/* What a later one claims to be says nothing about another packet. */
static void a_fragment_of_another_packet_is_denied(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		struct packet_spec packet = fragment_packet(&flows[i], RF_INGRESS, 0, true);
		struct packet_spec later = fragment_packet(&flows[i], RF_INGRESS, 64, false);

		assert_verdict(programs, RF_INGRESS, &packet, DEFAULT_ALLOW);
		packet = later;
		packet.fragment_id ^= 1;
		assert_verdict(programs, RF_INGRESS, &packet, FRAGMENT);
		packet = later;
		packet.source = packet_address(is_v6(&flows[i]) ? OTHER_6 : OTHER_4);
		assert_verdict(programs, RF_INGRESS, &packet, FRAGMENT);
		packet = fragment_packet(&flows[i], RF_EGRESS, 64, false);
		assert_verdict(programs, RF_EGRESS, &packet, FRAGMENT);
		if (is_v6(&flows[i]))
			continue;
		packet = later;
		packet.protocol = IPPROTO_GRE;
		assert_verdict(programs, RF_INGRESS, &packet, FRAGMENT);
	}
}

/* Its interface has the number that another pod's had. */
static void what_an_earlier_pod_was_sent_is_forgotten(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		struct packet_spec first = fragment_packet(&flows[i], RF_INGRESS, 0, true);
		struct packet_spec later = fragment_packet(&flows[i], RF_INGRESS, 64, false);

		assert_verdict(programs, RF_INGRESS, &first, DEFAULT_ALLOW);
		programs->objects.pod_state[POD_ID].incarnation += 1000;
		assert_verdict(programs, RF_INGRESS, &later, FRAGMENT);
	}
}

static void a_fragment_to_or_from_a_foreign_address_is_denied(void **state)
{
	const struct flow foreign = {OTHER_4, 80, PEER_4, 40000, IPPROTO_UDP, 0};
	struct programs *programs = *state;

	for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
		struct packet_spec packet = fragment_packet(&foreign, direction, 0, true);

		if (direction == RF_EGRESS)
			assert_verdict(programs, RF_EGRESS, &packet, SPOOFED);
		else
			assert_verdict(programs, RF_INGRESS, &packet, NOT_FOR_POD);
		packet = fragment_packet(&foreign, direction, 64, false);
		assert_verdict(programs, direction, &packet, FRAGMENT);
	}
	assert_int_equal(fragment_count(programs), 0);
}

/* A fragment of a fragment: who puts them together first is anyone's guess. */
static void two_fragment_headers_are_malformed(void **state)
{
	struct packet_spec packet = fragment_packet(&flows[5], RF_INGRESS, 0, false);
	struct programs *programs = *state;

	packet.extensions[0] = IPPROTO_FRAGMENT;
	packet.extensions[1] = IPPROTO_FRAGMENT;
	packet.extension_count = 2;
	for (int more = 0; more < 2; more++) {
		packet.more_fragments = more;
		assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
	}
}

/* RFC 6980, also if the packet is whole (RFC 6946). */
static void neighbour_discovery_with_a_fragment_header_is_judged_like_any_icmpv6(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		for (uint8_t type = 133; type <= 137; type++) {
			struct packet_spec packet =
				fragment_packet(&flows[7], direction, 0, type % 2);

			packet.icmp_type = type;
			packet.hop_limit = 255;
			packet.extensions[0] = IPPROTO_FRAGMENT;
			packet.extension_count = 1;
			assert_verdict(programs, direction, &packet, DEFAULT_DENY);
		}
}

/* Data of a later fragment may look like an error about any flow. */
static void a_later_fragment_of_an_icmp_error_is_about_no_flow(void **state)
{
	static const char policy[] = "{\"ingress\": {\"rules\": [{\"id\": 1, \"action\": "
				     "\"allow\", \"protocol\": \"tcp\"}]}}";
	const struct flow *flow = &flows[0];
	const struct packet_spec cause = flow_packet(flow, RF_EGRESS, TCP_ACK);
	struct programs *programs = *state;
	uint8_t imitation[8 + 40] = {3, 4};
	struct icmp_error error;

	programs_set_policy(programs, POD_ID, policy);
	assert_flow(programs, flow, RF_INGRESS, TCP_SYN, RULE_ALLOW);
	icmp_error_about(&error, &cause, PEER_4, 3, 40);
	error.packet.more_fragments = true;
	error.packet.fragment_id = 7;
	assert_verdict(programs, RF_INGRESS, &error.packet, RELATED);
	memcpy(imitation + 8, error.inner, 40);
	error.packet.more_fragments = false;
	error.packet.fragment_offset = 48;
	error.packet.payload = imitation;
	error.packet.payload_size = sizeof(imitation);
	assert_verdict(programs, RF_INGRESS, &error.packet, DEFAULT_DENY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_first_fragment_without_its_whole_header_is_malformed),
		FIXTURE_TEST(a_first_fragment_without_all_extension_headers_is_malformed),
		FIXTURE_TEST(a_later_fragment_over_the_header_is_malformed),
		FIXTURE_TEST(extension_headers_of_the_fragmented_part_are_not_written_over),
		FIXTURE_TEST(only_the_last_fragment_may_end_anywhere),
		FIXTURE_TEST(a_fragment_beyond_64_kib_is_malformed),
		FIXTURE_TEST(a_fragment_of_another_packet_is_denied),
		FIXTURE_TEST(what_an_earlier_pod_was_sent_is_forgotten),
		FIXTURE_TEST(a_fragment_to_or_from_a_foreign_address_is_denied),
		FIXTURE_TEST(two_fragment_headers_are_malformed),
		FIXTURE_TEST(neighbour_discovery_with_a_fragment_header_is_judged_like_any_icmpv6),
		FIXTURE_TEST(a_later_fragment_of_an_icmp_error_is_about_no_flow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
