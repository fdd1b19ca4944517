// SPDX-License-Identifier: Apache-2.0
/* A policy that is switched under live sessions, and sessions of a pod that is no more. */
#include "dataplane/identifiers.h"
#include "test/lib/fixture.h"

#define RULE(id, action, port)                                                                     \
	"{\"rules\": [{\"id\": " #id ", \"action\": \"" action "\", \"protocol\": \"tcp\", "       \
	"\"ports\": [\"" #port "\"]}]}"
#define INGRESS(ruleset) "{\"ingress\": " ruleset ", \"egress\": {\"default\": \"deny\"}}"
#define EGRESS(ruleset)  "{\"egress\": " ruleset ", \"ingress\": {\"default\": \"deny\"}}"

/* Port 80 of whoever is called, in each direction. */
static const struct flow flows[] = {
	[RF_INGRESS] = {POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0},
	[RF_EGRESS] = {POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0},
};

static const char *const allowed[] = {INGRESS(RULE(1, "allow", 80)), EGRESS(RULE(1, "allow", 80))};
static const char *const still_allowed[] = {INGRESS(RULE(2, "allow", 80)),
					    EGRESS(RULE(2, "allow", 80))};
static const char *const denied[] = {INGRESS(RULE(3, "deny", 80)), EGRESS(RULE(3, "deny", 80))};
static const char *const elsewhere[] = {INGRESS(RULE(4, "allow", 81)),
					EGRESS(RULE(4, "allow", 81))};

static uint64_t word(const struct programs *programs)
{
	return programs->objects.pod_state[POD_ID].policy;
}

static void a_live_session_that_is_still_allowed_goes_on(void **state)
{
	struct programs *programs = *state;
	struct rf_session before, after;

	for (int opener = 0; opener < RF_DIRECTIONS; opener++)
		for (int sender = 0; sender < RF_DIRECTIONS; sender++) {
			const struct flow *flow = &flows[opener];

			programs_set_policy(programs, POD_ID, allowed[opener]);
			assert_flow(programs, flow, opener, TCP_SYN, RULE_ALLOW);
			assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
			assert_flow(programs, flow, opener, TCP_ACK, SESSION);
			assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &before));
			programs_set_policy(programs, POD_ID, still_allowed[opener]);
			assert_flow(programs, flow, sender, TCP_ACK, SESSION);
			assert_flow(programs, flow, !sender, TCP_ACK, SESSION);
			assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &after));
			assert_int_equal(after.created, before.created);
			assert_int_equal(after.packets[opener], before.packets[opener] + 1);
			assert_int_equal(after.packets[!opener], before.packets[!opener] + 1);
			assert_int_equal(before.rule, 1);
			assert_int_equal(after.rule, 2);
			assert_int_not_equal(after.policy, before.policy);
			assert_int_equal(after.policy, word(programs));
			assert_flow(programs, flow, opener, TCP_RST, SESSION);
		}
}

/* By a rule and by the default; noticed at a packet of the opener and of the other side. */
static void a_live_session_that_is_no_longer_allowed_ends(void **state)
{
	struct programs *programs = *state;

	for (int opener = 0; opener < RF_DIRECTIONS; opener++)
		for (int sender = 0; sender < RF_DIRECTIONS; sender++) {
			const struct flow *flow = &flows[opener];
			bool is_reply = sender != opener;

			programs_set_policy(programs, POD_ID, ALLOW_ALL);
			assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
			programs_set_policy(programs, POD_ID, denied[opener]);
			assert_flow(programs, flow, sender, TCP_ACK, RULE_DENY, .rule = 3,
				    .is_reply = is_reply);
			assert_true(flow_has_no_session(programs, flow));

			programs_set_policy(programs, POD_ID, ALLOW_ALL);
			assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
			programs_set_policy(programs, POD_ID, elsewhere[opener]);
			assert_flow(programs, flow, sender, TCP_ACK, DEFAULT_DENY,
				    .is_reply = is_reply);
			assert_true(flow_has_no_session(programs, flow));
		}
}

static void a_half_open_session_is_judged_again_too(void **state)
{
	struct programs *programs = *state;
	struct rf_session session;

	for (int opener = 0; opener < RF_DIRECTIONS; opener++) {
		const struct flow *flow = &flows[opener];

		programs_set_policy(programs, POD_ID, allowed[opener]);
		assert_flow(programs, flow, opener, TCP_SYN, RULE_ALLOW);
		programs_set_policy(programs, POD_ID, still_allowed[opener]);
		assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, flow, &session));
		assert_int_equal(session.policy, word(programs));
		assert_int_equal(session.rule, 2);
		programs_set_policy(programs, POD_ID, denied[opener]);
		assert_flow(programs, flow, opener, TCP_ACK, RULE_DENY, .rule = 3);
		assert_true(flow_has_no_session(programs, flow));
	}
}

/* Unanswered: the next packet is the opener's once more, or the answer. */
static void an_unanswered_datagram_or_ping_is_judged_again_too(void **state)
{
	static const char *const only[] = {INGRESS_ONLY, EGRESS_ONLY};
	static const uint8_t protocols[] = {IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6};
	struct programs *programs = *state;

	for (int i = 0; i < 3 * 4; i++) {
		enum rf_direction opener = i & 1, next = i >> 1 & 1;
		uint8_t protocol = protocols[i / 4];
		bool is_v6 = protocol == IPPROTO_ICMPV6;
		const struct flow flow = {is_v6 ? POD_6 : POD_4, 40000,    is_v6 ? PEER_6 : PEER_4,
					  (uint16_t)(40000 + i), protocol, opener};
		struct rf_session before, after;

		programs_set_policy(programs, POD_ID, ALLOW_ALL);
		assert_flow(programs, &flow, opener, 0, DEFAULT_ALLOW);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &flow, &before));
		programs_set_policy(programs, POD_ID, only[opener]);
		assert_flow(programs, &flow, next, 0, SESSION);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &flow, &after));
		assert_int_equal(after.created, before.created);
		assert_int_equal(after.policy, word(programs));
		programs_set_policy(programs, POD_ID, only[!opener]);
		assert_flow(programs, &flow, next, 0, DEFAULT_DENY, .is_reply = next != opener);
		assert_true(flow_has_no_session(programs, &flow));
	}
}

/* What the other direction says now does not matter to it. */
static void a_session_is_judged_in_the_direction_in_which_it_was_opened(void **state)
{
	static const char *const only[] = {INGRESS_ONLY, EGRESS_ONLY};
	struct programs *programs = *state;

	for (int opener = 0; opener < RF_DIRECTIONS; opener++)
		for (int sender = 0; sender < RF_DIRECTIONS; sender++) {
			const struct flow *flow = &flows[opener];

			programs_set_policy(programs, POD_ID, ALLOW_ALL);
			assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
			programs_set_policy(programs, POD_ID, only[opener]);
			assert_flow(programs, flow, sender, TCP_ACK, SESSION);
			programs_set_policy(programs, POD_ID, only[!opener]);
			assert_flow(programs, flow, sender, TCP_ACK, DEFAULT_DENY,
				    .is_reply = sender != opener);
			assert_true(flow_has_no_session(programs, flow));
		}
}

static void the_reply_to_an_echo_is_judged_by_its_request(void **state)
{
	static const char *const policies[] = {
		"{\"egress\": {\"rules\": [{\"id\": 1, \"action\": \"allow\", "
		"\"protocol\": \"icmp\", \"ports\": [\"8\"]}]}, "
		"\"ingress\": {\"default\": \"deny\"}}",
		"{\"egress\": {\"rules\": [{\"id\": 2, \"action\": \"allow\", "
		"\"protocol\": \"icmp\", \"ports\": [\"8/0\"]}]}, "
		"\"ingress\": {\"default\": \"deny\"}}",
		"{\"egress\": {\"rules\": [{\"id\": 3, \"action\": \"allow\", "
		"\"protocol\": \"icmp\", \"ports\": [\"0\"]}]}, "
		"\"ingress\": {\"default\": \"deny\"}}",
	};
	const struct flow flow = {POD_4, 7, PEER_4, 0, IPPROTO_ICMP, RF_EGRESS};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, policies[0]);
	assert_flow(programs, &flow, RF_EGRESS, 0, RULE_ALLOW);
	programs_set_policy(programs, POD_ID, policies[1]);
	assert_flow(programs, &flow, RF_INGRESS, 0, SESSION);
	programs_set_policy(programs, POD_ID, policies[2]);
	assert_flow(programs, &flow, RF_INGRESS, 0, DEFAULT_DENY, .is_reply = true);
	assert_true(flow_has_no_session(programs, &flow));
}

/* A state that must not come up, and must not let anything through if it does. */
static void a_policy_whose_entries_are_missing_denies(void **state)
{
	struct programs *programs = *state;
	struct rf_pod_state *pod = &programs->objects.pod_state[POD_ID];

	for (int opener = 0; opener < RF_DIRECTIONS; opener++) {
		const struct flow *flow = &flows[opener];

		programs_set_policy(programs, POD_ID, ALLOW_ALL);
		assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
		pod->policy = RF_POLICY_WORD(RF_POLICY_ID_MAX, 4711);
		assert_flow(programs, flow, !opener, TCP_ACK, NO_POLICY, .is_reply = true);
		assert_true(flow_has_no_session(programs, flow));
		assert_flow(programs, flow, opener, TCP_SYN, NO_POLICY);
		pod->policy = 0;
		assert_flow(programs, flow, opener, TCP_SYN, NO_POLICY);
		assert_true(flow_has_no_session(programs, flow));
	}
}

/* The pod is gone; its id and address were given again. */
static void start_again(struct programs *programs, const char *policy)
{
	struct rf_pod_state *pod = &programs->objects.pod_state[POD_ID];

	assert_int_equal(rf_next_epoch(&programs->objects, &pod->incarnation, NULL), 0);
	programs_set_policy(programs, POD_ID, policy);
}

static void a_session_of_an_earlier_pod_is_not_followed(void **state)
{
	static const char *const only[] = {INGRESS_ONLY, EGRESS_ONLY};
	struct programs *programs = *state;
	struct rf_session before, after;

	for (int opener = 0; opener < RF_DIRECTIONS; opener++)
		for (int is_half_open = 0; is_half_open < 2; is_half_open++) {
			const struct flow *flow = &flows[opener];

			programs_set_policy(programs, POD_ID, only[opener]);
			assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_ALLOW);
			if (!is_half_open) {
				assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
				assert_flow(programs, flow, opener, TCP_ACK, SESSION);
			}
			assert_true(flow_session(programs,
						 is_half_open ? RF_MAP_HALF_OPEN : RF_MAP_SESSIONS,
						 flow, &before));
			start_again(programs, only[opener]);
			/* What the earlier pod had opened does not let the peer into this one, nor
			 * the other way round. */
			assert_flow(programs, flow, !opener, TCP_ACK, DEFAULT_DENY);
			/* This one may open it itself. */
			assert_flow(programs, flow, opener, TCP_ACK, DEFAULT_ALLOW);
			assert_true(flow_session(programs, RF_MAP_HALF_OPEN, flow, &after));
			assert_true(after.created > before.created);
			assert_int_equal(after.packets[opener], 1);
			assert_false(flow_session(programs, RF_MAP_SESSIONS, flow, &before));
			start_again(programs, only[opener]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_live_session_that_is_still_allowed_goes_on),
		FIXTURE_TEST(a_live_session_that_is_no_longer_allowed_ends),
		FIXTURE_TEST(a_half_open_session_is_judged_again_too),
		FIXTURE_TEST(an_unanswered_datagram_or_ping_is_judged_again_too),
		FIXTURE_TEST(a_session_is_judged_in_the_direction_in_which_it_was_opened),
		FIXTURE_TEST(the_reply_to_an_echo_is_judged_by_its_request),
		FIXTURE_TEST(a_policy_whose_entries_are_missing_denies),
		FIXTURE_TEST(a_session_of_an_earlier_pod_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
