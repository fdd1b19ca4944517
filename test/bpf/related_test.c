// SPDX-License-Identifier: Apache-2.0
/* ICMP errors about a flow that is allowed pass, whatever the policy says of ICMP. */
#include "dataplane/identifiers.h"
#include "test/lib/fixture.h"
#include "test/lib/icmp_error.h"

#include <string.h>

#define ROUTER_4 "192.0.2.1"
#define ROUTER_6 "2001:db8::1"

static const uint8_t errors_4[] = {3, 4, 11, 12};
static const uint8_t errors_6[] = {1, 2, 3, 4};

/* Of each protocol, opened by the pod and by the peer. */
static const struct flow flows[] = {
	{POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0}, {POD_6, 40000, PEER_6, 80, IPPROTO_TCP, 0},
	{POD_4, 40000, PEER_4, 53, IPPROTO_UDP, 0}, {POD_6, 40000, PEER_6, 53, IPPROTO_UDP, 0},
	{POD_4, 40000, PEER_4, 7, IPPROTO_SCTP, 0}, {POD_6, 40000, PEER_6, 7, IPPROTO_SCTP, 0},
	{POD_4, 0, PEER_4, 0, IPPROTO_GRE, 0},      {POD_6, 0, PEER_6, 0, IPPROTO_GRE, 0},
};

#define FLOW_COUNT (sizeof(flows) / sizeof(flows[0]))

static const struct flow pings[] = {
	{POD_4, 77, PEER_4, 0, IPPROTO_ICMP, RF_EGRESS},
	{POD_6, 77, PEER_6, 0, IPPROTO_ICMPV6, RF_EGRESS},
	{POD_4, 0, PEER_4, 77, IPPROTO_ICMP, RF_INGRESS},
	{POD_6, 0, PEER_6, 77, IPPROTO_ICMPV6, RF_INGRESS},
};

static const char *const only[] = {INGRESS_ONLY, EGRESS_ONLY};

static bool is_v6(const struct flow *flow)
{
	return strchr(flow->pod, ':');
}

static const uint8_t *errors_of(const struct flow *flow)
{
	return is_v6(flow) ? errors_6 : errors_4;
}

/* About the last packet of @flow in the other direction. The pod speaks for itself; to it any
 * router may. */
static void error_of(struct icmp_error *error, const struct flow *flow, enum rf_direction direction,
		     uint8_t type)
{
	const struct packet_spec cause = flow_packet(flow, !direction, TCP_ACK);
	const char *router = is_v6(flow) ? ROUTER_6 : ROUTER_4;

	icmp_error_about(error, &cause, direction == RF_EGRESS ? flow->pod : router, type, 0);
}

static void assert_error(struct programs *programs, const struct flow *flow,
			 enum rf_direction direction, const struct verdict *expected, int line)
{
	for (int i = 0; i < 4; i++) {
		struct icmp_error error;

		error_of(&error, flow, direction, errors_of(flow)[i]);
		error.packet.icmp_code = i;
		verdict_of_packet(programs, direction, &error.packet, expected, __FILE__, line);
	}
}

#define assert_errors(programs, flow, direction, ...)                                              \
	assert_error((programs), (flow), (direction), VERDICT(__VA_ARGS__), __LINE__)

static void an_error_about_a_flow_follows_it_both_ways(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (int opener = 0; opener < RF_DIRECTIONS; opener++) {
			programs_set_policy(programs, POD_ID, only[opener]);
			/* Half-open: a traceroute gets no other answer. */
			assert_flow(programs, &flows[i], opener, TCP_SYN, DEFAULT_ALLOW);
			assert_errors(programs, &flows[i], !opener, RELATED);
			assert_flow(programs, &flows[i], !opener, TCP_SYN_ACK, SESSION);
			assert_flow(programs, &flows[i], opener, TCP_ACK, SESSION);
			assert_errors(programs, &flows[i], RF_INGRESS, RELATED);
			assert_errors(programs, &flows[i], RF_EGRESS, RELATED);
			programs_set_policy(programs, POD_ID, DENY_ALL);
			assert_flow(programs, &flows[i], opener, TCP_ACK, DEFAULT_DENY);
		}
}

static void an_error_about_an_echo_follows_it(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(pings) / sizeof(pings[0]); i++) {
		struct flow other = pings[i];

		programs_set_policy(programs, POD_ID, only[pings[i].pinging]);
		assert_flow(programs, &pings[i], pings[i].pinging, 0, DEFAULT_ALLOW);
		assert_errors(programs, &pings[i], !pings[i].pinging, RELATED);
		assert_flow(programs, &pings[i], !pings[i].pinging, 0, SESSION);
		assert_errors(programs, &pings[i], pings[i].pinging, RELATED);
		other.pod_port++;
		other.peer_port++;
		assert_errors(programs, &other, !pings[i].pinging, DEFAULT_DENY);
	}
}

/* Neither keeps it alive nor ends it, nor counts as its packet. */
static void an_error_leaves_the_session_as_it_is(void **state)
{
	struct programs *programs = *state;
	struct rf_session before, after;

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		const enum rf_map map = RF_MAP_SESSIONS;

		assert_flow(programs, &flows[i], RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
		assert_flow(programs, &flows[i], RF_INGRESS, TCP_SYN_ACK, SESSION);
		assert_flow(programs, &flows[i], RF_EGRESS, TCP_ACK, SESSION);
		flow_age(programs, map, &flows[i], 250);
		assert_true(flow_session(programs, map, &flows[i], &before));
		/* Also under a policy that is new to it. */
		programs_set_policy(programs, POD_ID, EGRESS_ONLY);
		assert_errors(programs, &flows[i], RF_INGRESS, RELATED);
		assert_errors(programs, &flows[i], RF_EGRESS, RELATED);
		assert_true(flow_session(programs, map, &flows[i], &after));
		assert_memory_equal(&before, &after, sizeof(before));
		programs_set_policy(programs, POD_ID, ALLOW_ALL);
	}
	assert_int_equal(flow_session_count(programs, RF_MAP_HALF_OPEN), 0);
}

static void an_error_about_no_flow_is_judged_by_the_policy(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
			programs_set_policy(programs, POD_ID, DENY_ALL);
			assert_errors(programs, &flows[i], direction, DEFAULT_DENY);
			programs_set_policy(programs, POD_ID, ALLOW_ALL);
			assert_errors(programs, &flows[i], direction, DEFAULT_ALLOW);
		}
	assert_int_equal(flow_session_count(programs, RF_MAP_HALF_OPEN), 0);
}

/* One part of the tuple at a time is another's. */
static void an_error_about_another_flow_is_judged_by_the_policy(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	for (size_t i = 0; i < FLOW_COUNT - 2; i++) {
		struct flow others[] = {flows[i], flows[i], flows[i], flows[i], flows[i]};

		assert_flow(programs, &flows[i], RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
		others[0].pod_port++;
		others[1].peer_port++;
		others[2].peer = is_v6(&flows[i]) ? OTHER_6 : OTHER_4;
		others[3].protocol = IPPROTO_DCCP;
		others[4].pod_port = flows[i].peer_port;
		others[4].peer_port = flows[i].pod_port;
		for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
			assert_errors(programs, &others[k], RF_INGRESS, DEFAULT_DENY);
		assert_errors(programs, &flows[i], RF_INGRESS, RELATED);
	}
}

/* Who gets an error has sent what it is about. */
static void an_error_to_another_than_the_inner_source_is_judged_by_the_policy(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, INGRESS_ONLY);
	for (size_t i = 0; i < FLOW_COUNT; i++) {
		const uint8_t type = errors_of(&flows[i])[0];
		struct icmp_error error;

		assert_flow(programs, &flows[i], RF_INGRESS, TCP_SYN, DEFAULT_ALLOW);
		error_of(&error, &flows[i], RF_EGRESS, type);
		error.packet.destination = packet_address(is_v6(&flows[i]) ? OTHER_6 : OTHER_4);
		assert_verdict(programs, RF_EGRESS, &error.packet, DEFAULT_DENY);
		/* What the pod itself would have sent. */
		error_of(&error, &flows[i], RF_INGRESS, type);
		error.packet.source = error.packet.destination;
		error.packet.destination = packet_address(flows[i].peer);
		assert_verdict(programs, RF_EGRESS, &error.packet, DEFAULT_DENY);
		error_of(&error, &flows[i], RF_EGRESS, type);
		assert_verdict(programs, RF_EGRESS, &error.packet, RELATED);
	}
}

static void an_error_from_an_address_that_is_not_the_pods_is_spoofed(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		struct icmp_error error;

		error_of(&error, &flows[i], RF_EGRESS, errors_of(&flows[i])[0]);
		assert_flow(programs, &flows[i], RF_INGRESS, TCP_SYN, DEFAULT_ALLOW);
		error.packet.source = packet_address(is_v6(&flows[i]) ? ROUTER_6 : ROUTER_4);
		assert_verdict(programs, RF_EGRESS, &error.packet, SPOOFED);
	}
}

static void a_session_that_has_ended_has_no_errors(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	for (size_t i = 0; i < FLOW_COUNT; i++) {
		assert_flow(programs, &flows[i], RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
		flow_age(programs, RF_MAP_HALF_OPEN, &flows[i], 1u << 20);
		assert_errors(programs, &flows[i], RF_INGRESS, DEFAULT_DENY);
	}
}

/* Once the policy denies the flow, an error about it is no more than any ICMP. */
static void a_session_that_is_no_longer_allowed_ends_with_its_error(void **state)
{
	static const char icmp_only[] =
		"{\"ingress\": {\"rules\": ["
		"{\"id\": 1, \"action\": \"allow\", \"protocol\": \"icmp\"},"
		"{\"id\": 2, \"action\": \"allow\", \"protocol\": \"icmpv6\"}]},"
		"\"egress\": {\"default\": \"deny\"}}";
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (int is_answered = 0; is_answered < 2; is_answered++) {
			programs_set_policy(programs, POD_ID, ALLOW_ALL);
			assert_flow(programs, &flows[i], RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
			if (is_answered) {
				assert_flow(programs, &flows[i], RF_INGRESS, TCP_SYN_ACK, SESSION);
				assert_flow(programs, &flows[i], RF_EGRESS, TCP_ACK, SESSION);
			}
			programs_set_policy(programs, POD_ID, is_answered ? DENY_ALL : icmp_only);
			if (is_answered)
				assert_errors(programs, &flows[i], RF_INGRESS, DEFAULT_DENY);
			else
				assert_errors(programs, &flows[i], RF_INGRESS, RULE_ALLOW);
			assert_true(flow_has_no_session(programs, &flows[i]));
		}
}

/* The error is the first that comes under the new policy, which denies everything else that way. */
static void an_error_about_a_flow_that_a_new_policy_still_allows_follows_it(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (int opener = 0; opener < RF_DIRECTIONS; opener++)
			for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
				programs_set_policy(programs, POD_ID, ALLOW_ALL);
				assert_flow(programs, &flows[i], opener, TCP_SYN, DEFAULT_ALLOW);
				assert_flow(programs, &flows[i], !opener, TCP_SYN_ACK, SESSION);
				assert_flow(programs, &flows[i], opener, TCP_ACK, SESSION);
				programs_set_policy(programs, POD_ID, only[opener]);
				assert_errors(programs, &flows[i], direction, RELATED);
				assert_flow(programs, &flows[i], !opener, TCP_ACK, SESSION);
				programs_set_policy(programs, POD_ID, DENY_ALL);
				assert_flow(programs, &flows[i], opener, TCP_ACK, DEFAULT_DENY);
			}
}

static void a_session_of_an_earlier_pod_has_no_errors(void **state)
{
	struct programs *programs = *state;
	struct rf_pod_state *pod = &programs->objects.pod_state[POD_ID];

	for (size_t i = 0; i < FLOW_COUNT; i++) {
		programs_set_policy(programs, POD_ID, EGRESS_ONLY);
		assert_flow(programs, &flows[i], RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
		assert_int_equal(rf_next_epoch(&programs->objects, &pod->incarnation, NULL), 0);
		programs_set_policy(programs, POD_ID, EGRESS_ONLY);
		assert_errors(programs, &flows[i], RF_INGRESS, DEFAULT_DENY);
	}
}

static void a_session_of_another_pod_has_no_errors(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++)
		assert_flow(programs, &flows[i], RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	/* Which is free to claim addresses, and to get any. */
	fixture_add_other_pod(programs, 0, DENY_ALL);
	for (size_t i = 0; i < FLOW_COUNT; i++) {
		struct icmp_error error;

		error_of(&error, &flows[i], RF_INGRESS, errors_of(&flows[i])[0]);
		assert_verdict(programs, RF_INGRESS, &error.packet, NOT_FOR_POD,
			       .pod = OTHER_POD_ID);
		error.packet.to_group = true;
		assert_verdict(programs, RF_INGRESS, &error.packet, DEFAULT_DENY,
			       .pod = OTHER_POD_ID);
	}
}

static void other_types_are_no_errors(void **state)
{
	static const struct {
		uint8_t first, last;
	} others_4[] = {{5, 7}, {9, 10}, {13, 18}}, others_6[] = {{0, 0}, {5, 127}, {133, 255}};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	for (size_t i = 0; i < 2; i++) {
		assert_flow(programs, &flows[i], RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
		for (int k = 0; k < 3; k++)
			for (int type = is_v6(&flows[i]) ? others_6[k].first : others_4[k].first;
			     type <= (is_v6(&flows[i]) ? others_6[k].last : others_4[k].last);
			     type++) {
				struct icmp_error error;

				error_of(&error, &flows[i], RF_INGRESS, type);
				assert_verdict(programs, RF_INGRESS, &error.packet, DEFAULT_DENY);
			}
	}
}

static void the_nodes_own_error_follows_the_flow_too(void **state)
{
	struct programs *programs = *state;
	struct icmp_error error;

	error_of(&error, &flows[0], RF_INGRESS, errors_4[0]);
	programs->objects.pod_state[POD_ID].flags |= RF_POD_HOST_BY_POLICY;
	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	assert_verdict(programs, RF_INGRESS, &error.packet, DEFAULT_DENY, .from_node = true);
	assert_flow(programs, &flows[0], RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	assert_verdict(programs, RF_INGRESS, &error.packet, RELATED, .from_node = true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(an_error_about_a_flow_follows_it_both_ways),
		FIXTURE_TEST(an_error_about_an_echo_follows_it),
		FIXTURE_TEST(an_error_leaves_the_session_as_it_is),
		FIXTURE_TEST(an_error_about_no_flow_is_judged_by_the_policy),
		FIXTURE_TEST(an_error_about_another_flow_is_judged_by_the_policy),
		FIXTURE_TEST(an_error_to_another_than_the_inner_source_is_judged_by_the_policy),
		FIXTURE_TEST(an_error_from_an_address_that_is_not_the_pods_is_spoofed),
		FIXTURE_TEST(a_session_that_has_ended_has_no_errors),
		FIXTURE_TEST(a_session_that_is_no_longer_allowed_ends_with_its_error),
		FIXTURE_TEST(an_error_about_a_flow_that_a_new_policy_still_allows_follows_it),
		FIXTURE_TEST(a_session_of_an_earlier_pod_has_no_errors),
		FIXTURE_TEST(a_session_of_another_pod_has_no_errors),
		FIXTURE_TEST(other_types_are_no_errors),
		FIXTURE_TEST(the_nodes_own_error_follows_the_flow_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
