// SPDX-License-Identifier: Apache-2.0
/* Pinholes: one exact flow in one direction, above all rules. */
#include "test/lib/fixture.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <time.h>

#define RULES(action)                                                                              \
	"{\"ingress\": {\"rules\": [{\"id\": 1, \"priority\": 0, \"action\": \"" action "\"}]}, "  \
	"\"egress\": {\"rules\": [{\"id\": 2, \"priority\": 0, \"action\": \"" action "\"}]}}"

/* Each opened by the direction of its place. */
static const struct flow flows[][RF_DIRECTIONS] = {
	{{POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0}, {POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0}},
	{{POD_6, 53, PEER_6, 40000, IPPROTO_UDP, 0}, {POD_6, 40000, PEER_6, 53, IPPROTO_UDP, 0}},
	{{POD_4, 0, PEER_4, 7, IPPROTO_ICMP, RF_INGRESS},
	 {POD_4, 7, PEER_4, 0, IPPROTO_ICMP, RF_EGRESS}},
};

#define FLOW_COUNT (sizeof(flows) / sizeof(flows[0]))

static uint64_t seconds_from_now(int seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)((int64_t)(now.tv_sec + seconds) * 1000000000 + now.tv_nsec);
}

static void open_pinhole(struct programs *programs, const struct rf_flow_key *flow,
			 enum rf_direction direction, enum rf_verdict verdict, uint64_t expires)
{
	programs_set_pinhole(programs, POD_ID, flow, direction, verdict, 99, expires);
}

static void close_pinhole(const struct programs *programs, const struct rf_flow_key *flow,
			  enum rf_direction direction)
{
	const struct rf_pinhole_key key = {.flow = *flow, .direction = direction};

	assert_int_equal(bpf_map_delete_elem(programs->objects.maps[RF_MAP_PINHOLES], &key), 0);
}

static void a_pinhole_allows_what_a_rule_denies(void **state)
{
	struct programs *programs = *state;
	struct rf_session session;

	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (int opener = 0; opener < RF_DIRECTIONS; opener++) {
			const struct flow *flow = &flows[i][opener];
			struct rf_flow_key key = flow_key(flow);

			programs_set_policy(programs, POD_ID, RULES("deny"));
			assert_flow(programs, flow, opener, TCP_SYN, RULE_DENY, .rule = 1 + opener);
			open_pinhole(programs, &key, opener, RF_ALLOW, 0);
			assert_flow(programs, flow, opener, TCP_SYN, PINHOLE_ALLOW);
			assert_true(flow_session(programs, RF_MAP_HALF_OPEN, flow, &session));
			assert_int_equal(session.rule, 99);
			/* Replies follow, and the flow goes on under another policy. */
			assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
			programs_set_policy(programs, POD_ID, DENY_ALL);
			assert_flow(programs, flow, !opener, TCP_ACK, SESSION);
			assert_flow(programs, flow, opener, TCP_ACK, SESSION);
		}
}

static void a_pinhole_denies_what_a_rule_allows(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (int opener = 0; opener < RF_DIRECTIONS; opener++) {
			const struct flow *flow = &flows[i][opener];
			struct rf_flow_key key = flow_key(flow);

			programs_set_policy(programs, POD_ID, RULES("allow"));
			open_pinhole(programs, &key, opener, RF_DENY, 0);
			assert_flow(programs, flow, opener, TCP_SYN, PINHOLE_DENY, .rule = 99);
			assert_true(flow_has_no_session(programs, flow));
			close_pinhole(programs, &key, opener);
			assert_flow(programs, flow, opener, TCP_SYN, RULE_ALLOW);
		}
}

/* What is under way is judged by it at the next switch, as by a rule. */
static void a_pinhole_ends_a_session_that_is_judged_again(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (int opener = 0; opener < RF_DIRECTIONS; opener++) {
			const struct flow *flow = &flows[i][opener];
			struct rf_flow_key key = flow_key(flow);

			programs_set_policy(programs, POD_ID, RULES("allow"));
			assert_flow(programs, flow, opener, TCP_SYN, RULE_ALLOW);
			assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
			open_pinhole(programs, &key, opener, RF_DENY, 0);
			programs_set_policy(programs, POD_ID, RULES("allow"));
			assert_flow(programs, flow, !opener, TCP_ACK, PINHOLE_DENY, .rule = 99,
				    .is_reply = true);
			assert_true(flow_has_no_session(programs, flow));
		}
}

static void a_pinhole_is_for_its_direction_only(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (size_t i = 0; i < FLOW_COUNT; i++)
		for (int opener = 0; opener < RF_DIRECTIONS; opener++) {
			const struct flow *flow = &flows[i][opener];
			struct rf_flow_key key = flow_key(flow);

			open_pinhole(programs, &key, !opener, RF_ALLOW, 0);
			assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_DENY);
			close_pinhole(programs, &key, !opener);
			open_pinhole(programs, &key, opener, RF_ALLOW, 0);
			assert_flow(programs, flow, !opener, TCP_SYN, DEFAULT_DENY);
		}
}

static void a_pinhole_is_for_its_exact_flow_only(void **state)
{
	const struct flow flow = flows[0][RF_INGRESS];
	const struct rf_flow_key key = flow_key(&flow);
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	for (int i = 0; i < 5; i++) {
		struct rf_flow_key other = key;

		switch (i) {
		case 0:
			other.pod_port = htons(81);
			break;
		case 1:
			other.peer_port = htons(40001);
			break;
		case 2:
			other.protocol = IPPROTO_UDP;
			break;
		case 3:
			other.peer.word[3] ^= htonl(1);
			break;
		default:
			other.pod.word[3] ^= htonl(1);
		}
		open_pinhole(programs, &other, RF_INGRESS, RF_ALLOW, 0);
	}
	assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, DEFAULT_DENY);
	open_pinhole(programs, &key, RF_INGRESS, RF_ALLOW, 0);
	assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, PINHOLE_ALLOW);
}

/* Its address may be given to another pod, to which the operator has promised nothing. */
static void a_pinhole_is_for_its_pod_only(void **state)
{
	const struct flow flow = flows[0][RF_INGRESS];
	const struct rf_flow_key key = flow_key(&flow);
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, DENY_ALL);
	open_pinhole(programs, &key, RF_INGRESS, RF_ALLOW, 0);
	programs->objects.pod_state[POD_ID].incarnation += 1000;
	assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, DEFAULT_DENY);
	programs->objects.pod_state[POD_ID].incarnation -= 1000;
	assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, PINHOLE_ALLOW);
}

static void a_pinhole_expires(void **state)
{
	static const int seconds[] = {3600, -1};
	static const enum rf_verdict verdicts[] = {RF_ALLOW, RF_DENY};
	struct programs *programs = *state;

	for (int i = 0; i < 2; i++) {
		struct flow flow = flows[0][RF_INGRESS];

		programs_set_policy(programs, POD_ID,
				    verdicts[i] == RF_ALLOW ? RULES("deny") : RULES("allow"));
		for (int k = 0; k < 2; k++) {
			struct rf_flow_key key;

			flow.peer_port = 1000 + 2 * i + k;
			key = flow_key(&flow);
			open_pinhole(programs, &key, RF_INGRESS, verdicts[i],
				     seconds_from_now(seconds[k]));
			if (verdicts[i] == RF_ALLOW && seconds[k] > 0)
				assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, PINHOLE_ALLOW);
			else if (verdicts[i] == RF_ALLOW)
				assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, RULE_DENY,
					    .rule = 1);
			else if (seconds[k] > 0)
				assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, PINHOLE_DENY,
					    .rule = 99);
			else
				assert_flow(programs, &flow, RF_INGRESS, TCP_SYN, RULE_ALLOW);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_pinhole_allows_what_a_rule_denies),
		FIXTURE_TEST(a_pinhole_denies_what_a_rule_allows),
		FIXTURE_TEST(a_pinhole_ends_a_session_that_is_judged_again),
		FIXTURE_TEST(a_pinhole_is_for_its_direction_only),
		FIXTURE_TEST(a_pinhole_is_for_its_exact_flow_only),
		FIXTURE_TEST(a_pinhole_is_for_its_pod_only),
		FIXTURE_TEST(a_pinhole_expires),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
