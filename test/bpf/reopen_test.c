// SPDX-License-Identifier: Apache-2.0
/* TCP: a SYN where there is a connection with the same addresses and ports, or one that is over. */
#include "dataplane/constants.h"
#include "test/lib/fixture.h"

#define assert_state(programs, flow, map, state)                                                   \
	assert_int_equal(flow_state((programs), (map), (flow)), (state))

/* Of SYNs that somebody forges, and of answers to none. */
#define ELSEWHERE 0x40000000u

/* What was sent before the SYN comes, and the state that it meets. */
static const struct before {
	int sender; /* of the last packet: 0 is who opened */
	uint8_t tcp_flags;
	enum rf_session_state state;
} befores[] = {
	{0, TCP_ACK, RF_STATE_ESTABLISHED},   {1, TCP_ACK, RF_STATE_ESTABLISHED},
	{0, TCP_FIN_ACK, RF_STATE_FIN},       {1, TCP_FIN_ACK, RF_STATE_FIN},
	{1, TCP_FIN_ACK, RF_STATE_TIME_WAIT}, {0, TCP_RST, RF_STATE_CLOSED},
	{1, TCP_RST, RF_STATE_CLOSED},
};

#define BEFORES (sizeof(befores) / sizeof(befores[0]))

/* A reset in the name of the peer may be forged. */
static bool has_ended(enum rf_direction opener, const struct before *before)
{
	return before->state == RF_STATE_TIME_WAIT ||
	       (before->state == RF_STATE_CLOSED && (opener ^ before->sender) == RF_EGRESS);
}

static enum rf_map map_of(enum rf_direction opener, const struct before *before)
{
	return has_ended(opener, before) ? RF_MAP_HALF_OPEN : RF_MAP_SESSIONS;
}

/* A connection that @opener has opened, in the state of @before. */
static struct rf_session bring_to(struct programs *programs, const struct flow *flow,
				  enum rf_direction opener, const struct before *before)
{
	enum rf_direction sender = opener ^ before->sender;
	enum rf_map map = map_of(opener, before);
	struct rf_session session;

	assert_handshake(programs, flow, opener, DEFAULT_ALLOW);
	if (before->state == RF_STATE_TIME_WAIT)
		assert_flow(programs, flow, !sender, TCP_FIN_ACK, SESSION);
	assert_flow(programs, flow, sender, before->tcp_flags, SESSION);
	if (before->state == RF_STATE_TIME_WAIT)
		assert_flow(programs, flow, !sender, TCP_ACK, SESSION);
	assert_state(programs, flow, map, before->state);
	assert_true(flow_session(programs, map, flow, &session));
	return session;
}

/* So that the next handshake begins anew: the pod's own reset is not forged. */
static void forget(struct programs *programs, const struct flow *flow)
{
	assert_flow(programs, flow, RF_EGRESS, TCP_RST, SESSION);
	flow_age(programs, RF_MAP_HALF_OPEN, flow, 7200 * rf_ticks_per_second());
}

/* A packet with the numbers of a forger. */
static struct packet_spec forged(const struct flow *flow, enum rf_direction direction,
				 uint8_t tcp_flags)
{
	struct packet_spec packet = flow_packet(flow, direction, tcp_flags);

	packet.tcp_initial = ELSEWHERE;
	packet.tcp_acknowledged = ELSEWHERE;
	return packet;
}

static uint64_t created(const struct programs *programs, enum rf_map map, const struct flow *flow)
{
	struct rf_session session;

	return flow_session(programs, map, flow, &session) ? session.created : 0;
}

/*
 * @opener opens another one, which takes the place of the first when its SYN is answered; at once
 * if the first @is_past.
 */
static void assert_replaced(struct programs *programs, const struct flow *flow,
			    enum rf_direction opener, uint64_t first, bool is_past)
{
	struct rf_session session;

	assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_ALLOW);
	assert_int_equal(created(programs, RF_MAP_SESSIONS, flow), is_past ? 0 : first);
	assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
	assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_SYN);
	assert_flow(programs, flow, opener, TCP_ACK, SESSION);
	assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &session));
	assert_true(session.created > first);
	assert_int_equal(session.opened_by, opener);
	assert_int_equal(session.packets[opener], 2);
	assert_int_equal(session.packets[!opener], 1);
}

static void a_port_that_is_used_again_is_a_new_flow_of_whoever_opens_it(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++)
		for (size_t i = 0; i < BEFORES; i++)
			for (int opener = 0; opener < RF_DIRECTIONS; opener++) {
				const struct flow *flow = &fixture_tcp[number].flow;
				const enum rf_direction first_opener = fixture_tcp[number].opener;
				struct rf_session first;

				/* Who has opened an established one only repeats its SYN. */
				if (befores[i].state == RF_STATE_ESTABLISHED &&
				    opener == (int)first_opener)
					continue;
				first = bring_to(programs, flow, first_opener, &befores[i]);
				assert_replaced(programs, flow, opener, first.created,
						has_ended(first_opener, &befores[i]));
				forget(programs, flow);
			}
}

/* That its packets have followed does not let a side open. */
static void a_port_is_used_again_only_by_who_may_open(void **state)
{
	struct programs *programs = *state;
	struct rf_session before, after;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++)
		for (size_t i = 0; i < BEFORES; i++) {
			const struct flow *flow = &fixture_tcp[number].flow;
			const enum rf_direction opener = fixture_tcp[number].opener;

			programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
			before = bring_to(programs, flow, opener, &befores[i]);
			assert_flow(programs, flow, !opener, TCP_SYN, DEFAULT_DENY);
			assert_true(
				flow_session(programs, map_of(opener, &befores[i]), flow, &after));
			assert_memory_equal(&before, &after, sizeof(before));
			/* A late answer to the old SYN opens nothing: the old one is alone. */
			assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
			assert_int_equal(created(programs, RF_MAP_HALF_OPEN, flow) +
						 created(programs, RF_MAP_SESSIONS, flow),
					 before.created);
			forget(programs, flow);
		}
}

/*
 * Who knows the connection answers by a mere acknowledgement (RFC 5961, 4), and both go on.
 */
static void a_forged_syn_does_not_end_a_connection(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;
		const struct packet_spec syn = forged(flow, !opener, TCP_SYN);
		struct rf_session first = bring_to(programs, flow, opener, &befores[0]);

		assert_verdict(programs, !opener, &syn, DEFAULT_ALLOW);
		for (int i = 0; i < 3; i++) {
			assert_verdict(programs, !opener, &syn, SESSION);
			assert_flow(programs, flow, opener, TCP_ACK, SESSION);
			assert_flow(programs, flow, !opener, TCP_ACK, SESSION);
		}
		assert_int_equal(created(programs, RF_MAP_SESSIONS, flow), first.created);
		assert_true(created(programs, RF_MAP_HALF_OPEN, flow) > first.created);
		assert_flow(programs, flow, !opener, TCP_FIN_ACK, SESSION);
		assert_flow(programs, flow, opener, TCP_FIN_ACK, SESSION);
		assert_int_equal(created(programs, RF_MAP_SESSIONS, flow), first.created);
		/* Once it has ended, only the SYN is left. */
		assert_flow(programs, flow, !opener, TCP_ACK, SESSION);
		assert_int_equal(created(programs, RF_MAP_SESSIONS, flow), 0);
		assert_true(created(programs, RF_MAP_HALF_OPEN, flow) > first.created);
		forget(programs, flow);
	}
}

/* Together they let it live if its sides go on. Only who names the peer can forge. */
static void a_forged_reset_and_syn_do_not_end_a_connection(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++) {
		const struct flow *flow = &fixture_tcp[number].flow;
		const enum rf_direction opener = fixture_tcp[number].opener;
		const struct packet_spec syn = forged(flow, RF_INGRESS, TCP_SYN);
		const struct packet_spec answer = forged(flow, RF_EGRESS, TCP_SYN_ACK);
		struct rf_session first = bring_to(programs, flow, opener, &befores[0]);
		struct rf_session session;

		assert_flow(programs, flow, RF_INGRESS, TCP_RST, SESSION);
		assert_verdict(programs, RF_INGRESS, &syn, DEFAULT_ALLOW);
		/* Not even with an answer, which would have to guess. */
		assert_flow(programs, flow, RF_EGRESS, TCP_SYN_ACK, SESSION);
		assert_flow(programs, flow, RF_EGRESS, TCP_ACK, SESSION);
		assert_flow(programs, flow, RF_INGRESS, TCP_ACK, SESSION);
		assert_true(flow_session(programs, RF_MAP_SESSIONS, flow, &session));
		assert_int_equal(session.created, first.created);
		assert_int_equal(rf_session_state(IPPROTO_TCP, session.seen[0], session.seen[1]),
				 RF_STATE_ESTABLISHED);
		/* As it would be if the other side had taken up the SYN. */
		assert_verdict(programs, RF_EGRESS, &answer, SESSION);
		assert_state(programs, flow, RF_MAP_HALF_OPEN, RF_STATE_SYN);
		flow_age(programs, RF_MAP_HALF_OPEN, flow, 7200 * rf_ticks_per_second());
	}
}

/* RFC 9293, 3.5.1, figure 9: one side has forgotten the connection, the other has not. */
static void a_connection_that_one_side_has_forgotten_is_replaced(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++)
		for (int opener = 0; opener < RF_DIRECTIONS; opener++) {
			const struct flow *flow = &fixture_tcp[number].flow;
			struct rf_session first =
				bring_to(programs, flow, fixture_tcp[number].opener, &befores[0]);
			bool repeats = opener == (int)fixture_tcp[number].opener;

			if (repeats)
				assert_flow(programs, flow, opener, TCP_SYN, SESSION);
			else
				assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_ALLOW);
			assert_flow(programs, flow, !opener, TCP_ACK, SESSION);
			assert_flow(programs, flow, opener, TCP_RST, SESSION);
			if (repeats)
				assert_flow(programs, flow, opener, TCP_SYN, DEFAULT_ALLOW);
			else
				assert_flow(programs, flow, opener, TCP_SYN, SESSION);
			assert_flow(programs, flow, !opener, TCP_SYN_ACK, SESSION);
			assert_flow(programs, flow, opener, TCP_ACK, SESSION);
			assert_state(programs, flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
			assert_true(created(programs, RF_MAP_SESSIONS, flow) > first.created);
			forget(programs, flow);
		}
}

static void a_connection_that_has_timed_out_is_replaced(void **state)
{
	struct programs *programs = *state;

	for (size_t number = 0; number < FIXTURE_TCP_COUNT; number++)
		for (int opener = 0; opener < RF_DIRECTIONS; opener++) {
			const struct flow *flow = &fixture_tcp[number].flow;
			struct rf_session first =
				bring_to(programs, flow, fixture_tcp[number].opener, &befores[0]);

			flow_age(programs, RF_MAP_SESSIONS, flow, 7201 * rf_ticks_per_second());
			assert_replaced(programs, flow, opener, first.created, true);
			forget(programs, flow);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_port_that_is_used_again_is_a_new_flow_of_whoever_opens_it),
		FIXTURE_TEST(a_port_is_used_again_only_by_who_may_open),
		FIXTURE_TEST(a_forged_syn_does_not_end_a_connection),
		FIXTURE_TEST(a_forged_reset_and_syn_do_not_end_a_connection),
		FIXTURE_TEST(a_connection_that_one_side_has_forgotten_is_replaced),
		FIXTURE_TEST(a_connection_that_has_timed_out_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
