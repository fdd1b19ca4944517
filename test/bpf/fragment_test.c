// SPDX-License-Identifier: Apache-2.0
/* Fragments: the later ones go where the first one went. */
#include "dataplane/constants.h"
#include "test/lib/fixture.h"
#include "test/lib/fragment.h"

#include <bpf/bpf.h>
#include <string.h>

#define MARGIN 5 /* seconds: so long may the test be held up */

#define POLICY                                                                                     \
	"{\"ingress\": {\"rules\": ["                                                              \
	"{\"id\": 1, \"action\": \"allow\", \"protocol\": \"tcp\", \"ports\": [\"80\"]},"          \
	"{\"id\": 2, \"action\": \"allow\", \"protocol\": \"udp\", \"ports\": [\"80\"]},"          \
	"{\"id\": 3, \"action\": \"allow\", \"protocol\": \"sctp\", \"ports\": [\"80\"]},"         \
	"{\"id\": 4, \"action\": \"allow\", \"protocol\": \"icmp\", \"ports\": [\"8/0\"]},"        \
	"{\"id\": 5, \"action\": \"allow\", \"protocol\": \"icmpv6\", \"ports\": [\"128/0\"]},"    \
	"{\"id\": 6, \"action\": \"allow\", \"protocol\": 47}]},"                                  \
	"\"egress\": {\"default\": \"deny\"}}"

/* Opened by the peer, as POLICY allows it. */
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
#define FLOW_COUNT (sizeof(flows) / sizeof(flows[0]))

/* TCP and UDP over each family. */
static const struct flow *const some_flows[] = {&flows[0], &flows[1], &flows[4], &flows[5]};
#define SOME_COUNT (sizeof(some_flows) / sizeof(some_flows[0]))

#define assert_fragment(programs, flow, direction, offset, more, ...)                              \
	do {                                                                                       \
		struct packet_spec fragment_ =                                                     \
			fragment_packet((flow), (direction), (offset), (more));                    \
		assert_verdict((programs), (direction), &fragment_, __VA_ARGS__);                  \
	} while (0)

static void the_fragments_of_an_allowed_packet_pass_both_ways(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, POLICY);
	for (size_t i = 0; i < FLOW_COUNT; i++) {
		assert_fragment(programs, &flows[i], RF_INGRESS, 0, true, RULE_ALLOW);
		assert_fragment(programs, &flows[i], RF_INGRESS, 64, true, SESSION);
		assert_fragment(programs, &flows[i], RF_INGRESS, 128, false, SESSION);
		assert_fragment(programs, &flows[i], RF_EGRESS, 0, true, SESSION);
		assert_fragment(programs, &flows[i], RF_EGRESS, 128, false, SESSION);
		assert_fragment(programs, &flows[i], RF_EGRESS, 64, true, SESSION);
	}
}

/* What has no ports and no session is judged by what the first one says it is. */
static void fragments_without_session_are_judged_like_their_first(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID,
			    "{\"ingress\": {\"rules\": [{\"id\": 1, \"action\": "
			    "\"allow\", \"protocol\": \"icmp\", \"ports\": "
			    "[\"13/0\"]}]}}");
	for (uint16_t offset = 0; offset < 192; offset += 64) {
		struct packet_spec packet = fragment_packet(&flows[3], RF_INGRESS, offset, true);

		packet.icmp_type = 13;
		assert_verdict(programs, RF_INGRESS, &packet, RULE_ALLOW);
	}
	assert_int_equal(flow_session_count(programs, RF_MAP_HALF_OPEN), 0);
}

static void a_protocol_without_ports_may_be_fragmented(void **state)
{
	struct flow flow = {POD_6, 0, PEER_6, 0, IPPROTO_GRE, 0};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, POLICY);
	for (int is_v4 = 0; is_v4 < 2; is_v4++) {
		flow.pod = is_v4 ? POD_4 : POD_6;
		flow.peer = is_v4 ? PEER_4 : PEER_6;
		assert_fragment(programs, &flow, RF_INGRESS, 0, true, RULE_ALLOW);
		assert_fragment(programs, &flow, RF_INGRESS, 64, false, SESSION);
	}
}

static void a_later_fragment_whose_first_was_not_seen_is_denied(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		assert_fragment(programs, &flows[i], RF_INGRESS, 128, false, FRAGMENT);
		assert_fragment(programs, &flows[i], RF_INGRESS, 64, true, FRAGMENT);
		assert_true(flow_has_no_session(programs, &flows[i]));
		/* What comes after the first one passes, what came before it has to be sent again.
		 */
		assert_fragment(programs, &flows[i], RF_INGRESS, 0, true, DEFAULT_ALLOW);
		assert_fragment(programs, &flows[i], RF_INGRESS, 128, false, SESSION);
		assert_fragment(programs, &flows[i], RF_INGRESS, 64, true, SESSION);
	}
}

static void a_first_fragment_that_is_denied_is_not_remembered(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (size_t i = 0; i < FLOW_COUNT; i++) {
		assert_fragment(programs, &flows[i], RF_INGRESS, 0, true, DEFAULT_DENY);
		assert_fragment(programs, &flows[i], RF_INGRESS, 64, false, FRAGMENT);
	}
	assert_int_equal(fragment_count(programs), 0);
}

static void a_whole_packet_is_not_remembered(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		assert_fragment(programs, &flows[i], RF_INGRESS, 0, false, DEFAULT_ALLOW);
		assert_fragment(programs, &flows[i], RF_INGRESS, 64, false, FRAGMENT);
	}
	assert_int_equal(fragment_count(programs), 0);
}

static void fragments_are_waited_for_as_long_as_linux_does(void **state)
{
	struct programs *programs = *state;
	uint64_t second = rf_ticks_per_second();

	for (size_t i = 0; i < SOME_COUNT; i++) {
		const struct flow *flow = some_flows[i];
		uint64_t seconds = strchr(flow->pod, ':') ? 60 : 30;

		assert_fragment(programs, flow, RF_INGRESS, 0, true, DEFAULT_ALLOW);
		fragment_age(programs, flow, RF_INGRESS, (seconds - MARGIN) * second);
		assert_fragment(programs, flow, RF_INGRESS, 64, true, SESSION);
		/* A later one is no reason to wait longer. */
		fragment_age(programs, flow, RF_INGRESS, MARGIN * second + 1);
		assert_fragment(programs, flow, RF_INGRESS, 64, true, FRAGMENT);
		/* Clocks of two CPUs may differ by a tick. */
		assert_fragment(programs, flow, RF_INGRESS, 0, true, SESSION);
		fragment_age(programs, flow, RF_INGRESS, -(uint64_t)MARGIN * second);
		assert_fragment(programs, flow, RF_INGRESS, 64, true, SESSION);
	}
}

/* By the ports of the first one, which the deny event has. */
static void a_later_fragment_is_judged_by_the_policy_of_now(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		programs_set_policy(programs, POD_ID, ALLOW_ALL);
		assert_fragment(programs, &flows[i], RF_INGRESS, 0, true, DEFAULT_ALLOW);
		programs_set_policy(programs, POD_ID, DENY_ALL);
		assert_fragment(programs, &flows[i], RF_INGRESS, 64, false, DEFAULT_DENY);
		assert_true(flow_has_no_session(programs, &flows[i]));
	}
}

static void a_later_fragment_makes_no_session(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		struct rf_flow_key key = flow_key(&flows[i]);

		assert_fragment(programs, &flows[i], RF_INGRESS, 0, true, DEFAULT_ALLOW);
		assert_int_equal(
			bpf_map_delete_elem(programs->objects.maps[RF_MAP_HALF_OPEN], &key), 0);
		assert_fragment(programs, &flows[i], RF_INGRESS, 64, false, DEFAULT_ALLOW);
		assert_true(flow_has_no_session(programs, &flows[i]));
	}
}

static void a_later_fragment_changes_no_tcp_state(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FIXTURE_TCP_COUNT; i++) {
		const struct flow *flow = &fixture_tcp[i].flow;
		struct rf_session before, after;

		assert_handshake(programs, flow, fixture_tcp[i].opener, DEFAULT_ALLOW);
		assert_fragment(programs, flow, RF_EGRESS, 0, true, SESSION);
		assert_flow(programs, flow, RF_INGRESS, TCP_FIN_ACK, SESSION);
		assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &before));
		assert_fragment(programs, flow, RF_EGRESS, 64, false, SESSION);
		assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &after));
		assert_memory_equal(before.seen, after.seen, sizeof(before.seen));
		assert_int_equal(after.packets[RF_EGRESS], before.packets[RF_EGRESS] + 1);
	}
}

/* A number is used again sooner or later (RFC 6864): what came last counts. */
static void the_last_first_fragment_counts(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, POLICY);
	for (size_t i = 0; i < SOME_COUNT; i++) {
		struct flow again = *some_flows[i];

		again.peer_port = 50000;
		assert_fragment(programs, some_flows[i], RF_INGRESS, 0, true, RULE_ALLOW);
		assert_fragment(programs, some_flows[i], RF_INGRESS, 0, true, SESSION);
		assert_fragment(programs, &again, RF_INGRESS, 0, true, RULE_ALLOW);
		programs_set_policy(programs, POD_ID, DENY_ALL);
		assert_fragment(programs, &again, RF_INGRESS, 64, true, DEFAULT_DENY);
		programs_set_policy(programs, POD_ID, POLICY);
		/* One that is denied takes nothing away. */
		again.pod_port = 22;
		assert_fragment(programs, &again, RF_INGRESS, 0, true, DEFAULT_DENY);
		assert_fragment(programs, some_flows[i], RF_INGRESS, 64, true, RULE_ALLOW);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(the_fragments_of_an_allowed_packet_pass_both_ways),
		FIXTURE_TEST(fragments_without_session_are_judged_like_their_first),
		FIXTURE_TEST(a_protocol_without_ports_may_be_fragmented),
		FIXTURE_TEST(a_later_fragment_whose_first_was_not_seen_is_denied),
		FIXTURE_TEST(a_first_fragment_that_is_denied_is_not_remembered),
		FIXTURE_TEST(a_whole_packet_is_not_remembered),
		FIXTURE_TEST(fragments_are_waited_for_as_long_as_linux_does),
		FIXTURE_TEST(a_later_fragment_is_judged_by_the_policy_of_now),
		FIXTURE_TEST(a_later_fragment_makes_no_session),
		FIXTURE_TEST(a_later_fragment_changes_no_tcp_state),
		FIXTURE_TEST(the_last_first_fragment_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
