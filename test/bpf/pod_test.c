// SPDX-License-Identifier: Apache-2.0
/* Whose packet it is: by the interface, and by the address that it must carry. */
#include "test/lib/fixture.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>

static const struct flow flow_4 = {POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0};
static const struct flow flow_6 = {POD_6, 40000, PEER_6, 80, IPPROTO_TCP, 0};

static struct packet_spec udp(const char *source, const char *destination)
{
	return (struct packet_spec){
		.source = packet_address(source),
		.destination = packet_address(destination),
		.protocol = IPPROTO_UDP,
		.source_port = 5000,
		.destination_port = 5001,
	};
}

static void a_packet_through_an_unknown_interface_is_denied(void **state)
{
	const struct packet_spec arp = {.ether_type = 0x0806, .payload_size = 28};
	const struct packet_spec in = udp(PEER_4, POD_4), out = udp(POD_4, PEER_4);
	struct programs *programs = *state;

	programs_move_pod(programs, POD_ID, PROGRAMS_ELSEWHERE);
	assert_verdict(programs, RF_INGRESS, &in, UNKNOWN_POD, .unknown_pod = true);
	assert_verdict(programs, RF_EGRESS, &out, UNKNOWN_POD, .unknown_pod = true);
	assert_verdict(programs, RF_INGRESS, &in, UNKNOWN_POD, .unknown_pod = true,
		       .from_node = true);
	assert_verdict_of_bytes(programs, RF_EGRESS, "0123456789AB\x08\x06 arp", 18, UNKNOWN_POD,
				.unknown_pod = true);
	assert_int_equal(programs->event.ether_type, htons(arp.ether_type));
	assert_true(flow_has_no_session(programs,
					&(struct flow){POD_4, 5000, PEER_4, 5001, IPPROTO_UDP, 0}));
}

/* Pod 1 was removed in between: its state is another's or nobody's. */
static void an_interface_that_leads_to_another_pods_state_is_unknown(void **state)
{
	const struct packet_spec out = udp(POD_4, PEER_4);
	struct programs *programs = *state;
	uint32_t beyond = RF_PODS_DEFAULT + 1, ifindex = PROGRAMS_IFINDEX;

	programs->objects.pod_state[POD_ID].ifindex = PROGRAMS_ELSEWHERE;
	assert_verdict(programs, RF_EGRESS, &out, UNKNOWN_POD, .unknown_pod = true);
	assert_int_equal(bpf_map_update_elem(programs->objects.maps[RF_MAP_INTERFACES], &ifindex,
					     &beyond, BPF_ANY),
			 0);
	assert_verdict(programs, RF_EGRESS, &out, UNKNOWN_POD, .unknown_pod = true);
}

static void a_spoofed_source_is_denied(void **state)
{
	static const char *const sources[] = {OTHER_4, "0.0.0.0", PEER_4, "127.0.0.1", POD_4};
	static const char *const sources_6[] = {OTHER_6, "::", PEER_6, "::1", POD_6};
	struct programs *programs = *state;

	for (size_t i = 0; i < 5; i++) {
		struct packet_spec out = udp(sources[i], PEER_4), out_6 = udp(sources_6[i], PEER_6);

		if (i == 4) {
			assert_verdict(programs, RF_EGRESS, &out, DEFAULT_ALLOW);
			assert_verdict(programs, RF_EGRESS, &out_6, DEFAULT_ALLOW);
			break;
		}
		assert_verdict(programs, RF_EGRESS, &out, SPOOFED);
		assert_verdict(programs, RF_EGRESS, &out_6, SPOOFED);
		/* Nor to a group, as which it is the pod's still. */
		out.to_group = out_6.to_group = true;
		assert_verdict(programs, RF_EGRESS, &out, SPOOFED);
		assert_verdict(programs, RF_EGRESS, &out_6, SPOOFED);
	}
	assert_int_equal(flow_session_count(programs, RF_MAP_HALF_OPEN), 2);
}

static void without_anti_spoof_a_pod_may_have_other_addresses(void **state)
{
	const struct packet_spec out = udp(OTHER_4, PEER_4), in = udp(PEER_4, OTHER_4);
	const struct packet_spec out_6 = udp(OTHER_6, PEER_6), in_6 = udp(PEER_6, OTHER_6);
	struct programs *programs = *state;

	programs->objects.pod_state[POD_ID].flags = 0;
	assert_verdict(programs, RF_EGRESS, &out, DEFAULT_ALLOW);
	assert_verdict(programs, RF_EGRESS, &out_6, DEFAULT_ALLOW);
	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	assert_verdict(programs, RF_INGRESS, &in, DEFAULT_DENY);
	assert_verdict(programs, RF_INGRESS, &in_6, DEFAULT_DENY);
	assert_verdict(programs, RF_EGRESS, &out, SESSION);
}

static void another_pods_address_is_spoofed_whatever_anti_spoof_is(void **state)
{
	const struct packet_spec out = udp(POD_4, PEER_4), out_6 = udp(POD_6, PEER_6);
	const struct packet_spec in = udp(PEER_4, POD_4), in_6 = udp(PEER_6, POD_6);
	struct programs *programs = *state;

	fixture_add_other_pod(programs, 0, ALLOW_ALL);
	for (int anti_spoof = 0; anti_spoof < 2; anti_spoof++) {
		programs->objects.pod_state[OTHER_POD_ID].flags =
			anti_spoof ? RF_POD_ANTI_SPOOF : 0;
		assert_verdict(programs, RF_EGRESS, &out, SPOOFED, .pod = OTHER_POD_ID);
		assert_verdict(programs, RF_EGRESS, &out_6, SPOOFED, .pod = OTHER_POD_ID);
		assert_verdict(programs, RF_INGRESS, &in, NOT_FOR_POD, .pod = OTHER_POD_ID);
		assert_verdict(programs, RF_INGRESS, &in_6, NOT_FOR_POD, .pod = OTHER_POD_ID);
	}
}

static void a_packet_that_is_not_for_the_pod_is_denied(void **state)
{
	struct packet_spec in = udp(PEER_4, OTHER_4), in_6 = udp(PEER_6, OTHER_6);
	struct programs *programs = *state;

	assert_verdict(programs, RF_INGRESS, &in, NOT_FOR_POD);
	assert_verdict(programs, RF_INGRESS, &in_6, NOT_FOR_POD);
	assert_verdict(programs, RF_INGRESS, &in, NOT_FOR_POD, .from_node = true);
	/* What goes to a group is everybody's, and judged. */
	in.to_group = in_6.to_group = true;
	assert_verdict(programs, RF_INGRESS, &in, DEFAULT_ALLOW);
	assert_verdict(programs, RF_INGRESS, &in_6, DEFAULT_ALLOW);
}

/* Another pod sends as if it were one side of what pod 1 has under way. */
static void a_session_is_not_followed_through_another_interface(void **state)
{
	struct programs *programs = *state;

	assert_handshake(programs, &flow_4, RF_EGRESS, DEFAULT_ALLOW);
	assert_handshake(programs, &flow_6, RF_EGRESS, DEFAULT_ALLOW);
	fixture_add_other_pod(programs, RF_POD_ANTI_SPOOF, ALLOW_ALL);
	assert_flow(programs, &flow_4, RF_EGRESS, TCP_ACK, SPOOFED, .pod = OTHER_POD_ID);
	assert_flow(programs, &flow_6, RF_EGRESS, TCP_ACK, SPOOFED, .pod = OTHER_POD_ID);
	assert_flow(programs, &flow_4, RF_INGRESS, TCP_ACK, NOT_FOR_POD, .pod = OTHER_POD_ID);
	assert_flow(programs, &flow_6, RF_INGRESS, TCP_RST, NOT_FOR_POD, .pod = OTHER_POD_ID);
	/* It did not touch them. */
	programs_move_pod(programs, POD_ID, PROGRAMS_IFINDEX);
	assert_flow(programs, &flow_4, RF_INGRESS, TCP_ACK, SESSION);
	assert_flow(programs, &flow_6, RF_EGRESS, TCP_ACK, SESSION);
}

/* Two pods without antiSpoof may both use an address that is nobody's: each has its own flows. */
static void a_session_of_another_pod_with_the_same_address_is_not_followed(void **state)
{
	const struct flow flow = {OTHER_4, 40000, PEER_4, 80, IPPROTO_TCP, 0};
	struct programs *programs = *state;

	programs->objects.pod_state[POD_ID].flags = 0;
	assert_handshake(programs, &flow, RF_EGRESS, DEFAULT_ALLOW);
	fixture_add_other_pod(programs, 0, EGRESS_ONLY);
	assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, DEFAULT_DENY, .pod = OTHER_POD_ID);
	assert_flow(programs, &flow, RF_EGRESS, TCP_ACK, DEFAULT_ALLOW, .pod = OTHER_POD_ID);
	assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, SESSION, .pod = OTHER_POD_ID);
}

/* Each pod's own policy and counters, though both stand behind one interface here. */
static void each_pod_has_its_own_policy_and_counters(void **state)
{
	const struct packet_spec out = udp(POD_4, PEER_4), other = udp(OTHER_POD_4, PEER_4);
	struct programs *programs = *state;

	fixture_add_other_pod(programs, RF_POD_ANTI_SPOOF, DENY_ALL);
	assert_verdict(programs, RF_EGRESS, &other, DEFAULT_DENY, .pod = OTHER_POD_ID);
	programs_move_pod(programs, POD_ID, PROGRAMS_IFINDEX);
	assert_verdict(programs, RF_EGRESS, &out, DEFAULT_ALLOW);
	assert_int_equal(programs_count(programs, OTHER_POD_ID, RF_EGRESS, RF_REASON_DEFAULT_DENY),
			 1);
	assert_int_equal(programs_count(programs, POD_ID, RF_EGRESS, RF_REASON_DEFAULT_DENY), 0);
	assert_int_equal(programs_count(programs, 0, RF_EGRESS, RF_REASON_UNKNOWN_POD), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_packet_through_an_unknown_interface_is_denied),
		FIXTURE_TEST(an_interface_that_leads_to_another_pods_state_is_unknown),
		FIXTURE_TEST(a_spoofed_source_is_denied),
		FIXTURE_TEST(without_anti_spoof_a_pod_may_have_other_addresses),
		FIXTURE_TEST(another_pods_address_is_spoofed_whatever_anti_spoof_is),
		FIXTURE_TEST(a_packet_that_is_not_for_the_pod_is_denied),
		FIXTURE_TEST(a_session_is_not_followed_through_another_interface),
		FIXTURE_TEST(a_session_of_another_pod_with_the_same_address_is_not_followed),
		FIXTURE_TEST(each_pod_has_its_own_policy_and_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
