// SPDX-License-Identifier: Apache-2.0
/*
 * A policy is flipped a thousand times under live flows, which are judged again at their next
 * packet: one that both policies allow goes on as if nothing were, one that only the first allows
 * gets through under that one only. TCP, UDP and ICMP over both families, opened by each side.
 */
#include "dataplane/counters.h"
#include "test/lib/fixture.h"
#include "test/lib/flip.h"
#include "test/lib/policy_model.h"
#include "test/lib/prng.h"
#include "test/lib/run_directory.h"
#include "test/lib/running_pod.h"

#include <bpf/bpf.h>
#include <linux/pkt_cls.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLIPS    1000
#define PACE     64 /* packets between two flips: some of each flow */
#define FLOWS    24
#define TOGETHER 4
#define AHEAD    8 /* packets by which one side may be ahead of the other */

/* Whose flows only the first policy allows; PEER_4 and PEER_6 are allowed by both. */
#define GUEST_4 "10.0.0.10"
#define GUEST_6 "fd00::10"

static const char *const addresses[] = {POD_4, POD_6, NULL};

struct live_flow {
	struct flow flow;
	enum rf_direction opener;
	bool is_guest;
	uint64_t created;
	uint64_t sent[RF_DIRECTIONS]; /* since then */
};

struct live_flows {
	struct prng prng;
	struct live_flow list[FLOWS];
	uint64_t allowed, denied, reopened; /* of guests */
};

static int setup(void **state)
{
	const struct rf_map_sizes sizes = {.sessions = 1024, .half_open = 1024};

	*state = programs_load(&sizes);
	return 0;
}

static struct live_flow live_flow(int number)
{
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP};
	bool is_v6 = number & 1, is_guest = number & 4;
	struct live_flow live = {.opener = number >> 1 & 1, .is_guest = is_guest};
	uint8_t protocol = protocols[number / 8];
	bool by_pod = live.opener == RF_EGRESS;

	live.flow = (struct flow){
		.pod = is_v6 ? POD_6 : POD_4,
		.peer = is_guest ? (is_v6 ? GUEST_6 : GUEST_4) : (is_v6 ? PEER_6 : PEER_4),
		.pod_port = by_pod ? 40000 : 80,
		.peer_port = by_pod ? 80 : 40000,
		.protocol = protocol == IPPROTO_ICMP && is_v6 ? IPPROTO_ICMPV6 : protocol,
		.pinging = live.opener,
	};
	return live;
}

/* Rules for flows with port 80 of a peer with two addresses, and its pings, from the id @first on.
 */
static int write_rules(char *text, size_t size, const char *action, const char *v4, const char *v6,
		       int first)
{
	return snprintf(text, size,
			"{\"id\": %d, \"action\": \"%s\", \"peers\": [\"%s\", \"%s\"], "
			"\"protocol\": \"tcp\", \"ports\": [\"80\"]}, "
			"{\"id\": %d, \"action\": \"%s\", \"peers\": [\"%s\", \"%s\"], "
			"\"protocol\": \"udp\", \"ports\": [\"80\"]}, "
			"{\"id\": %d, \"action\": \"%s\", \"peers\": [\"%s\"], "
			"\"protocol\": \"icmp\", \"ports\": [\"8\"]}, "
			"{\"id\": %d, \"action\": \"%s\", \"peers\": [\"%s\"], "
			"\"protocol\": \"icmpv6\", \"ports\": [\"128\"]}",
			first, action, v4, v6, first + 1, action, v4, v6, first + 2, action, v4,
			first + 3, action, v6);
}

static void draw_policy(struct rf_policy *policy, const char *guests, int first)
{
	static const char *const names[] = {"ingress", "egress"};
	char text[4096] = "{";
	int length = 1;

	for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
		length += snprintf(text + length, sizeof(text) - (size_t)length,
				   "%s\"%s\": {\"default\": \"deny\", \"rules\": [",
				   direction ? ", " : "", names[direction]);
		length += write_rules(text + length, sizeof(text) - (size_t)length, "allow", PEER_4,
				      PEER_6, first + direction * 10);
		length += snprintf(text + length, sizeof(text) - (size_t)length, ", ");
		length += write_rules(text + length, sizeof(text) - (size_t)length, guests, GUEST_4,
				      GUEST_6, first + direction * 10 + 4);
		length += snprintf(text + length, sizeof(text) - (size_t)length, "]}");
	}
	snprintf(text + length, sizeof(text) - (size_t)length, "}");
	running_pod_parse(text, policy);
}

static bool find_session(const struct programs *programs, const struct flow *flow,
			 struct rf_session *session)
{
	return flow_session(programs, RF_MAP_SESSIONS, flow, session) ||
	       flow_session(programs, RF_MAP_HALF_OPEN, flow, session);
}

/* What the packet of @sender is judged as: the flow's opening, or, if there is none, its own. */
static struct policy_question question_of(const struct live_flow *live, enum rf_direction sender,
					  bool is_alive)
{
	const struct flow *flow = &live->flow;
	bool is_reply = sender != live->opener;
	struct policy_question question = {
		.direction = is_alive ? live->opener : sender,
		.peer = packet_address(flow->peer),
		.protocol = flow->protocol,
		.service = is_reply && !is_alive ? 40000 : 80,
	};

	if (flow->protocol == IPPROTO_ICMP)
		question.service = is_reply && !is_alive ? 0 : 8 << 8;
	else if (flow->protocol == IPPROTO_ICMPV6)
		question.service = is_reply && !is_alive ? 129 << 8 : 128 << 8;
	return question;
}

static bool check_passed(struct flip *flip, struct live_flow *live, enum rf_direction sender,
			 const struct rf_session *before, struct rf_session *after)
{
	if (!flip_expect(flip, find_session(flip->programs, &live->flow, after),
			 "it has passed and has no session"))
		return false;
	if (!before)
		*live = (struct live_flow){
			live->flow, live->opener, live->is_guest, after->created, {}};
	live->sent[sender]++;
	return flip_expect(flip,
			   after->created == live->created && after->opened_by == live->opener,
			   "another session: created %lu, not %lu, by %u", (uint64_t)after->created,
			   live->created, after->opened_by) &&
	       flip_expect(flip, after->packets[sender] == live->sent[sender],
			   "%llu packets are counted of %lu",
			   (unsigned long long)after->packets[sender], live->sent[sender]);
}

static bool send_one(struct flip *flip, uint64_t number, void *context)
{
	struct live_flows *flows = context;
	struct live_flow *live = &flows->list[number % FLOWS];
	enum rf_direction sender = prng_below(&flows->prng, RF_DIRECTIONS);
	struct packet_spec packet = flow_packet(&live->flow, sender, TCP_ACK);
	struct programs *programs = flip->programs;
	struct rf_session before, after;
	bool was_alive = find_session(programs, &live->flow, &before), passes;
	struct policy_question question = question_of(live, sender, was_alive);
	struct policy_answer expected;
	char text[POLICY_QUESTION_TEXT];
	uint64_t from = flip_word(flip), word;
	uint32_t rule;

	programs->events = 0;
	passes = programs_pass(programs, sender, &packet, PROGRAMS_FORWARDED);
	if (passes && !check_passed(flip, live, sender, was_alive ? &before : NULL, &after))
		return false;
	if (!flip_expect(flip, programs->events == !passes, "%u events of denies",
			 programs->events))
		return false;
	word = passes ? after.policy : programs->event.policy;
	rule = passes ? after.rule : programs->event.rule;
	if (!flip_expect_word(flip, from, word, flip_word(flip)))
		return false;
	expected = policy_model(flip_policy(flip, word), &question);
	if (live->is_guest) {
		flows->allowed += passes;
		flows->denied += !passes;
		flows->reopened += passes && !was_alive;
	}
	return flip_expect(flip, passes == (expected.verdict == RF_ALLOW) && rule == expected.rule,
			   "%s, sent by %u, alive %u: %s by rule %u; its policy says %s, rule %u",
			   policy_question_format(&question, text), sender, was_alive,
			   passes ? "passes" : rf_reason_name(programs->event.reason), rule,
			   rf_reason_name(expected.reason), expected.rule) &&
	       flip_expect(flip, live->is_guest || (passes && was_alive),
			   "a flow that both policies allow has ended") &&
	       flip_expect(flip, passes || !find_session(programs, &live->flow, &after),
			   "it is denied and has a session");
}

static void open_flow(struct flip *flip, struct live_flow *live)
{
	static const uint8_t handshake[] = {TCP_SYN, TCP_SYN_ACK, TCP_ACK};
	struct rf_session session;

	for (int i = 0; i < 3; i++) {
		enum rf_direction sender = live->opener ^ (i & 1);
		struct packet_spec packet = flow_packet(&live->flow, sender, handshake[i]);

		assert_true(programs_pass(flip->programs, sender, &packet, PROGRAMS_FORWARDED));
	}
	assert_true(flow_session(flip->programs, RF_MAP_SESSIONS, &live->flow, &session));
	live->created = session.created;
	memcpy(live->sent, session.packets, sizeof(live->sent));
}

static struct flip *begin(struct programs *programs)
{
	struct flip *flip = malloc(sizeof(*flip));
	struct rf_policy policies[2];

	assert_non_null(flip);
	draw_policy(&policies[0], "allow", 100);
	draw_policy(&policies[1], "deny", 200);
	flip_begin(flip, programs, addresses, policies);
	return flip;
}

static int teardown(void **state)
{
	programs_free(*state);
	return 0;
}

static void each_packet_of_a_live_flow_is_judged_by_the_policy_in_force(void **state)
{
	struct flip *flip = begin(*state);
	struct live_flows flows = {.prng = prng_from_environment()};

	for (int i = 0; i < FLOWS; i++) {
		flows.list[i] = live_flow(i);
		open_flow(flip, &flows.list[i]);
	}
	flip_run(flip, FLIPS, PACE, send_one, &flows);
	printf("# guests: %lu allowed, %lu denied, %lu times opened again\n", flows.allowed,
	       flows.denied, flows.reopened);
	assert_true(flows.allowed > FLIPS && flows.denied > FLIPS && flows.reopened > FLIPS / 2);
	flip_end(flip);
	free(flip);
}

/* Packets of both sides, at once, of flows that both policies allow. */
struct together {
	struct flip *flip;
	enum rf_direction sender;
	struct together *other;
	struct live_flow list[TOGETHER];
	uint64_t sent[TOGETHER];
	uint64_t number; /* of the packet that it sends */
	bool has_ended;
};

/*
 * Until the other side has sent nearly as many. A CPU that is held up between its copy of a session
 * and the store of it loses what the other side sends meanwhile, however many that are.
 */
static void wait_for_other(struct together *side)
{
	const struct together *other = side->other;

	while (side->number > __atomic_load_n(&other->number, __ATOMIC_ACQUIRE) + AHEAD &&
	       !__atomic_load_n(&other->has_ended, __ATOMIC_ACQUIRE) &&
	       !__atomic_load_n(&side->flip->is_over, __ATOMIC_ACQUIRE))
		sched_yield();
}

static bool send_together(struct flip *flip, uint64_t number, void *context)
{
	struct together *side = context;
	struct packet_spec packet =
		flow_packet(&side->list[number % TOGETHER].flow, side->sender, TCP_ACK);
	struct __sk_buff skb = {
		.ifindex = PROGRAMS_IFINDEX,
		.ingress_ifindex = PROGRAMS_FORWARDED,
	};
	uint8_t bytes[PACKET_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = bytes, .ctx_in = &skb,
		    .ctx_size_in = sizeof(skb));

	run.data_size_in = (__u32)packet_build(&packet, bytes, sizeof(bytes));
	__atomic_store_n(&side->number, number, __ATOMIC_RELEASE);
	wait_for_other(side);
	side->sent[number % TOGETHER]++;
	return flip_expect(
		flip,
		!bpf_prog_test_run_opts(flip->programs->objects.programs[side->sender], &run) &&
			(int)run.retval == TC_ACT_UNSPEC,
		"a flow that both policies allow is denied");
}

static void *answer(void *context)
{
	struct together *side = context;

	for (uint64_t number = 0; !__atomic_load_n(&side->flip->is_over, __ATOMIC_ACQUIRE);
	     number++)
		if (!send_together(side->flip, number, side))
			break;
	__atomic_store_n(&side->has_ended, true, __ATOMIC_RELEASE);
	return NULL;
}

static void both_sides_may_send_while_it_is_judged_again(void **state)
{
	struct flip *flip = begin(*state);
	struct together sides[RF_DIRECTIONS] = {
		{.flip = flip, .sender = RF_INGRESS, .other = &sides[1]},
		{.flip = flip, .sender = RF_EGRESS, .other = &sides[0]}};
	struct rf_session session;
	pthread_t other;

	for (int i = 0; i < TOGETHER; i++) {
		sides[0].list[i] = live_flow(i);
		open_flow(flip, &sides[0].list[i]);
	}
	memcpy(sides[1].list, sides[0].list, sizeof(sides[1].list));
	assert_int_equal(pthread_create(&other, NULL, answer, &sides[1]), 0);
	flip_run(flip, FLIPS, PACE, send_together, &sides[0]);
	pthread_join(other, NULL);
	for (int i = 0; i < TOGETHER; i++) {
		const struct live_flow *live = &sides[0].list[i];

		assert_true(flow_session(flip->programs, RF_MAP_SESSIONS, &live->flow, &session));
		assert_int_equal(session.created, live->created);
		/* Where both judge it again at once, the later copy has not the other's packet. */
		for (int direction = 0; direction < RF_DIRECTIONS; direction++)
			assert_in_range(live->sent[direction] + sides[direction].sent[i] -
						session.packets[direction],
					0, FLIPS / 50);
	}
	flip_end(flip);
	free(flip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			each_packet_of_a_live_flow_is_judged_by_the_policy_in_force, setup,
			teardown),
		cmocka_unit_test_setup_teardown(both_sides_may_send_while_it_is_judged_again, setup,
						teardown),
	};

	run_directory_own();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
