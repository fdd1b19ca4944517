// SPDX-License-Identifier: Apache-2.0
/* What a pod says in neighbour discovery: it must be true and whole, and it stays among neighbours.
 */
#include "test/lib/fixture.h"

#include <string.h>

#define GROUP_6    "ff02::1:ff00:9"
#define LINK_LOCAL "fe80::2"

enum {
	ROUTER_SOLICIT = 133,
	ROUTER_ADVERT = 134,
	SOLICIT = 135,
	ADVERT = 136,
	REDIRECT = 137,
};

struct message {
	struct packet_spec packet; /* its payload is the one below */
	uint8_t body[PACKET_MAX];
};

/* @target NULL: of what has none. */
static void make(struct message *message, uint8_t type, const char *source, const char *destination,
		 const char *target)
{
	const struct in6_addr address = packet_address(target ? target : "::");

	memset(message->body, 0, sizeof(message->body));
	memcpy(message->body, &address, sizeof(address));
	message->packet = (struct packet_spec){
		.to_group = !strncmp(destination, "ff", 2),
		.source = packet_address(source),
		.destination = packet_address(destination),
		.hop_limit = 255,
		.protocol = IPPROTO_ICMPV6,
		.icmp_type = type,
		.payload = message->body,
		.payload_size = target                  ? 16
				: type == ROUTER_ADVERT ? 8
				: type == REDIRECT      ? 32
							: 0,
	};
}

static void add_option(struct message *message, uint8_t type, uint8_t length, size_t bytes)
{
	uint8_t *option = message->body + message->packet.payload_size;

	memset(option, 0, bytes);
	option[0] = type;
	option[1] = length;
	message->packet.payload_size += bytes;
}

#define assert_claim(programs, type, source, destination, target, ...)                             \
	do {                                                                                       \
		struct message claimed;                                                            \
		make(&claimed, type, source, destination, target);                                 \
		assert_verdict(programs, RF_EGRESS, &claimed.packet, __VA_ARGS__);                 \
	} while (0)

static int setup(void **state)
{
	int ret = fixture_setup(state);

	programs_set_policy(*state, POD_ID, DENY_ALL);
	return ret;
}

static void an_advertisement_is_of_the_pods_own_address(void **state)
{
	static const char *const sources[] = {POD_6, LINK_LOCAL};
	struct programs *programs = *state;

	for (size_t i = 0; i < 2; i++) {
		assert_claim(programs, ADVERT, sources[i], GROUP_6, POD_6, NEIGHBOUR);
		assert_claim(programs, ADVERT, sources[i], GROUP_6, LINK_LOCAL, NEIGHBOUR);
		assert_claim(programs, ADVERT, sources[i], GROUP_6, PEER_6, SPOOFED);
		assert_claim(programs, ADVERT, sources[i], GROUP_6, OTHER_POD_6, SPOOFED);
		assert_claim(programs, ADVERT, sources[i], GROUP_6, "::", SPOOFED);
		assert_claim(programs, ADVERT, sources[i], "fe80::9", PEER_6, SPOOFED);
		assert_claim(programs, ADVERT, sources[i], PEER_6, PEER_6, SPOOFED);
	}
	/* Not even where ICMPv6 is allowed. */
	programs_set_policy(programs, POD_ID, ALLOW_ALL);
	assert_claim(programs, ADVERT, POD_6, PEER_6, PEER_6, SPOOFED);
}

static void a_solicitation_asks_for_any_address(void **state)
{
	struct programs *programs = *state;

	assert_claim(programs, SOLICIT, POD_6, GROUP_6, PEER_6, NEIGHBOUR);
	assert_claim(programs, SOLICIT, LINK_LOCAL, GROUP_6, OTHER_POD_6, NEIGHBOUR);
	assert_claim(programs, SOLICIT, PEER_6, GROUP_6, OTHER_POD_6, SPOOFED);
}

/* RFC 4862, 5.4.2. */
static void a_probe_for_duplicates_is_a_claim(void **state)
{
	struct programs *programs = *state;

	assert_claim(programs, SOLICIT, "::", GROUP_6, POD_6, NEIGHBOUR);
	assert_claim(programs, SOLICIT, "::", GROUP_6, LINK_LOCAL, NEIGHBOUR);
	assert_claim(programs, SOLICIT, "::", GROUP_6, PEER_6, SPOOFED);
	assert_claim(programs, SOLICIT, "::", GROUP_6, OTHER_POD_6, SPOOFED);
}

static void to_the_pod_anything_may_be_claimed(void **state)
{
	struct programs *programs = *state;
	struct message message;

	make(&message, ADVERT, PEER_6, "ff02::1", "2001:db8::1");
	assert_verdict(programs, RF_INGRESS, &message.packet, NEIGHBOUR);
	make(&message, SOLICIT, "::", GROUP_6, POD_6);
	assert_verdict(programs, RF_INGRESS, &message.packet, NEIGHBOUR);
}

static void without_anti_spoof_only_claims_to_another_pods_address_are_spoofed(void **state)
{
	static const char *const link_local[] = {"fe80::77", NULL};
	struct programs *programs = *state;

	programs_add_pod(programs, POD_ID, link_local, RF_POD_ANTI_SPOOF, DENY_ALL);
	fixture_add_other_pod(programs, 0, DENY_ALL);
	for (int is_probe = 0; is_probe < 2; is_probe++) {
		uint8_t type = is_probe ? SOLICIT : ADVERT;
		const char *source = is_probe ? "::" : OTHER_POD_6;

		assert_claim(programs, type, source, GROUP_6, OTHER_POD_6, NEIGHBOUR,
			     .pod = OTHER_POD_ID);
		assert_claim(programs, type, source, GROUP_6, PEER_6, NEIGHBOUR,
			     .pod = OTHER_POD_ID);
		assert_claim(programs, type, source, GROUP_6, POD_6, SPOOFED, .pod = OTHER_POD_ID);
		assert_claim(programs, type, source, GROUP_6, "fe80::77", SPOOFED,
			     .pod = OTHER_POD_ID);
	}
	assert_claim(programs, ROUTER_SOLICIT, "fe80::77", GROUP_6, NULL, SPOOFED,
		     .pod = OTHER_POD_ID);
}

static void a_message_that_is_cut_is_malformed(void **state)
{
	static const struct {
		uint8_t type;
		const char *target;
		enum rf_direction direction;
	} cases[] = {
		{ROUTER_SOLICIT, NULL, RF_EGRESS}, {SOLICIT, POD_6, RF_EGRESS},
		{ADVERT, POD_6, RF_EGRESS},        {ROUTER_ADVERT, NULL, RF_INGRESS},
		{REDIRECT, NULL, RF_INGRESS},      {ADVERT, PEER_6, RF_INGRESS},
	};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct message message;
		size_t whole;

		make(&message, cases[i].type, cases[i].direction == RF_EGRESS ? POD_6 : PEER_6,
		     GROUP_6, cases[i].target);
		assert_verdict(programs, cases[i].direction, &message.packet, NEIGHBOUR);
		whole = message.packet.payload_size;
		for (message.packet.payload_size = 0; message.packet.payload_size < whole;
		     message.packet.payload_size++)
			assert_verdict(programs, cases[i].direction, &message.packet, MALFORMED);
	}
}

static void a_multicast_target_is_malformed(void **state)
{
	struct programs *programs = *state;
	struct message message;

	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		for (int type = SOLICIT; type <= ADVERT; type++) {
			make(&message, type, direction == RF_EGRESS ? POD_6 : PEER_6, GROUP_6,
			     "ff02::1");
			assert_verdict(programs, direction, &message.packet, MALFORMED);
		}
}

static void options_of_no_length_or_beyond_the_end_are_malformed(void **state)
{
	static const uint8_t types[] = {ROUTER_SOLICIT, SOLICIT, ADVERT, ROUTER_ADVERT, REDIRECT};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(types); i++) {
		bool is_routers = types[i] == ROUTER_ADVERT || types[i] == REDIRECT;
		enum rf_direction direction = is_routers ? RF_INGRESS : RF_EGRESS;
		const char *target = types[i] == SOLICIT || types[i] == ADVERT ? POD_6 : NULL;
		struct message message;

		make(&message, types[i], direction == RF_EGRESS ? POD_6 : PEER_6, GROUP_6, target);
		add_option(&message, 1, 1, 8);
		add_option(&message, 14, 2, 16);
		assert_verdict(programs, direction, &message.packet, NEIGHBOUR);
		add_option(&message, 14, 0, 8);
		assert_verdict(programs, direction, &message.packet, MALFORMED);
		message.packet.payload_size -= 8;
		add_option(&message, 14, 2, 8);
		assert_verdict(programs, direction, &message.packet, MALFORMED);
		message.packet.payload_size -= 8;
		for (size_t bytes = 1; bytes < 8; bytes++) {
			add_option(&message, 14, 1, bytes);
			assert_verdict(programs, direction, &message.packet, MALFORMED);
			message.packet.payload_size -= bytes;
		}
	}
}

static void a_message_has_as_many_options_as_anyone_sends(void **state)
{
	struct programs *programs = *state;
	struct message message;

	make(&message, ROUTER_ADVERT, PEER_6, GROUP_6, NULL);
	for (int i = 0; i < 64; i++)
		add_option(&message, 3, 1, 8);
	assert_verdict(programs, RF_INGRESS, &message.packet, NEIGHBOUR);
	add_option(&message, 3, 1, 8);
	assert_verdict(programs, RF_INGRESS, &message.packet, MALFORMED);
}

/* No router forwards these, so the policy need not ask how long they are. */
static void discovery_to_the_link_passes(void **state)
{
	static const char *const destinations[] = {"ff02::1", "ff02::2",  GROUP_6,
						   "ff01::1", "ff12::77", "fe80::9"};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(destinations) / sizeof(destinations[0]); i++) {
		struct message message;

		make(&message, SOLICIT, POD_6, destinations[i], PEER_6);
		add_option(&message, 14, 32, 256);
		assert_verdict(programs, RF_EGRESS, &message.packet, NEIGHBOUR);
		assert_claim(programs, ROUTER_SOLICIT, POD_6, destinations[i], NULL, NEIGHBOUR);
	}
}

/* Of another scope, or to an address that it does not ask for. */
static void discovery_that_no_neighbour_needs_is_judged_like_any_icmpv6(void **state)
{
	static const char *const destinations[] = {"ff05::2", "ff0e::1",     "ff08::1",
						   PEER_6,    "2001:db8::1", "fec0::1"};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(destinations) / sizeof(destinations[0]); i++) {
		programs_set_policy(programs, POD_ID, DENY_ALL);
		assert_claim(programs, SOLICIT, POD_6, destinations[i], OTHER_6, DEFAULT_DENY);
		assert_claim(programs, ROUTER_SOLICIT, POD_6, destinations[i], NULL, DEFAULT_DENY);
		programs_set_policy(programs, POD_ID, ALLOW_ALL);
		assert_claim(programs, SOLICIT, POD_6, destinations[i], OTHER_6, DEFAULT_ALLOW);
		assert_claim(programs, ROUTER_SOLICIT, POD_6, destinations[i], NULL, DEFAULT_ALLOW);
	}
}

/* RFC 4861, 7.3.3: with one link-layer address, and nothing else. */
static void a_neighbour_is_probed_and_answered_at_its_own_address(void **state)
{
	struct programs *programs = *state;

	for (int type = SOLICIT; type <= ADVERT; type++) {
		const char *target = type == SOLICIT ? PEER_6 : POD_6;
		struct message message;

		make(&message, type, POD_6, PEER_6, target);
		assert_verdict(programs, RF_EGRESS, &message.packet, NEIGHBOUR);
		add_option(&message, 1, 1, 8);
		assert_verdict(programs, RF_EGRESS, &message.packet, NEIGHBOUR);
		add_option(&message, 14, 1, 8);
		assert_verdict(programs, RF_EGRESS, &message.packet, DEFAULT_DENY);
		make(&message, type, POD_6, PEER_6, target);
		add_option(&message, 14, 2, 16);
		assert_verdict(programs, RF_EGRESS, &message.packet, DEFAULT_DENY);
		make(&message, type, POD_6, PEER_6, target);
		add_option(&message, 1, 1, 8);
		message.packet.extensions[0] = IPPROTO_DSTOPTS;
		message.packet.extension_count = 1;
		assert_verdict(programs, RF_EGRESS, &message.packet, DEFAULT_DENY);
	}
}

#define CLAIM_TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM_TEST(an_advertisement_is_of_the_pods_own_address),
		CLAIM_TEST(a_solicitation_asks_for_any_address),
		CLAIM_TEST(a_probe_for_duplicates_is_a_claim),
		CLAIM_TEST(to_the_pod_anything_may_be_claimed),
		CLAIM_TEST(without_anti_spoof_only_claims_to_another_pods_address_are_spoofed),
		CLAIM_TEST(a_message_that_is_cut_is_malformed),
		CLAIM_TEST(a_multicast_target_is_malformed),
		CLAIM_TEST(options_of_no_length_or_beyond_the_end_are_malformed),
		CLAIM_TEST(a_message_has_as_many_options_as_anyone_sends),
		CLAIM_TEST(discovery_to_the_link_passes),
		CLAIM_TEST(discovery_that_no_neighbour_needs_is_judged_like_any_icmpv6),
		CLAIM_TEST(a_neighbour_is_probed_and_answered_at_its_own_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
