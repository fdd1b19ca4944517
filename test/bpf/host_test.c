// SPDX-License-Identifier: Apache-2.0
/* hostAccess: what the node itself sends, told by where the packet comes from and no address. */
#include "test/lib/fixture.h"

static const struct flow served[] = {
	{POD_4, 8080, PEER_4, 40000, IPPROTO_TCP, 0},
	{POD_6, 8080, PEER_6, 40000, IPPROTO_TCP, 0},
	{POD_4, 53, PEER_4, 40000, IPPROTO_UDP, 0},
	{POD_4, 0, PEER_4, 7, IPPROTO_ICMP, RF_INGRESS},
};

#define SERVED_COUNT (sizeof(served) / sizeof(served[0]))

static void set_host_by_policy(const struct programs *programs, bool by_policy)
{
	programs->objects.pod_state[POD_ID].flags =
		RF_POD_ANTI_SPOOF | (by_policy ? RF_POD_HOST_BY_POLICY : 0);
}

static void the_node_reaches_the_pod_whatever_the_policy(void **state)
{
	struct programs *programs = *state;
	struct rf_session session;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (size_t i = 0; i < SERVED_COUNT; i++) {
		assert_flow(programs, &served[i], RF_INGRESS, TCP_SYN, DEFAULT_DENY);
		assert_flow(programs, &served[i], RF_INGRESS, TCP_SYN, HOST_ACCESS,
			    .from_node = true);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &served[i], &session));
		assert_int_equal(session.flags, RF_SESSION_FROM_HOST);
		assert_int_equal(session.rule, 0);
		/* Replies follow, on the way out too. */
		assert_flow(programs, &served[i], RF_EGRESS, TCP_SYN_ACK, SESSION);
		assert_flow(programs, &served[i], RF_INGRESS, TCP_ACK, SESSION, .from_node = true);
		assert_flow(programs, &served[i], RF_EGRESS, TCP_ACK, SESSION);
	}
}

static void a_forwarded_packet_with_any_address_is_judged(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (size_t i = 0; i < SERVED_COUNT; i++) {
		assert_flow(programs, &served[i], RF_INGRESS, TCP_SYN, DEFAULT_DENY);
		assert_true(flow_has_no_session(programs, &served[i]));
	}
}

/* It is the node that may reach the pod, not the pod the node. */
static void the_pod_does_not_reach_the_node_by_host_access(void **state)
{
	const struct flow flow = {POD_4, 40000, PEER_4, 10250, IPPROTO_TCP, 0};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	assert_flow(programs, &flow, RF_EGRESS, TCP_SYN, DEFAULT_DENY, .from_node = true);
	assert_flow(programs, &flow, RF_EGRESS, TCP_SYN, DEFAULT_DENY);
}

static void with_host_access_by_policy_the_node_is_judged_like_any_peer(void **state)
{
	static const char policy[] = "{\"ingress\": {\"rules\": [{\"id\": 7, \"action\": \"deny\", "
				     "\"peers\": [\"" PEER_4 "\"]}]}}";
	struct programs *programs = *state;

	set_host_by_policy(programs, true);
	programs_set_policy(programs, POD_ID, policy);
	assert_flow(programs, &served[0], RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 7,
		    .from_node = true);
	assert_flow(programs, &served[1], RF_INGRESS, TCP_SYN, DEFAULT_DENY, .from_node = true);
	programs_set_policy(programs, POD_ID, ALLOW_ALL);
	assert_flow(programs, &served[0], RF_INGRESS, TCP_SYN, DEFAULT_ALLOW, .from_node = true);
}

static void a_session_of_the_node_survives_a_switch_of_the_policy(void **state)
{
	struct programs *programs = *state;
	struct rf_session before, after;

	for (size_t i = 0; i < SERVED_COUNT; i++) {
		programs_set_policy(programs, POD_ID, DENY_ALL);
		assert_flow(programs, &served[i], RF_INGRESS, TCP_SYN, HOST_ACCESS,
			    .from_node = true);
		assert_flow(programs, &served[i], RF_EGRESS, TCP_SYN_ACK, SESSION);
		assert_flow(programs, &served[i], RF_INGRESS, TCP_ACK, SESSION, .from_node = true);
		assert_true(flow_session(programs, RF_MAP_SESSIONS, &served[i], &before));
		programs_set_policy(programs, POD_ID, DENY_ALL);
		assert_flow(programs, &served[i], RF_EGRESS, TCP_ACK, SESSION);
		assert_true(flow_session(programs, RF_MAP_SESSIONS, &served[i], &after));
		assert_int_equal(after.created, before.created);
		assert_int_equal(after.policy, programs->objects.pod_state[POD_ID].policy);
	}
}

static void a_session_of_the_node_ends_when_host_access_goes_by_policy(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < SERVED_COUNT; i++)
		for (int is_allowed = 0; is_allowed < 2; is_allowed++) {
			set_host_by_policy(programs, false);
			programs_set_policy(programs, POD_ID, DENY_ALL);
			assert_flow(programs, &served[i], RF_INGRESS, TCP_SYN, HOST_ACCESS,
				    .from_node = true);
			assert_flow(programs, &served[i], RF_EGRESS, TCP_SYN_ACK, SESSION);
			set_host_by_policy(programs, true);
			programs_set_policy(programs, POD_ID, is_allowed ? INGRESS_ONLY : DENY_ALL);
			if (is_allowed) {
				assert_flow(programs, &served[i], RF_EGRESS, TCP_ACK, SESSION);
				programs_set_policy(programs, POD_ID, DENY_ALL);
			}
			assert_flow(programs, &served[i], RF_EGRESS, TCP_ACK, DEFAULT_DENY,
				    .is_reply = true);
			assert_true(flow_has_no_session(programs, &served[i]));
			assert_flow(programs, &served[i], RF_INGRESS, TCP_ACK, DEFAULT_DENY,
				    .from_node = true);
		}
}

/* What a rule was asked about it in between is forgotten. */
static void a_session_of_the_node_is_its_own_again_when_host_access_is_back(void **state)
{
	static const char policy[] =
		"{\"ingress\": {\"rules\": [{\"id\": 7, \"action\": \"log\"}]}}";
	struct programs *programs = *state;
	struct rf_session session;

	for (size_t i = 0; i < SERVED_COUNT; i++) {
		set_host_by_policy(programs, false);
		programs_set_policy(programs, POD_ID, policy);
		assert_flow(programs, &served[i], RF_INGRESS, TCP_SYN, HOST_ACCESS,
			    .from_node = true);
		set_host_by_policy(programs, true);
		programs_set_policy(programs, POD_ID, policy);
		assert_flow(programs, &served[i], RF_EGRESS, TCP_SYN_ACK, SESSION, .rule = 7,
			    .logged = true, .is_reply = true);
		set_host_by_policy(programs, false);
		programs_set_policy(programs, POD_ID, DENY_ALL);
		assert_flow(programs, &served[i], RF_INGRESS, TCP_ACK, SESSION, .from_node = true);
		assert_flow(programs, &served[i], RF_EGRESS, TCP_ACK, SESSION);
		assert_true(flow_session(programs, RF_MAP_SESSIONS, &served[i], &session));
		assert_int_equal(session.flags, RF_SESSION_FROM_HOST);
		assert_int_equal(session.rule, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(the_node_reaches_the_pod_whatever_the_policy),
		FIXTURE_TEST(a_forwarded_packet_with_any_address_is_judged),
		FIXTURE_TEST(the_pod_does_not_reach_the_node_by_host_access),
		FIXTURE_TEST(with_host_access_by_policy_the_node_is_judged_like_any_peer),
		FIXTURE_TEST(a_session_of_the_node_survives_a_switch_of_the_policy),
		FIXTURE_TEST(a_session_of_the_node_ends_when_host_access_goes_by_policy),
		FIXTURE_TEST(a_session_of_the_node_is_its_own_again_when_host_access_is_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
