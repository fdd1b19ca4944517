// SPDX-License-Identifier: Apache-2.0
/* ARP: a pod says only of its own addresses where they are. */
#include "test/lib/fixture.h"

#include <arpa/inet.h>
#include <string.h>

#define ARP_SIZE 28

enum {
	REQUEST = 1,
	REPLY = 2
};

static struct packet_spec make(uint8_t body[ARP_SIZE], uint8_t operation, const char *sender,
			       const char *target)
{
	static const uint8_t fixed[] = {0, 1, 8, 0, 6, 4, 0};

	memset(body, 0, ARP_SIZE);
	memcpy(body, fixed, sizeof(fixed));
	body[7] = operation;
	inet_pton(AF_INET, sender, body + 14);
	inet_pton(AF_INET, target, body + 24);
	return (struct packet_spec){
		.to_group = operation == REQUEST,
		.ether_type = 0x0806,
		.payload = body,
		.payload_size = ARP_SIZE,
	};
}

#define assert_arp(programs, direction, operation, sender, target, ...)                            \
	do {                                                                                       \
		uint8_t body[ARP_SIZE];                                                            \
		const struct packet_spec packet = make(body, operation, sender, target);           \
		assert_verdict(programs, direction, &packet, __VA_ARGS__);                         \
	} while (0)

static void arp_of_the_pods_own_address_passes_whatever_the_policy(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (int operation = REQUEST; operation <= REPLY; operation++) {
		assert_arp(programs, RF_EGRESS, operation, POD_4, PEER_4, ETHER_TYPE_ALLOW);
		/* Announcement (RFC 5227, 2.3). */
		assert_arp(programs, RF_EGRESS, operation, POD_4, POD_4, ETHER_TYPE_ALLOW);
	}
}

static void arp_of_an_address_that_is_not_the_pods_is_spoofed(void **state)
{
	static const char *const others[] = {PEER_4, OTHER_POD_4, "169.254.1.1", "255.255.255.255"};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		for (int operation = REQUEST; operation <= REPLY; operation++) {
			assert_arp(programs, RF_EGRESS, operation, others[i], POD_4, SPOOFED);
			assert_arp(programs, RF_EGRESS, operation, others[i], others[i], SPOOFED);
		}
}

/* RFC 5227, 2.1.1. */
static void a_probe_is_a_claim_to_its_target(void **state)
{
	struct programs *programs = *state;

	assert_arp(programs, RF_EGRESS, REQUEST, "0.0.0.0", POD_4, ETHER_TYPE_ALLOW);
	assert_arp(programs, RF_EGRESS, REQUEST, "0.0.0.0", PEER_4, SPOOFED);
	assert_arp(programs, RF_EGRESS, REQUEST, "0.0.0.0", "0.0.0.0", SPOOFED);
}

static void without_anti_spoof_only_arp_of_another_pods_address_is_spoofed(void **state)
{
	struct programs *programs = *state;

	fixture_add_other_pod(programs, 0, DENY_ALL);
	assert_arp(programs, RF_EGRESS, REPLY, OTHER_POD_4, PEER_4, ETHER_TYPE_ALLOW,
		   .pod = OTHER_POD_ID);
	assert_arp(programs, RF_EGRESS, REPLY, OTHER_4, PEER_4, ETHER_TYPE_ALLOW,
		   .pod = OTHER_POD_ID);
	assert_arp(programs, RF_EGRESS, REPLY, POD_4, PEER_4, SPOOFED, .pod = OTHER_POD_ID);
	assert_arp(programs, RF_EGRESS, REQUEST, "0.0.0.0", POD_4, SPOOFED, .pod = OTHER_POD_ID);
	assert_arp(programs, RF_EGRESS, REQUEST, "0.0.0.0", OTHER_4, ETHER_TYPE_ALLOW,
		   .pod = OTHER_POD_ID);
}

/* Proxy ARP (RFC 1027): a neighbour answers for others. */
static void to_the_pod_anything_may_be_said(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	assert_arp(programs, RF_INGRESS, REPLY, "192.0.2.1", POD_4, ETHER_TYPE_ALLOW);
	assert_arp(programs, RF_INGRESS, REQUEST, POD_4, OTHER_4, ETHER_TYPE_ALLOW);
}

static void arp_that_is_cut_is_malformed(void **state)
{
	struct programs *programs = *state;

	for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
		uint8_t body[ARP_SIZE];
		struct packet_spec packet = make(body, REQUEST, POD_4, PEER_4);

		for (packet.payload_size = 0; packet.payload_size < ARP_SIZE; packet.payload_size++)
			assert_verdict(programs, direction, &packet, MALFORMED);
		/* Padded to what Ethernet needs. */
		packet.payload = NULL;
		packet.payload_size = 46;
		assert_verdict(programs, direction, &packet, MALFORMED);
	}
}

static void arp_of_other_than_ethernet_and_ipv4_is_malformed(void **state)
{
	struct programs *programs = *state;

	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		for (size_t i = 0; i < 6; i++) {
			uint8_t body[ARP_SIZE];
			const struct packet_spec packet = make(body, REQUEST, POD_4, PEER_4);

			body[i]++;
			assert_verdict(programs, direction, &packet, MALFORMED);
		}
}

static void arp_is_padded(void **state)
{
	struct programs *programs = *state;
	uint8_t body[46] = {0};
	struct packet_spec packet = make(body, REQUEST, POD_4, PEER_4);

	packet.payload_size = sizeof(body);
	assert_verdict(programs, RF_EGRESS, &packet, ETHER_TYPE_ALLOW);
}

static void arp_does_not_pass_where_it_is_not_listed(void **state)
{
	struct programs *programs = *state;

	programs->objects.pod_state[POD_ID].ether_types[0] = 0;
	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		assert_arp(programs, direction, REQUEST, POD_4, PEER_4, ETHER_TYPE_DENY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(arp_of_the_pods_own_address_passes_whatever_the_policy),
		FIXTURE_TEST(arp_of_an_address_that_is_not_the_pods_is_spoofed),
		FIXTURE_TEST(a_probe_is_a_claim_to_its_target),
		FIXTURE_TEST(without_anti_spoof_only_arp_of_another_pods_address_is_spoofed),
		FIXTURE_TEST(to_the_pod_anything_may_be_said),
		FIXTURE_TEST(arp_that_is_cut_is_malformed),
		FIXTURE_TEST(arp_of_other_than_ethernet_and_ipv4_is_malformed),
		FIXTURE_TEST(arp_is_padded),
		FIXTURE_TEST(arp_does_not_pass_where_it_is_not_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
