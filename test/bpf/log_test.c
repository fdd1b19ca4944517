// SPDX-License-Identifier: Apache-2.0
/* Rules that ask for a report: of a flow when it begins, and of what they deny. */
#include "test/lib/fixture.h"

#include <bpf/bpf.h>

#define RULE(id, action, port, more)                                                               \
	"{\"id\": " #id ", \"action\": \"" action "\", \"protocol\": \"tcp\", "                    \
	"\"ports\": [\"" #port "\"]" more "}"
#define RULES(rules)  "{\"ingress\": {\"rules\": [" rules "]}}"
#define EGRESS(rules) "{\"egress\": {\"rules\": [" rules "]}}"
#define LOGGED        ", \"log\": true"

static const struct flow flow = {POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};

/* Action log, and allow with `log`, over each family and in each direction. */
static void a_flow_is_reported_when_it_begins_and_no_more(void **state)
{
	static const char *const policies[RF_DIRECTIONS][2] = {
		{RULES(RULE(7, "log", 80, "")), RULES(RULE(7, "allow", 80, LOGGED))},
		{EGRESS(RULE(7, "log", 80, "")), EGRESS(RULE(7, "allow", 80, LOGGED))},
	};
	struct programs *programs = *state;

	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < FIXTURE_TCP_COUNT; j++) {
			const struct fixture_tcp *tcp = &fixture_tcp[j];

			programs_set_policy(programs, POD_ID, policies[tcp->opener][i]);
			assert_flow(programs, &tcp->flow, tcp->opener, TCP_SYN, RULE_ALLOW,
				    .rule = 7, .logged = true);
			assert_flow(programs, &tcp->flow, !tcp->opener, TCP_SYN_ACK, SESSION);
			assert_flow(programs, &tcp->flow, tcp->opener, TCP_ACK, SESSION);
			assert_flow(programs, &tcp->flow, tcp->opener, TCP_ACK, SESSION);
			assert_flow(programs, &tcp->flow, tcp->opener, TCP_RST, SESSION);
		}
}

static void a_flow_that_another_rule_allows_is_not_reported(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID,
			    RULES(RULE(7, "log", 81, "") ", " RULE(8, "allow", 80, "")));
	assert_handshake(programs, &flow, RF_INGRESS, RULE_ALLOW);
}

/* ICMP that is no echo, and what goes to a group: each packet is all there is of the flow. */
static void what_makes_no_session_is_reported_each_time(void **state)
{
	struct packet_spec timestamp = {
		.source = packet_address(PEER_4),
		.destination = packet_address(POD_4),
		.protocol = IPPROTO_ICMP,
		.icmp_type = 13,
	};
	struct packet_spec group = flow_packet(&flow, RF_INGRESS, TCP_SYN);
	struct programs *programs = *state;

	group.protocol = IPPROTO_UDP;
	group.to_group = true;
	programs_set_policy(programs, POD_ID,
			    "{\"ingress\": {\"rules\": [{\"id\": 7, \"action\": \"log\"}]}}");
	for (int i = 0; i < 2; i++) {
		assert_verdict(programs, RF_INGRESS, &timestamp, RULE_ALLOW, .rule = 7,
			       .logged = true);
		assert_verdict(programs, RF_INGRESS, &group, RULE_ALLOW, .rule = 7, .logged = true);
	}
}

/* It is in the deny event, and nowhere else. */
static void what_a_rule_with_log_denies_says_so_in_its_event(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, RULES(RULE(7, "deny", 80, LOGGED)));
	for (int i = 0; i < 2; i++)
		assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 7,
			    .logged = true);
	programs->objects.pod_state[POD_ID].flags |= RF_POD_AUDIT;
	assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 7, .logged = true,
		    .audited = true);
	assert_flow(programs, &flow, RF_EGRESS, TCP_SYN_ACK, SESSION);
}

/* At the next packet of either side, in whichever map the session is. */
static void a_live_flow_that_begins_to_be_logged_is_reported_once(void **state)
{
	struct programs *programs = *state;
	struct rf_session session;

	for (int is_half_open = 0; is_half_open < 2; is_half_open++) {
		const struct flow *live = is_half_open ? &fixture_tcp[1].flow : &flow;

		programs_set_policy(programs, POD_ID, ALLOW_ALL);
		if (is_half_open)
			assert_flow(programs, live, RF_INGRESS, TCP_SYN, DEFAULT_ALLOW);
		else
			assert_handshake(programs, live, RF_INGRESS, DEFAULT_ALLOW);
		programs_set_policy(programs, POD_ID, RULES(RULE(7, "log", 80, "")));
		assert_flow(programs, live, RF_EGRESS, TCP_SYN_ACK, SESSION, .rule = 7,
			    .logged = true, .is_reply = true);
		assert_flow(programs, live, RF_EGRESS, TCP_SYN_ACK, SESSION);
		assert_true(flow_session(programs,
					 is_half_open ? RF_MAP_HALF_OPEN : RF_MAP_SESSIONS, live,
					 &session));
		assert_int_equal(session.flags, RF_SESSION_LOGGED);
	}
}

/* Whatever else of the policy changes; another rule is news. */
static void a_rule_reports_a_flow_once_under_whatever_policy(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, RULES(RULE(7, "log", 80, "")));
	assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, RULE_ALLOW, .rule = 7, .logged = true);
	programs_set_policy(programs, POD_ID, RULES(RULE(7, "allow", 80, LOGGED)));
	assert_flow(programs, &flow, RF_EGRESS, TCP_SYN_ACK, SESSION);
	assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, SESSION);
	programs_set_policy(programs, POD_ID, RULES(RULE(7, "log", 80, "")));
	assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, SESSION);
	programs_set_policy(programs, POD_ID, RULES(RULE(8, "log", 80, "")));
	assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, SESSION, .rule = 8, .logged = true);
	assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, SESSION);
}

/* It was reported as denied, not as a flow. */
static void a_flow_that_audit_let_pass_is_reported_when_its_rule_allows_it(void **state)
{
	struct programs *programs = *state;

	programs->objects.pod_state[POD_ID].flags |= RF_POD_AUDIT;
	programs_set_policy(programs, POD_ID, RULES(RULE(7, "deny", 80, LOGGED)));
	assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 7, .logged = true,
		    .audited = true);
	programs_set_policy(programs, POD_ID, RULES(RULE(7, "log", 80, "")));
	assert_flow(programs, &flow, RF_EGRESS, TCP_SYN_ACK, SESSION, .rule = 7, .logged = true,
		    .is_reply = true);
}

/* What asked for the report was a rule that did not decide. */
static void a_pinhole_is_not_reported_as_a_flow_of_the_rule_below_it(void **state)
{
	const struct rf_flow_key key = flow_key(&flow);
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, RULES(RULE(7, "log", 80, "")));
	programs_set_pinhole(programs, POD_ID, &key, RF_INGRESS, RF_ALLOW, 9, 0);
	assert_handshake(programs, &flow, RF_INGRESS, PINHOLE_ALLOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_flow_is_reported_when_it_begins_and_no_more),
		FIXTURE_TEST(a_flow_that_another_rule_allows_is_not_reported),
		FIXTURE_TEST(what_makes_no_session_is_reported_each_time),
		FIXTURE_TEST(what_a_rule_with_log_denies_says_so_in_its_event),
		FIXTURE_TEST(a_live_flow_that_begins_to_be_logged_is_reported_once),
		FIXTURE_TEST(a_rule_reports_a_flow_once_under_whatever_policy),
		FIXTURE_TEST(a_flow_that_audit_let_pass_is_reported_when_its_rule_allows_it),
		FIXTURE_TEST(a_pinhole_is_not_reported_as_a_flow_of_the_rule_below_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
