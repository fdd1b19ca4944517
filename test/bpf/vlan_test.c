// SPDX-License-Identifier: Apache-2.0
/* VLAN tags: up to two are stepped over, and the policy is applied to what is behind them. */
#include "test/lib/fixture.h"
#include "test/lib/fragment.h"

#include <arpa/inet.h>
#include <string.h>

#define C_TAG 0x8100
#define S_TAG 0x88a8

#define POLICY                                                                                     \
	"{\"ingress\": {\"rules\": [{\"id\": 1, \"action\": \"allow\", \"protocol\": \"tcp\", "    \
	"\"ports\": [\"80\"]}, {\"id\": 2, \"action\": \"allow\", \"protocol\": \"udp\", "         \
	"\"ports\": [\"80\"]}]}}"

static const uint16_t tags[][2] = {{C_TAG},        {S_TAG},        {C_TAG, C_TAG},
				   {S_TAG, C_TAG}, {C_TAG, S_TAG}, {S_TAG, S_TAG}};
#define TAGS_COUNT (sizeof(tags) / sizeof(tags[0]))

static struct packet_spec tagged(struct packet_spec packet, const uint16_t *with)
{
	packet.tags[0] = with[0];
	packet.tags[1] = with[1];
	return packet;
}

static void tags_are_stepped_over(void **state)
{
	static const struct flow flows[] = {
		{POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0},
		{POD_6, 80, PEER_6, 40000, IPPROTO_TCP, 0},
		{POD_4, 80, PEER_4, 40000, IPPROTO_UDP, 0},
		{POD_6, 80, PEER_6, 40000, IPPROTO_UDP, 0},
	};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, POLICY);
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++)
		for (size_t k = 0; k < TAGS_COUNT; k++) {
			struct flow flow = flows[i];
			struct packet_spec packet;

			flow.peer_port += k;
			packet = tagged(flow_packet(&flow, RF_INGRESS, TCP_SYN), tags[k]);
			packet.option_words = i % 3;
			assert_verdict(programs, RF_INGRESS, &packet, RULE_ALLOW);
			packet = tagged(flow_packet(&flow, RF_EGRESS, TCP_SYN_ACK), tags[k]);
			assert_verdict(programs, RF_EGRESS, &packet, SESSION);
			flow.pod_port = 81;
			packet = tagged(flow_packet(&flow, RF_INGRESS, TCP_SYN), tags[k]);
			assert_verdict(programs, RF_INGRESS, &packet, DEFAULT_DENY);
			packet.destination = packet_address(OTHER_6);
			packet.source = packet_address(PEER_6);
			assert_verdict(programs, RF_INGRESS, &packet, NOT_FOR_POD);
		}
}

static void fragments_may_be_tagged(void **state)
{
	static const struct flow flows[] = {
		{POD_4, 80, PEER_4, 40000, IPPROTO_UDP, 0},
		{POD_6, 80, PEER_6, 40000, IPPROTO_UDP, 0},
	};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		struct packet_spec packet =
			tagged(fragment_packet(&flows[i], RF_INGRESS, 0, true), tags[3]);

		assert_verdict(programs, RF_INGRESS, &packet, DEFAULT_ALLOW);
		packet = tagged(fragment_packet(&flows[i], RF_INGRESS, 64, false), tags[3]);
		assert_verdict(programs, RF_INGRESS, &packet, SESSION);
	}
}

/* Of what is not IP the innermost type counts. */
static void other_ether_types_are_those_behind_the_tags(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < TAGS_COUNT; i++)
		for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
			struct packet_spec lldp = {.ether_type = 0x88cc, .payload_size = 46};

			programs->objects.pod_state[POD_ID].ether_types[0] = htons(0x88cc);
			lldp = tagged(lldp, tags[i]);
			assert_verdict(programs, direction, &lldp, ETHER_TYPE_ALLOW);
			/* That a tag's type is listed says nothing of what it carries. */
			programs->objects.pod_state[POD_ID].ether_types[0] = htons(tags[i][0]);
			assert_verdict(programs, direction, &lldp, ETHER_TYPE_DENY);
		}
}

static void more_than_two_tags_are_malformed(void **state)
{
	const struct flow flow = {POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};
	struct programs *programs = *state;

	for (size_t i = 2; i < TAGS_COUNT; i++)
		for (uint16_t third = C_TAG; third; third = third == C_TAG ? S_TAG : 0) {
			struct packet_spec packet =
				tagged(flow_packet(&flow, RF_INGRESS, TCP_SYN), tags[i]);

			packet.tags[2] = third;
			packet.payload_size = 64;
			assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
			packet.tags[3] = C_TAG;
			assert_verdict(programs, RF_INGRESS, &packet, MALFORMED);
		}
}

static void a_tagged_packet_that_is_cut_anywhere_is_malformed(void **state)
{
	static const struct flow flows[] = {
		{POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0},
		{POD_6, 80, PEER_6, 40000, IPPROTO_TCP, 0},
	};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++)
		for (size_t k = 0; k < TAGS_COUNT; k++) {
			struct packet_spec packet =
				tagged(flow_packet(&flows[i], RF_INGRESS, TCP_SYN), tags[k]);
			uint8_t bytes[PACKET_MAX];
			size_t length = packet_build(&packet, bytes, sizeof(bytes));

			/* A test run of the kernel looks at the outer type only. */
			for (size_t have = 14; have < length; have++)
				assert_verdict_of_bytes(programs, RF_INGRESS, bytes, have,
							MALFORMED);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(tags_are_stepped_over),
		FIXTURE_TEST(fragments_may_be_tagged),
		FIXTURE_TEST(other_ether_types_are_those_behind_the_tags),
		FIXTURE_TEST(more_than_two_tags_are_malformed),
		FIXTURE_TEST(a_tagged_packet_that_is_cut_anywhere_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
