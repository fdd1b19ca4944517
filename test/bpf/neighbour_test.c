// SPDX-License-Identifier: Apache-2.0
/* What a link needs: neighbour and listener discovery, and other ether types by name. */
#include "test/lib/fixture.h"

#include <arpa/inet.h>

#define GROUP_6    "ff02::1:ff00:9"
#define LINK_LOCAL "fe80::1"

enum {
	LISTENER_QUERY = 130,
	LISTENER_REPORT = 131,
	LISTENER_DONE = 132,
	ROUTER_SOLICIT = 133,
	ROUTER_ADVERT = 134,
	NEIGHBOUR_SOLICIT = 135,
	NEIGHBOUR_ADVERT = 136,
	REDIRECT = 137,
	LISTENER_REPORT_2 = 143,
};

/* Whole, and about the pod, whoever sends it. */
static struct packet_spec icmpv6(enum rf_direction direction, uint8_t type, uint8_t hop_limit)
{
	static const uint8_t pod[32] = {[0] = 0xfd, [15] = 2};

	return (struct packet_spec){
		.to_group = true,
		.source = packet_address(direction == RF_EGRESS ? POD_6 : PEER_6),
		.destination = packet_address(GROUP_6),
		.hop_limit = hop_limit,
		.protocol = IPPROTO_ICMPV6,
		.icmp_type = type,
		.payload = pod,
		.payload_size = type == ROUTER_SOLICIT  ? 0
				: type == ROUTER_ADVERT ? 8
				: type == REDIRECT      ? 32
							: 16,
	};
}

static void neighbour_discovery_passes_with_hop_limit_255_whatever_the_policy(void **state)
{
	static const uint8_t types[] = {NEIGHBOUR_SOLICIT, NEIGHBOUR_ADVERT, ROUTER_SOLICIT};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (size_t i = 0; i < sizeof(types); i++)
		for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
			struct packet_spec packet = icmpv6(direction, types[i], 255);

			assert_verdict(programs, direction, &packet, NEIGHBOUR);
			/* Before the pod has an address of its own, and to a neighbour alone. */
			packet.source = packet_address("::");
			assert_verdict(programs, direction, &packet, NEIGHBOUR);
			packet.source = packet_address(LINK_LOCAL);
			packet.destination = packet_address("fe80::9");
			packet.to_group = false;
			assert_verdict(programs, direction, &packet, NEIGHBOUR);
		}
}

/* With less it was forwarded, and cannot be of a neighbour. */
static void with_another_hop_limit_it_is_judged_like_any_icmpv6(void **state)
{
	static const uint8_t types[] = {NEIGHBOUR_SOLICIT, NEIGHBOUR_ADVERT, ROUTER_SOLICIT,
					ROUTER_ADVERT, REDIRECT};
	static const uint8_t hop_limits[] = {1, 64, 254};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(types); i++)
		for (size_t k = 0; k < sizeof(hop_limits); k++)
			for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
				const struct packet_spec packet =
					icmpv6(direction, types[i], hop_limits[k]);

				programs_set_policy(programs, POD_ID, DENY_ALL);
				assert_verdict(programs, direction, &packet, DEFAULT_DENY);
				programs_set_policy(programs, POD_ID, ALLOW_ALL);
				assert_verdict(programs, direction, &packet, DEFAULT_ALLOW);
			}
}

static void a_pod_may_not_pose_as_a_router(void **state)
{
	static const uint8_t types[] = {ROUTER_ADVERT, REDIRECT};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (size_t i = 0; i < sizeof(types); i++) {
		struct packet_spec in = icmpv6(RF_INGRESS, types[i], 255);
		struct packet_spec out = icmpv6(RF_EGRESS, types[i], 255);

		assert_verdict(programs, RF_INGRESS, &in, NEIGHBOUR);
		assert_verdict(programs, RF_EGRESS, &out, DEFAULT_DENY);
		/* Nor with the router's address. */
		out.source = packet_address(LINK_LOCAL);
		assert_verdict(programs, RF_EGRESS, &out, SPOOFED);
	}
}

static void listener_discovery_passes_with_hop_limit_1(void **state)
{
	static const uint8_t types[] = {LISTENER_QUERY, LISTENER_REPORT, LISTENER_DONE,
					LISTENER_REPORT_2};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (size_t i = 0; i < sizeof(types); i++)
		for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
			struct packet_spec packet = icmpv6(direction, types[i], 1);

			assert_verdict(programs, direction, &packet, NEIGHBOUR);
			/* As it is sent: behind a router alert, from an address of the link. */
			packet.extensions[packet.extension_count++] = IPPROTO_HOPOPTS;
			packet.source = packet_address(LINK_LOCAL);
			assert_verdict(programs, direction, &packet, NEIGHBOUR);
			packet.source = packet_address(direction == RF_EGRESS ? POD_6 : PEER_6);
			packet.hop_limit = 2;
			assert_verdict(programs, direction, &packet, DEFAULT_DENY);
			packet.hop_limit = 255;
			assert_verdict(programs, direction, &packet, DEFAULT_DENY);
		}
}

/* A pod may not answer in another's name. */
static void discovery_from_an_address_that_is_not_the_pods_is_spoofed(void **state)
{
	static const uint8_t types[][2] = {{NEIGHBOUR_SOLICIT, 255},
					   {NEIGHBOUR_ADVERT, 255},
					   {ROUTER_SOLICIT, 255},
					   {LISTENER_REPORT_2, 1}};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct packet_spec packet = icmpv6(RF_EGRESS, types[i][0], types[i][1]);
		struct packet_spec in = icmpv6(RF_INGRESS, types[i][0], types[i][1]);

		packet.source = packet_address(PEER_6);
		assert_verdict(programs, RF_EGRESS, &packet, SPOOFED);
		packet.source = packet_address("fec0::1");
		assert_verdict(programs, RF_EGRESS, &packet, SPOOFED);
		packet.source = packet_address("::1");
		assert_verdict(programs, RF_EGRESS, &packet, SPOOFED);
		/* The peer's is the peer's. */
		in.source = packet_address("2001:db8::1");
		assert_verdict(programs, RF_INGRESS, &in, NEIGHBOUR);
	}
}

static void without_anti_spoof_only_another_pods_address_is(void **state)
{
	struct packet_spec packet = icmpv6(RF_EGRESS, ROUTER_SOLICIT, 255);
	struct programs *programs = *state;

	fixture_add_other_pod(programs, 0, ALLOW_ALL);
	assert_verdict(programs, RF_EGRESS, &packet, SPOOFED, .pod = OTHER_POD_ID);
	packet.source = packet_address(OTHER_6);
	assert_verdict(programs, RF_EGRESS, &packet, NEIGHBOUR, .pod = OTHER_POD_ID);
}

static void listener_discovery_to_one_host_alone_is_judged(void **state)
{
	struct packet_spec packet = icmpv6(RF_EGRESS, LISTENER_REPORT_2, 1);
	struct programs *programs = *state;

	packet.to_group = false;
	packet.destination = packet_address(PEER_6);
	programs_set_policy(programs, POD_ID, DENY_ALL);
	assert_verdict(programs, RF_EGRESS, &packet, DEFAULT_DENY);
}

static void discovery_has_code_0_and_is_of_icmpv6(void **state)
{
	struct packet_spec packet = icmpv6(RF_EGRESS, NEIGHBOUR_SOLICIT, 255);
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	packet.icmp_code = 1;
	assert_verdict(programs, RF_EGRESS, &packet, DEFAULT_DENY);
	packet.icmp_code = 0;
	packet.icmp_type = 128;
	assert_verdict(programs, RF_EGRESS, &packet, DEFAULT_DENY);
	packet.protocol = IPPROTO_UDP;
	packet.source_port = NEIGHBOUR_SOLICIT << 8;
	packet.destination_port = NEIGHBOUR_SOLICIT << 8;
	assert_verdict(programs, RF_EGRESS, &packet, DEFAULT_DENY);
}

static void discovery_makes_no_session(void **state)
{
	const struct packet_spec packet = icmpv6(RF_EGRESS, NEIGHBOUR_SOLICIT, 64);
	struct programs *programs = *state;

	assert_verdict(programs, RF_EGRESS, &packet, DEFAULT_ALLOW);
	assert_int_equal(flow_session_count(programs, RF_MAP_HALF_OPEN), 0);
}

static void ether_types_that_are_listed_pass(void **state)
{
	static const uint16_t listed[RF_POD_ETHER_TYPES] = {0x8863, 0x88cc, 0x88f7, 0x8847,
							    0x8848, 0x88e5, 0x8864, 0x88e1};
	struct programs *programs = *state;
	struct rf_pod_state *pod = &programs->objects.pod_state[POD_ID];

	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (int count = 0; count <= RF_POD_ETHER_TYPES; count++) {
		for (int i = 0; i < RF_POD_ETHER_TYPES; i++)
			pod->ether_types[i] = i < count ? htons(listed[i]) : 0;
		for (int i = 0; i < RF_POD_ETHER_TYPES; i++)
			for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
				const struct packet_spec packet = {.ether_type = listed[i],
								   .payload_size = 46};

				if (i < count)
					assert_verdict(programs, direction, &packet,
						       ETHER_TYPE_ALLOW);
				else
					assert_verdict(programs, direction, &packet,
						       ETHER_TYPE_DENY);
			}
	}
}

static void other_ether_types_do_not_pass_by_default(void **state)
{
	static const uint16_t others[] = {0x0001, 0x0026, 0x05dc, 0x0600, 0x0807,
					  0x6558, 0x86de, 0x88cc, 0x8906, 0xffff};
	struct programs *programs = *state;

	/* Allowing all of IP says nothing of what is not IP. */
	programs_set_policy(programs, POD_ID, ALLOW_ALL);
	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
			const struct packet_spec packet = {.ether_type = others[i],
							   .payload_size = 46};

			assert_verdict(programs, direction, &packet, ETHER_TYPE_DENY);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(neighbour_discovery_passes_with_hop_limit_255_whatever_the_policy),
		FIXTURE_TEST(with_another_hop_limit_it_is_judged_like_any_icmpv6),
		FIXTURE_TEST(a_pod_may_not_pose_as_a_router),
		FIXTURE_TEST(listener_discovery_passes_with_hop_limit_1),
		FIXTURE_TEST(discovery_from_an_address_that_is_not_the_pods_is_spoofed),
		FIXTURE_TEST(without_anti_spoof_only_another_pods_address_is),
		FIXTURE_TEST(listener_discovery_to_one_host_alone_is_judged),
		FIXTURE_TEST(discovery_has_code_0_and_is_of_icmpv6),
		FIXTURE_TEST(discovery_makes_no_session),
		FIXTURE_TEST(ether_types_that_are_listed_pass),
		FIXTURE_TEST(other_ether_types_do_not_pass_by_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
