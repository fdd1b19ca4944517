// SPDX-License-Identifier: Apache-2.0
/* Settings that change while packets come: what programs do at the next one. */
#include "dataplane/settings.h"
#include "test/lib/bucket.h"
#include "test/lib/fixture.h"
#include "test/lib/run_directory.h"

#include <errno.h>
#include <linux/pkt_cls.h>

/* Ports: 80 allowed, 81 logged, 82 denied, 83 rejected. */
#define POLICY                                                                                     \
	"{\"ingress\": {\"rules\": ["                                                              \
	"{\"id\": 1, \"action\": \"allow\", \"protocol\": \"tcp\", \"ports\": [\"80\"]}, "         \
	"{\"id\": 2, \"action\": \"log\", \"protocol\": \"tcp\", \"ports\": [\"81\"]}, "           \
	"{\"id\": 3, \"action\": \"deny\", \"protocol\": \"tcp\", \"ports\": [\"82\"]}, "          \
	"{\"id\": 4, \"action\": \"reject\", \"protocol\": \"tcp\", \"ports\": [\"83\"]}]}, "      \
	"\"egress\": {\"default\": \"deny\"}}"

static struct flow flow_to(uint16_t pod_port)
{
	static uint16_t peer_port = 40000;

	return (struct flow){POD_4, pod_port, PEER_4, peer_port++, IPPROTO_TCP, 0};
}

static int setup(void **state)
{
	fixture_setup(state);
	programs_set_policy(*state, POD_ID, POLICY);
	return 0;
}

#define change(programs, ...)                                                                      \
	do {                                                                                       \
		char *assignments[] = {__VA_ARGS__};                                               \
		struct rf_error refusal = {};                                                      \
		if (rf_settings_change(&(programs)->objects, assignments,                          \
				       sizeof(assignments) / sizeof(assignments[0]), &refusal))    \
			fail_msg("%s", refusal.message);                                           \
	} while (0)

static bool pass(struct programs *programs, const struct flow *flow, enum rf_direction direction,
		 uint8_t flags, uint32_t ingress_ifindex)
{
	struct packet_spec packet = flow_packet(flow, direction, flags);

	return programs_pass(programs, direction, &packet, ingress_ifindex);
}

/* Events of both rings that one new flow to @pod_port makes. */
static unsigned int events_of(struct programs *programs, uint16_t pod_port, uint32_t from)
{
	unsigned int before = programs->events + programs->flow_events;
	struct flow flow = flow_to(pod_port);

	pass(programs, &flow, RF_INGRESS, TCP_SYN, from);
	return programs->events + programs->flow_events - before;
}

static void verbosity_says_which_events_there_are(void **state)
{
	static char *const levels[] = {"verbosity=none", "verbosity=denies", "verbosity=flows",
				       "verbosity=all"};
	struct programs *programs = *state;

	/* Up and down again. */
	for (int i = 0; i < 7; i++) {
		int level = i < 4 ? i : 6 - i;

		change(programs, levels[level]);
		assert_int_equal(events_of(programs, 82, PROGRAMS_FORWARDED), level >= 1);
		assert_int_equal(events_of(programs, 83, PROGRAMS_FORWARDED), level >= 1);
		assert_int_equal(events_of(programs, 81, PROGRAMS_FORWARDED), level >= 2);
		assert_int_equal(events_of(programs, 80, PROGRAMS_FORWARDED), level >= 3);
		assert_int_equal(events_of(programs, 82, PROGRAMS_NODE), level >= 3);
	}
}

static void what_audit_lets_pass_is_reported_as_what_is_denied(void **state)
{
	struct programs *programs = *state;

	change(programs, "audit=all", "verbosity=denies");
	assert_int_equal(events_of(programs, 82, PROGRAMS_FORWARDED), 1);
	assert_int_equal(programs->event.flags, RF_EVENT_AUDIT);
	change(programs, "verbosity=none");
	assert_int_equal(events_of(programs, 82, PROGRAMS_FORWARDED), 0);
}

/* Its first packet alone, by the reason for which it is allowed, and not as what a rule logs. */
static void a_flow_that_begins_is_reported_once_when_all_are(void **state)
{
	struct programs *programs = *state;
	struct flow flow = flow_to(80);
	struct rf_flow_key key = flow_key(&flow);
	const struct rf_event *event = &programs->flow_event;

	change(programs, "verbosity=all");
	assert_true(pass(programs, &flow, RF_INGRESS, TCP_SYN, PROGRAMS_FORWARDED));
	assert_int_equal(programs->flow_events, 1);
	assert_int_equal(event->reason, RF_REASON_RULE_ALLOW);
	assert_int_equal(event->rule, 1);
	assert_int_equal(event->flags, 0);
	assert_int_equal(event->pod, POD_ID);
	assert_memory_equal(&event->flow, &key, sizeof(key));
	for (int i = 0; i < 4; i++)
		assert_true(pass(programs, &flow, (i + 1) % 2, i ? TCP_ACK : TCP_SYN_ACK,
				 PROGRAMS_FORWARDED));
	/* Nor when it is judged again. */
	programs_set_policy(programs, POD_ID, POLICY);
	assert_true(pass(programs, &flow, RF_INGRESS, TCP_ACK, PROGRAMS_FORWARDED));
	assert_int_equal(programs->flow_events, 1);
	assert_int_equal(events_of(programs, 81, PROGRAMS_FORWARDED), 1);
	assert_int_equal(event->flags, RF_EVENT_LOG);
	assert_int_equal(programs->events, 0);
}

static void a_pinhole_is_reported_when_all_flows_are(void **state)
{
	struct programs *programs = *state;
	struct flow flow = flow_to(82);
	struct rf_flow_key key = flow_key(&flow);

	programs_set_pinhole(programs, POD_ID, &key, RF_INGRESS, RF_ALLOW, 9, 0);
	change(programs, "verbosity=all");
	assert_true(pass(programs, &flow, RF_INGRESS, TCP_SYN, PROGRAMS_FORWARDED));
	assert_true(pass(programs, &flow, RF_EGRESS, TCP_SYN_ACK, PROGRAMS_FORWARDED));
	assert_true(pass(programs, &flow, RF_INGRESS, TCP_ACK, PROGRAMS_FORWARDED));
	assert_int_equal(programs->flow_events, 1);
	assert_int_equal(programs->flow_event.reason, RF_REASON_PINHOLE_ALLOW);
	assert_int_equal(programs->flow_event.rule, 9);
}

static unsigned int rejects_of(struct programs *programs, int packets)
{
	unsigned int sent = 0;

	for (int i = 0; i < packets; i++) {
		struct flow flow = flow_to(83);

		pass(programs, &flow, RF_INGRESS, TCP_SYN, PROGRAMS_FORWARDED);
		sent += programs->output.answer == TC_ACT_REDIRECT;
	}
	return sent;
}

static unsigned int events_of_many(struct programs *programs, uint16_t pod_port)
{
	unsigned int events = 0;

	for (int i = 0; i < 5; i++)
		events += events_of(programs, pod_port, PROGRAMS_FORWARDED);
	return events;
}

static void a_rate_holds_from_the_next_packet_on(void **state)
{
	struct programs *programs = *state;

	assert_int_equal(events_of_many(programs, 82), 5);
	assert_int_equal(events_of_many(programs, 81), 5);
	assert_int_equal(rejects_of(programs, 5), 5);
	change(programs, "deny-events-per-second=1", "flow-events-per-second=1",
	       "rejects-per-second=1");
	/* One each; and then none, however long this takes. */
	assert_int_equal(events_of(programs, 82, PROGRAMS_FORWARDED), 1);
	assert_int_equal(events_of(programs, 81, PROGRAMS_FORWARDED), 1);
	assert_int_equal(rejects_of(programs, 1), 1);
	for (int kind = RF_BUCKET_DENY_EVENTS; kind <= RF_BUCKET_REJECTS; kind++)
		bucket_stop_filling(programs, RF_BUCKET(POD_ID, kind));
	assert_int_equal(events_of_many(programs, 82), 0);
	assert_int_equal(events_of_many(programs, 81), 0);
	assert_int_equal(rejects_of(programs, 5), 0);
	/* Each is its own. */
	change(programs, "flow-events-per-second=0");
	assert_int_equal(events_of_many(programs, 82), 0);
	assert_int_equal(events_of_many(programs, 81), 5);
	assert_int_equal(rejects_of(programs, 5), 0);
	change(programs, "deny-events-per-second=0", "rejects-per-second=0");
	assert_int_equal(events_of_many(programs, 82), 5);
	assert_int_equal(rejects_of(programs, 5), 5);
}

static void audit_of_all_lets_denied_flows_pass_until_it_ends(void **state)
{
	struct programs *programs = *state;
	struct flow denied = flow_to(82), allowed = flow_to(80), half_open = flow_to(82);

	assert_handshake(programs, &allowed, RF_INGRESS, RULE_ALLOW);
	assert_flow(programs, &denied, RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 3);
	change(programs, "audit=all");
	assert_flow(programs, &denied, RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 3, .audited = true);
	assert_flow(programs, &denied, RF_EGRESS, TCP_SYN_ACK, SESSION);
	assert_flow(programs, &denied, RF_INGRESS, TCP_ACK, SESSION);
	assert_flow(programs, &half_open, RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 3,
		    .audited = true);
	assert_flow(programs, &allowed, RF_INGRESS, TCP_ACK, SESSION);
	change(programs, "audit=pods");
	assert_flow(programs, &denied, RF_EGRESS, TCP_ACK, RULE_DENY, .rule = 3, .is_reply = true);
	assert_true(flow_has_no_session(programs, &denied));
	assert_flow(programs, &half_open, RF_EGRESS, TCP_SYN_ACK, RULE_DENY, .rule = 3,
		    .is_reply = true);
	assert_true(flow_has_no_session(programs, &half_open));
	assert_flow(programs, &allowed, RF_EGRESS, TCP_ACK, SESSION);
}

static void a_pod_that_is_audited_by_itself_remains_so(void **state)
{
	struct programs *programs = *state;
	struct flow flow = flow_to(82);

	programs->objects.pod_state[POD_ID].flags |= RF_POD_AUDIT;
	change(programs, "audit=all");
	assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, RULE_DENY, .rule = 3, .audited = true);
	change(programs, "audit=pods");
	assert_flow(programs, &flow, RF_EGRESS, TCP_SYN_ACK, RULE_DENY, .rule = 3, .audited = true,
		    .is_reply = true);
}

static void audit_of_all_is_of_pods_only(void **state)
{
	struct programs *programs = *state;
	struct flow flow = flow_to(80);

	change(programs, "audit=all");
	programs_move_pod(programs, POD_ID, PROGRAMS_ELSEWHERE);
	assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, UNKNOWN_POD, .unknown_pod = true);
}

/* Only `audit=pods` has flows to end; it does so again when it is said again. */
static void only_the_end_of_audit_gives_pods_a_new_epoch(void **state)
{
	struct programs *programs = *state;
	struct rf_pod_state *pods = programs->objects.pod_state;
	uint64_t word = pods[POD_ID].policy, ended;

	change(programs, "audit=all", "verbosity=all", "timeout-syn=1");
	assert_true(pods[POD_ID].policy == word);
	change(programs, "audit=pods");
	ended = pods[POD_ID].policy;
	assert_true(ended != word);
	assert_int_equal(RF_POLICY_ID(ended), RF_POLICY_ID(word));
	change(programs, "audit=pods");
	assert_true(pods[POD_ID].policy != ended);
	/* No policy comes to an id that is free. */
	assert_true(pods[OTHER_POD_ID].policy == 0);
}

static void if_one_assignment_is_refused_nothing_changes(void **state)
{
	static char *const refused[][2] = {
		{"verbosity=none", "timeout-syn=0"},
		{"verbosity=none", "no-such=1"},
		{"verbosity=none", "verbosity=all"},
	};
	struct programs *programs = *state;
	struct rf_settings before, after;
	struct rf_error error = {};

	assert_int_equal(rf_settings_read(&programs->objects, &before, &error), 0);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		error = (struct rf_error){};
		assert_int_equal(rf_settings_change(&programs->objects, refused[i], 2, &error),
				 -EINVAL);
		assert_int_equal(error.code, RF_CODE_CONFIG);
		assert_int_equal(rf_settings_read(&programs->objects, &after, &error), 0);
		assert_memory_equal(&after, &before, sizeof(after));
	}
}

static void what_is_changed_is_what_is_read_and_the_rest_stays(void **state)
{
	struct programs *programs = *state;
	struct rf_settings expected, settings;
	struct rf_error error = {};

	assert_int_equal(rf_settings_read(&programs->objects, &expected, &error), 0);
	expected.verbosity = RF_VERBOSITY_ALL;
	expected.timeout[RF_TIMEOUT_ECHO] = 7;
	change(programs, "timeout-echo=7", "verbosity=all");
	assert_int_equal(rf_settings_read(&programs->objects, &settings, &error), 0);
	assert_memory_equal(&settings, &expected, sizeof(settings));
}

#define SETTINGS_TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SETTINGS_TEST(verbosity_says_which_events_there_are),
		SETTINGS_TEST(what_audit_lets_pass_is_reported_as_what_is_denied),
		SETTINGS_TEST(a_flow_that_begins_is_reported_once_when_all_are),
		SETTINGS_TEST(a_pinhole_is_reported_when_all_flows_are),
		SETTINGS_TEST(a_rate_holds_from_the_next_packet_on),
		SETTINGS_TEST(audit_of_all_lets_denied_flows_pass_until_it_ends),
		SETTINGS_TEST(a_pod_that_is_audited_by_itself_remains_so),
		SETTINGS_TEST(audit_of_all_is_of_pods_only),
		SETTINGS_TEST(only_the_end_of_audit_gives_pods_a_new_epoch),
		SETTINGS_TEST(if_one_assignment_is_refused_nothing_changes),
		SETTINGS_TEST(what_is_changed_is_what_is_read_and_the_rest_stays),
	};

	run_directory_own();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
