// SPDX-License-Identifier: Apache-2.0
/* Pinholes and flows under way: what expires, is added, replaced or removed holds at once. */
#include "dataplane/pinhole.h"
#include "dataplane/pod.h"
#include "test/lib/fixture.h"
#include "test/lib/run_directory.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#define RULE 99

#define RULES(action)                                                                              \
	"{\"ingress\": {\"rules\": [{\"id\": 1, \"action\": \"" action "\"}]}, "                   \
	"\"egress\": {\"rules\": [{\"id\": 2, \"action\": \"" action "\"}]}}"

static const struct {
	struct flow flow;
	enum rf_direction opener;
} flows[] = {
	{{POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0}, RF_INGRESS},
	{{POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0}, RF_EGRESS},
	{{POD_6, 80, PEER_6, 40000, IPPROTO_TCP, 0}, RF_INGRESS},
	{{POD_6, 40000, PEER_6, 80, IPPROTO_TCP, 0}, RF_EGRESS},
	{{POD_4, 53, PEER_4, 40000, IPPROTO_UDP, 0}, RF_INGRESS},
	{{POD_4, 40000, PEER_4, 53, IPPROTO_UDP, 0}, RF_EGRESS},
	{{POD_6, 53, PEER_6, 40000, IPPROTO_UDP, 0}, RF_INGRESS},
	{{POD_6, 40000, PEER_6, 53, IPPROTO_UDP, 0}, RF_EGRESS},
	{{POD_4, 0, PEER_4, 7, IPPROTO_ICMP, RF_INGRESS}, RF_INGRESS},
	{{POD_4, 7, PEER_4, 0, IPPROTO_ICMP, RF_EGRESS}, RF_EGRESS},
	{{POD_6, 0, PEER_6, 7, IPPROTO_ICMPV6, RF_INGRESS}, RF_INGRESS},
	{{POD_6, 7, PEER_6, 0, IPPROTO_ICMPV6, RF_EGRESS}, RF_EGRESS},
};

#define FLOW_COUNT (sizeof(flows) / sizeof(flows[0]))
#define MINUTE     60000000000ull

static const struct rf_error none;
static struct rf_error error;

static struct rf_pinhole_entry entry_of(const struct programs *programs, const struct flow *flow,
					enum rf_direction opener, enum rf_verdict verdict)
{
	return (struct rf_pinhole_entry){
		.key = {.flow = flow_key(flow), .direction = opener},
		.pinhole =
			{
				.expires = rf_pinhole_clock() + MINUTE,
				.pod = POD_ID,
				.incarnation = programs->objects.pod_state[POD_ID].incarnation,
				.rule = RULE,
				.verdict = verdict,
			},
	};
}

static void add(struct programs *programs, const struct flow *flow, enum rf_direction opener,
		enum rf_verdict verdict)
{
	const struct rf_pinhole_entry entry = entry_of(programs, flow, opener, verdict);

	error = none;
	assert_int_equal(rf_pinholes_add(&programs->objects, &entry, 1, &error), 0);
}

static size_t remove_pinhole(struct programs *programs, const struct flow *flow,
			     enum rf_direction opener)
{
	const struct rf_pinhole_entry entry = entry_of(programs, flow, opener, RF_ALLOW);
	size_t removed;

	assert_int_equal(rf_pinholes_remove(&programs->objects, &entry, 1, &removed, &error), 0);
	return removed;
}

/* As if it had been added so long ago. */
static void expire(struct programs *programs, const struct flow *flow, enum rf_direction opener,
		   enum rf_verdict verdict)
{
	const struct rf_flow_key key = flow_key(flow);

	programs_set_pinhole(programs, POD_ID, &key, opener, verdict, RULE, rf_pinhole_clock());
}

/* Three packets: then it is in `sessions`, whatever the protocol. */
static void establish(struct programs *programs, const struct flow *flow, enum rf_direction opener,
		      enum rf_reason reason)
{
	struct rf_session session;

	fixture_handshake(programs, flow, opener, reason, __FILE__, __LINE__);
	assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &session));
}

static void a_live_flow_ends_when_its_pinhole_expires(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, RULES("deny"));
	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (int sender = 0; sender < RF_DIRECTIONS; sender++) {
			const struct flow *flow = &flows[i].flow;
			const int opener = flows[i].opener;

			add(programs, flow, opener, RF_ALLOW);
			establish(programs, flow, opener, RF_REASON_PINHOLE_ALLOW);
			for (int k = 0; k < 4; k++)
				assert_flow(programs, flow, k % 2, TCP_ACK, SESSION);
			expire(programs, flow, opener, RF_ALLOW);
			assert_flow(programs, flow, sender, TCP_ACK, RULE_DENY, .rule = 1 + opener,
				    .is_reply = sender != opener);
			assert_true(flow_has_no_session(programs, flow));
		}
}

static void a_half_open_flow_ends_when_its_pinhole_expires(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, RULES("deny"));
	for (size_t i = 0; i < FLOW_COUNT; i++) {
		const struct flow *flow = &flows[i].flow;
		const int opener = flows[i].opener;

		add(programs, flow, opener, RF_ALLOW);
		assert_flow(programs, flow, opener, TCP_SYN, PINHOLE_ALLOW);
		expire(programs, flow, opener, RF_ALLOW);
		assert_flow(programs, flow, !opener, TCP_SYN_ACK, RULE_DENY, .rule = 1 + opener,
			    .is_reply = true);
		assert_true(flow_has_no_session(programs, flow));
	}
}

/* Then it is the rule's, as any other. */
static void a_live_flow_that_rules_allow_goes_on_without_its_pinhole(void **state)
{
	struct programs *programs = *state;
	struct rf_session session;

	programs_set_policy(programs, POD_ID, RULES("allow"));
	for (size_t i = 0; i < FLOW_COUNT; i++) {
		const struct flow *flow = &flows[i].flow;
		const int opener = flows[i].opener;

		add(programs, flow, opener, RF_ALLOW);
		establish(programs, flow, opener, RF_REASON_PINHOLE_ALLOW);
		assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &session));
		assert_true(session.policy == RF_POLICY_WORD_PINHOLE);
		assert_int_equal(session.rule, RULE);
		expire(programs, flow, opener, RF_ALLOW);
		assert_flow(programs, flow, !opener, TCP_ACK, SESSION);
		assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &session));
		assert_true(session.policy == programs->objects.pod_state[POD_ID].policy);
		assert_int_equal(session.rule, 1 + opener);
	}
}

/* Its packets are judged one by one, and counted as those of any session. */
static void a_flow_that_a_pinhole_allows_is_counted_whole(void **state)
{
	const struct flow *flow = &flows[0].flow;
	struct programs *programs = *state;
	struct rf_session session;

	programs_set_policy(programs, POD_ID, RULES("deny"));
	add(programs, flow, RF_INGRESS, RF_ALLOW);
	establish(programs, flow, RF_INGRESS, RF_REASON_PINHOLE_ALLOW);
	for (int i = 0; i < 10; i++)
		assert_flow(programs, flow, i % 2, TCP_ACK, SESSION);
	assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &session));
	assert_int_equal(session.packets[RF_INGRESS], 7);
	assert_int_equal(session.packets[RF_EGRESS], 6);
}

static void a_live_flow_ends_when_its_pinhole_is_removed(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, RULES("deny"));
	for (size_t i = 0; i < FLOW_COUNT; i++) {
		const struct flow *flow = &flows[i].flow;
		const int opener = flows[i].opener;

		add(programs, flow, opener, RF_ALLOW);
		establish(programs, flow, opener, RF_REASON_PINHOLE_ALLOW);
		assert_int_equal(remove_pinhole(programs, flow, opener), 1);
		assert_flow(programs, flow, opener, TCP_ACK, RULE_DENY, .rule = 1 + opener);
		assert_int_equal(remove_pinhole(programs, flow, opener), 0);
	}
}

static void a_pinhole_that_denies_ends_a_live_flow_at_once(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, RULES("allow"));
	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (int sender = 0; sender < RF_DIRECTIONS; sender++) {
			const struct flow *flow = &flows[i].flow;
			const int opener = flows[i].opener;

			establish(programs, flow, opener, RF_REASON_RULE_ALLOW);
			add(programs, flow, opener, RF_DENY);
			assert_flow(programs, flow, sender, TCP_ACK, PINHOLE_DENY, .rule = RULE,
				    .is_reply = sender != opener);
			assert_true(flow_has_no_session(programs, flow));
			assert_int_equal(remove_pinhole(programs, flow, opener), 1);
		}
}

static void a_pinhole_that_allows_may_be_replaced_by_one_that_denies(void **state)
{
	const struct flow *flow = &flows[3].flow;
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, RULES("allow"));
	add(programs, flow, RF_EGRESS, RF_ALLOW);
	establish(programs, flow, RF_EGRESS, RF_REASON_PINHOLE_ALLOW);
	add(programs, flow, RF_EGRESS, RF_DENY);
	assert_flow(programs, flow, RF_INGRESS, TCP_ACK, PINHOLE_DENY, .rule = RULE,
		    .is_reply = true);
}

/* Of a flow that audit lets pass although a pinhole denies it, and under each policy once. */
static void audit_reports_what_a_pinhole_denies_once(void **state)
{
	const struct flow *flow = &flows[0].flow;
	struct programs *programs = *state;

	programs->objects.pod_state[POD_ID].flags |= RF_POD_AUDIT;
	establish(programs, flow, RF_INGRESS, RF_REASON_DEFAULT_ALLOW);
	add(programs, flow, RF_INGRESS, RF_DENY);
	assert_flow(programs, flow, RF_INGRESS, TCP_ACK, PINHOLE_DENY, .rule = RULE,
		    .audited = true);
	assert_flow(programs, flow, RF_INGRESS, TCP_ACK, SESSION);
	assert_flow(programs, flow, RF_EGRESS, TCP_ACK, SESSION);
}

static size_t count(const struct programs *programs)
{
	size_t entries = 0;
	struct rf_pinhole_key key, *previous = NULL, next;

	while (!bpf_map_get_next_key(programs->objects.maps[RF_MAP_PINHOLES], previous, &next)) {
		key = next;
		previous = &key;
		entries++;
	}
	return entries;
}

/* With @used entries: ports of peers from 1 on; every second has expired if @void_too. */
static void fill(struct programs *programs, uint32_t used, bool void_too)
{
	for (uint32_t i = 0; i < used; i++) {
		struct flow flow = flows[0].flow;
		struct rf_flow_key key;

		flow.peer_port = (uint16_t)(1 + i);
		key = flow_key(&flow);
		programs_set_pinhole(programs, POD_ID, &key, RF_INGRESS, RF_ALLOW, 0,
				     void_too && i % 2 ? 1 : 0);
	}
}

static void a_full_map_refuses_another_and_changes_nothing(void **state)
{
	struct programs *programs = *state;
	uint32_t max = programs->objects.max_entries[RF_MAP_PINHOLES];
	uint64_t word = programs->objects.pod_state[POD_ID].policy;
	struct rf_pinhole_entry both[2] = {
		entry_of(programs, &flows[0].flow, RF_INGRESS, RF_ALLOW),
		entry_of(programs, &flows[0].flow, RF_EGRESS, RF_ALLOW),
	};

	fill(programs, max - 1, false);
	error = none;
	assert_int_equal(rf_pinholes_add(&programs->objects, both, 2, &error), -ENOSPC);
	assert_int_equal(error.code, RF_CODE_MAP_FULL);
	assert_string_equal(error.message, "map pinholes is too small: 4095 of 4096 entries are "
					   "in use, 2 more are needed");
	assert_non_null(strstr(error.details, "maps.pinholes"));
	assert_int_equal(count(programs), max - 1);
	assert_true(programs->objects.pod_state[POD_ID].policy == word);
	/* One fits, and then takes its own place. */
	for (int i = 0; i < 2; i++)
		assert_int_equal(rf_pinholes_add(&programs->objects, both, 1, &error), 0);
	assert_int_equal(count(programs), max);
}

static void what_has_expired_gives_way(void **state)
{
	struct programs *programs = *state;
	uint32_t max = programs->objects.max_entries[RF_MAP_PINHOLES];

	fill(programs, max, true);
	add(programs, &flows[0].flow, RF_INGRESS, RF_ALLOW);
	assert_int_equal(count(programs), max / 2 + 1);
}

static void count_one(const struct rf_pinhole_key *key, const struct rf_pinhole *pinhole,
		      void *context)
{
	(void)key;
	assert_int_equal(pinhole->expires, 0);
	++*(size_t *)context;
}

static void a_list_has_no_pinhole_that_has_expired_or_lost_its_pod(void **state)
{
	struct programs *programs = *state;
	struct rf_flow_key key = flow_key(&flows[2].flow);
	size_t listed = 0;

	fill(programs, 10, true);
	programs->objects.pod_state[OTHER_POD_ID].incarnation = 7;
	programs_set_pinhole(programs, OTHER_POD_ID, &key, RF_INGRESS, RF_ALLOW, 0, 0);
	programs->objects.pod_state[OTHER_POD_ID].incarnation = 8;
	assert_int_equal(rf_pinholes_each(&programs->objects, count_one, &listed, &error), 0);
	assert_int_equal(listed, 5);
	assert_int_equal(count(programs), 5);
}

static void a_pod_that_is_gone_gets_none(void **state)
{
	struct programs *programs = *state;
	struct rf_pinhole_entry entry = entry_of(programs, &flows[0].flow, RF_INGRESS, RF_ALLOW);

	entry.pinhole.incarnation++;
	assert_int_equal(rf_pinholes_add(&programs->objects, &entry, 1, &error), -ENOENT);
	assert_int_equal(count(programs), 0);
}

/* And none of its neighbour's. */
static void a_pods_pinholes_go_with_it(void **state)
{
	struct programs *programs = *state;
	struct rf_flow_key key = flow_key(&flows[0].flow);

	fill(programs, 3, false);
	fixture_add_other_pod(programs, 0, ALLOW_ALL);
	key.pod.word[3] ^= htonl(1);
	programs_set_pinhole(programs, OTHER_POD_ID, &key, RF_INGRESS, RF_ALLOW, 0, 0);
	assert_int_equal(rf_pod_retract(&programs->objects, POD_ID), 0);
	assert_int_equal(count(programs), 1);
	assert_int_equal(rf_pod_retract(&programs->objects, OTHER_POD_ID), 0);
	assert_int_equal(count(programs), 0);
}

static void of_a_pod_that_is_retracted_no_pinhole_lets_anything_pass(void **state)
{
	const struct flow *flow = &flows[0].flow;
	struct programs *programs = *state;

	add(programs, flow, RF_INGRESS, RF_ALLOW);
	establish(programs, flow, RF_INGRESS, RF_REASON_PINHOLE_ALLOW);
	assert_int_equal(rf_pod_retract(&programs->objects, POD_ID), 0);
	assert_flow(programs, flow, RF_INGRESS, TCP_ACK, UNKNOWN_POD, .unknown_pod = true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_live_flow_ends_when_its_pinhole_expires),
		FIXTURE_TEST(a_half_open_flow_ends_when_its_pinhole_expires),
		FIXTURE_TEST(a_live_flow_that_rules_allow_goes_on_without_its_pinhole),
		FIXTURE_TEST(a_flow_that_a_pinhole_allows_is_counted_whole),
		FIXTURE_TEST(a_live_flow_ends_when_its_pinhole_is_removed),
		FIXTURE_TEST(a_pinhole_that_denies_ends_a_live_flow_at_once),
		FIXTURE_TEST(a_pinhole_that_allows_may_be_replaced_by_one_that_denies),
		FIXTURE_TEST(audit_reports_what_a_pinhole_denies_once),
		FIXTURE_TEST(a_full_map_refuses_another_and_changes_nothing),
		FIXTURE_TEST(what_has_expired_gives_way),
		FIXTURE_TEST(a_list_has_no_pinhole_that_has_expired_or_lost_its_pod),
		FIXTURE_TEST(a_pod_that_is_gone_gets_none),
		FIXTURE_TEST(a_pods_pinholes_go_with_it),
		FIXTURE_TEST(of_a_pod_that_is_retracted_no_pinhole_lets_anything_pass),
	};

	run_directory_own();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
