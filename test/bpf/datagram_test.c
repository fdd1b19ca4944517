// SPDX-License-Identifier: Apache-2.0
/* Sessions of what has no connection: UDP, SCTP, echoes, other protocols; and what never makes one.
 */
#include "test/lib/fixture.h"

#include <string.h>

static const char *const only[] = {[RF_INGRESS] = INGRESS_ONLY, [RF_EGRESS] = EGRESS_ONLY};

static void a_reply_follows_and_what_the_opener_sends_then_moves_the_flow_to_sessions(void **state)
{
	static const struct flow flows[] = {
		{POD_4, 53, PEER_4, 40000, IPPROTO_UDP, 0},
		{POD_6, 53, PEER_6, 40000, IPPROTO_UDP, 0},
		{POD_4, 53, PEER_4, 40000, IPPROTO_SCTP, 0},
		{POD_6, 53, PEER_6, 40000, IPPROTO_SCTP, 0},
		{POD_4, 0, PEER_4, 0, IPPROTO_GRE, 0},
		{POD_6, 0, PEER_6, 0, IPPROTO_GRE, 0},
	};
	struct programs *programs = *state;
	struct rf_session session;

	for (size_t i = 0; i < 2 * sizeof(flows) / sizeof(flows[0]); i++) {
		const struct flow *flow = &flows[i / 2];
		enum rf_direction opener = i % 2;

		programs_set_policy(programs, POD_ID, only[opener]);
		assert_flow(programs, flow, !opener, 0, DEFAULT_DENY);
		assert_flow(programs, flow, opener, 0, DEFAULT_ALLOW);
		assert_flow(programs, flow, opener, 0, SESSION);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, flow, &session));
		assert_false(flow_session(programs, RF_MAP_SESSIONS, flow, &session));
		/* However much comes back: it may be no more than the answer to one question. */
		for (int k = 0; k < 3; k++) {
			assert_flow(programs, flow, !opener, 0, SESSION);
			assert_int_equal(flow_state(programs, RF_MAP_HALF_OPEN, flow),
					 RF_STATE_REPLIED);
		}
		assert_flow(programs, flow, opener, 0, SESSION);
		assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, flow), RF_STATE_REPLIED);
		assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &session));
		assert_int_equal(session.opened_by, opener);
	}
}

static void the_reply_to_an_echo_follows(void **state)
{
	static const struct flow flows[] = {
		{POD_4, 0, PEER_4, 7, IPPROTO_ICMP, RF_INGRESS},
		{POD_4, 7, PEER_4, 0, IPPROTO_ICMP, RF_EGRESS},
		{POD_6, 0, PEER_6, 7, IPPROTO_ICMPV6, RF_INGRESS},
		{POD_6, 7, PEER_6, 0, IPPROTO_ICMPV6, RF_EGRESS},
	};
	struct programs *programs = *state;
	struct rf_session session;

	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		const struct flow *flow = &flows[i];
		enum rf_direction opener = flow->pinging;

		programs_set_policy(programs, POD_ID, only[opener]);
		assert_flow(programs, flow, opener, 0, DEFAULT_ALLOW);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, flow, &session));
		for (int k = 0; k < 3; k++) {
			assert_flow(programs, flow, !opener, 0, SESSION);
			assert_flow(programs, flow, opener, 0, SESSION);
		}
		assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &session));
	}
}

static void pings_of_one_identifier_by_both_sides_are_two_flows(void **state)
{
	static const struct flow flows[][RF_DIRECTIONS] = {
		{{POD_4, 0, PEER_4, 7, IPPROTO_ICMP, RF_INGRESS},
		 {POD_4, 7, PEER_4, 0, IPPROTO_ICMP, RF_EGRESS}},
		{{POD_6, 0, PEER_6, 7, IPPROTO_ICMPV6, RF_INGRESS},
		 {POD_6, 7, PEER_6, 0, IPPROTO_ICMPV6, RF_EGRESS}},
	};
	struct programs *programs = *state;
	struct rf_session session;

	for (int i = 0; i < 2; i++) {
		for (int opener = 0; opener < RF_DIRECTIONS; opener++)
			assert_flow(programs, &flows[i][opener], opener, 0, DEFAULT_ALLOW);
		for (int opener = 0; opener < RF_DIRECTIONS; opener++) {
			assert_flow(programs, &flows[i][opener], !opener, 0, SESSION);
			assert_flow(programs, &flows[i][opener], opener, 0, SESSION);
			assert_true(flow_session(programs, RF_MAP_SESSIONS, &flows[i][opener],
						 &session));
			assert_int_equal(session.opened_by, opener);
			assert_int_equal(session.packets[opener], 2);
			assert_int_equal(session.packets[!opener], 1);
		}
		/* A ping by the pod opens nothing for the peer's own. */
		programs_set_policy(programs, POD_ID, EGRESS_ONLY);
		assert_flow(programs, &flows[i][RF_EGRESS], RF_EGRESS, 0, SESSION);
		assert_flow(programs, &flows[i][RF_INGRESS], RF_INGRESS, 0, DEFAULT_DENY);
		programs_set_policy(programs, POD_ID, ALLOW_ALL);
	}
}

static void an_echo_reply_that_nobody_asked_for_is_judged_by_its_own_type(void **state)
{
	static const char policy[] =
		"{\"ingress\": {\"rules\": ["
		"{\"id\": 8, \"action\": \"allow\", \"protocol\": \"icmp\", \"ports\": [\"8\"]},"
		"{\"id\": 128, \"action\": \"allow\", \"protocol\": \"icmpv6\", "
		"\"ports\": [\"128\"]}]}}";
	static const struct flow flows[] = {
		{POD_4, 7, PEER_4, 0, IPPROTO_ICMP, RF_EGRESS},
		{POD_6, 7, PEER_6, 0, IPPROTO_ICMPV6, RF_EGRESS},
	};
	struct programs *programs = *state;

	for (int i = 0; i < 2; i++) {
		programs_set_policy(programs, POD_ID, policy);
		assert_flow(programs, &flows[i], RF_INGRESS, 0, DEFAULT_DENY);
		/* Where it is allowed, each is judged by itself. */
		programs_set_policy(programs, POD_ID, ALLOW_ALL);
		assert_flow(programs, &flows[i], RF_INGRESS, 0, DEFAULT_ALLOW);
		assert_flow(programs, &flows[i], RF_INGRESS, 0, DEFAULT_ALLOW);
		assert_true(flow_has_no_session(programs, &flows[i]));
	}
}

static struct packet_spec icmp(const char *source, const char *destination, uint8_t protocol,
			       uint8_t type, uint8_t code)
{
	return (struct packet_spec){
		.source = packet_address(source),
		.destination = packet_address(destination),
		.protocol = protocol,
		.icmp_type = type,
		.icmp_code = code,
		.icmp_identifier = 7,
	};
}

static void icmp_that_is_no_echo_is_judged_by_type_and_code_each_time(void **state)
{
	static const char policy[] =
		"{\"ingress\": {\"rules\": ["
		"{\"id\": 1, \"action\": \"allow\", \"protocol\": \"icmp\", \"ports\": [\"13\"]},"
		"{\"id\": 2, \"action\": \"deny\", \"priority\": 1, \"protocol\": \"icmp\", "
		"\"ports\": [\"13/5\"]},"
		"{\"id\": 3, \"action\": \"allow\", \"protocol\": \"icmp\", \"ports\": "
		"[\"8/0\"]}]},"
		"\"egress\": {\"default\": \"deny\"}}";
	const struct packet_spec timestamp = icmp(PEER_4, POD_4, IPPROTO_ICMP, 13, 0);
	const struct packet_spec denied = icmp(PEER_4, POD_4, IPPROTO_ICMP, 13, 5);
	const struct packet_spec answer = icmp(POD_4, PEER_4, IPPROTO_ICMP, 14, 0);
	const struct packet_spec odd_echo = icmp(PEER_4, POD_4, IPPROTO_ICMP, 8, 1);
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, policy);
	for (int i = 0; i < 2; i++) {
		assert_verdict(programs, RF_INGRESS, &timestamp, RULE_ALLOW);
		assert_verdict(programs, RF_EGRESS, &answer, DEFAULT_DENY);
		assert_verdict(programs, RF_INGRESS, &denied, RULE_DENY, .rule = 2);
		assert_verdict(programs, RF_INGRESS, &odd_echo, DEFAULT_DENY);
	}
	programs_set_policy(programs, POD_ID, ALLOW_ALL);
	assert_verdict(programs, RF_INGRESS, &odd_echo, DEFAULT_ALLOW);
	assert_int_equal(flow_session_count(programs, RF_MAP_HALF_OPEN), 0);
}

static void a_packet_to_a_group_makes_no_session(void **state)
{
	static const struct {
		const char *source, *destination;
		enum rf_direction direction;
		bool is_broadcast;
	} cases[] = {
		{POD_4, "224.0.0.251", RF_EGRESS, false},
		{PEER_4, "224.0.0.251", RF_INGRESS, false},
		{POD_4, "10.0.0.255", RF_EGRESS, true},
		{PEER_4, "255.255.255.255", RF_INGRESS, true},
		{POD_6, "ff02::fb", RF_EGRESS, false},
		{PEER_6, "ff02::fb", RF_INGRESS, false},
	};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct packet_spec packet = {
			.to_group = true,
			.source = packet_address(cases[i].source),
			.destination = packet_address(cases[i].destination),
			.protocol = IPPROTO_UDP,
			.source_port = 5353,
			.destination_port = 5353,
		};
		uint8_t bytes[PACKET_MAX];
		size_t length = packet_build(&packet, bytes, sizeof(bytes));

		if (cases[i].is_broadcast)
			memset(bytes, 0xff, 6);
		for (int k = 0; k < 2; k++)
			assert_verdict_of_bytes(programs, cases[i].direction, bytes, length,
						DEFAULT_ALLOW);
	}
	assert_int_equal(flow_session_count(programs, RF_MAP_HALF_OPEN), 0);
	assert_int_equal(flow_session_count(programs, RF_MAP_SESSIONS), 0);
	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct packet_spec packet = {
			.to_group = true,
			.source = packet_address(cases[i].source),
			.destination = packet_address(cases[i].destination),
			.protocol = IPPROTO_UDP,
			.destination_port = 5353,
		};

		assert_verdict(programs, cases[i].direction, &packet, DEFAULT_DENY);
	}
}

static void a_denied_packet_makes_no_session(void **state)
{
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_GRE,
					    IPPROTO_ICMP};
	static const uint8_t flags[] = {TCP_SYN, TCP_ACK, TCP_FIN_ACK, TCP_RST};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (size_t i = 0; i < sizeof(protocols); i++)
		for (size_t k = 0; k < sizeof(flags); k++)
			for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
				const struct flow flow = {POD_4, 80,           PEER_4,
							  443,   protocols[i], RF_INGRESS};

				if (protocols[i] == IPPROTO_GRE)
					assert_flow(programs,
						    (&(struct flow){POD_4, 0, PEER_4, 0,
								    IPPROTO_GRE, 0}),
						    direction, 0, DEFAULT_DENY);
				else
					assert_flow(programs, &flow, direction, flags[k],
						    DEFAULT_DENY);
			}
	assert_int_equal(flow_session_count(programs, RF_MAP_HALF_OPEN), 0);
	assert_int_equal(flow_session_count(programs, RF_MAP_SESSIONS), 0);
}

/* What ringfencectl shows of a session. */
static void a_session_accounts_for_each_direction(void **state)
{
	static const char policy[] =
		"{\"ingress\": {\"rules\": [{\"id\": 53, \"action\": \"allow\","
		"\"protocol\": \"udp\", \"ports\": [\"53\"]}]}}";
	const struct flow flow = {POD_4, 53, PEER_4, 40000, IPPROTO_UDP, 0};
	uint64_t packets[RF_DIRECTIONS] = {0}, bytes[RF_DIRECTIONS] = {0};
	struct programs *programs = *state;
	uint32_t policy_id = programs_set_policy(programs, POD_ID, policy);
	struct rf_session session;

	for (size_t i = 0; i < 9; i++) {
		enum rf_direction direction = i % 3 == 1 ? RF_EGRESS : RF_INGRESS;
		struct packet_spec packet = flow_packet(&flow, direction, 0);

		packet.payload_size = 100 * i;
		if (i == 0)
			assert_verdict(programs, direction, &packet, RULE_ALLOW);
		else
			assert_verdict(programs, direction, &packet, SESSION);
		packets[direction]++;
		bytes[direction] += 14 + 20 + 8 + packet.payload_size;
		assert_true(flow_session(programs, i < 2 ? RF_MAP_HALF_OPEN : RF_MAP_SESSIONS,
					 &flow, &session));
		assert_memory_equal(session.packets, packets, sizeof(packets));
		assert_memory_equal(session.bytes, bytes, sizeof(bytes));
	}
	assert_int_equal(session.rule, 53);
	assert_int_equal(session.opened_by, RF_INGRESS);
	assert_int_equal(session.pod, POD_ID);
	assert_int_equal(session.flags, 0);
	assert_int_equal(RF_POLICY_ID(session.policy), policy_id);
	assert_int_equal(session.policy, programs->objects.pod_state[POD_ID].policy);
	assert_int_equal(session.incarnation, programs->objects.pod_state[POD_ID].incarnation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(
			a_reply_follows_and_what_the_opener_sends_then_moves_the_flow_to_sessions),
		FIXTURE_TEST(the_reply_to_an_echo_follows),
		FIXTURE_TEST(pings_of_one_identifier_by_both_sides_are_two_flows),
		FIXTURE_TEST(an_echo_reply_that_nobody_asked_for_is_judged_by_its_own_type),
		FIXTURE_TEST(icmp_that_is_no_echo_is_judged_by_type_and_code_each_time),
		FIXTURE_TEST(a_packet_to_a_group_makes_no_session),
		FIXTURE_TEST(a_denied_packet_makes_no_session),
		FIXTURE_TEST(a_session_accounts_for_each_direction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
