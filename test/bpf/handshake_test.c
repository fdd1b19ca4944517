// SPDX-License-Identifier: Apache-2.0
/* TCP: who opens must have seen what the other side answers. */
#include "test/lib/fixture.h"

#define assert_state(programs, flow, map, state)                                                   \
	assert_int_equal(flow_state((programs), (map), (flow)), (state))

/* Initial sequence numbers of who opens and of who answers; behind both they begin again at 0. */
#define OPENER   0xfffffffeu
#define ANSWERER 0xfff7ffffu

/* Far from both, and from each other. */
#define ELSEWHERE 0x40000000u
#define EARLIER   0x20000000u

/* A packet from a side that began at @initial and has received @acknowledged and what began there.
 */
#define assert_numbered(programs, flow, direction, flags, initial, acknowledged, why)              \
	do {                                                                                       \
		struct packet_spec numbered = flow_packet((flow), (direction), (flags));           \
                                                                                                   \
		numbered.tcp_initial = (initial);                                                  \
		numbered.tcp_acknowledged = (acknowledged);                                        \
		assert_verdict((programs), (direction), &numbered, why);                           \
	} while (0)

/* From who opens the flow, and from who answers. */
#define assert_opener(this, flags, acknowledged, why)                                              \
	assert_numbered(programs, &(this)->flow, (this)->opener, (flags), OPENER, (acknowledged),  \
			why)
#define assert_answerer(this, flags, acknowledged, why)                                            \
	assert_numbered(programs, &(this)->flow, !(this)->opener, (flags), ANSWERER,               \
			(acknowledged), why)

/* Each of the flows, under the policy that allows no more than that it is opened. */
static const struct fixture_tcp *next_flow(struct programs *programs, size_t number)
{
	if (number == FIXTURE_TCP_COUNT)
		return NULL;
	programs_set_policy(programs, POD_ID, fixture_tcp[number].policy);
	return &fixture_tcp[number];
}

static void a_handshake_is_proven_by_the_numbers_of_both_sides(void **state)
{
	struct programs *programs = *state;
	const struct fixture_tcp *this;
	struct rf_session session;

	for (size_t number = 0; (this = next_flow(programs, number)); number++) {
		assert_opener(this, TCP_SYN, 0, DEFAULT_ALLOW);
		assert_answerer(this, TCP_SYN_ACK, OPENER, SESSION);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &this->flow, &session));
		assert_int_equal(session.syn[this->opener], OPENER + 1);
		assert_int_equal(session.syn[!this->opener], ANSWERER + 1);
		assert_opener(this, TCP_ACK, ANSWERER, SESSION);
		assert_state(programs, &this->flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	}
}

/* Who forges the address of the opener does not see what the other side answers. */
static void a_blind_acknowledgement_passes_and_establishes_nothing(void **state)
{
	static const uint32_t wrong[] = {ELSEWHERE, ANSWERER - 1, ANSWERER + (1 << 20),
					 ANSWERER + (1u << 31)};
	static const uint8_t flags[] = {TCP_ACK, TCP_FIN_ACK, TCP_SYN_ACK};
	struct programs *programs = *state;
	const struct fixture_tcp *this;

	for (size_t number = 0; (this = next_flow(programs, number)); number++) {
		assert_opener(this, TCP_SYN, 0, DEFAULT_ALLOW);
		assert_answerer(this, TCP_SYN_ACK, OPENER, SESSION);
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
			for (size_t k = 0; k < sizeof(flags); k++) {
				assert_opener(this, flags[k], wrong[i], SESSION);
				assert_state(programs, &this->flow, RF_MAP_HALF_OPEN, RF_STATE_SYN);
			}
		/* Nor does any of it spoil what the opener itself sends. */
		assert_opener(this, TCP_ACK, ANSWERER, SESSION);
		assert_state(programs, &this->flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	}
}

static void an_answer_to_another_syn_establishes_nothing(void **state)
{
	struct programs *programs = *state;
	const struct fixture_tcp *this;
	struct rf_session session;

	for (size_t number = 0; (this = next_flow(programs, number)); number++) {
		assert_opener(this, TCP_SYN, 0, DEFAULT_ALLOW);
		assert_answerer(this, TCP_SYN_ACK, OPENER - 1, SESSION);
		assert_opener(this, TCP_ACK, ANSWERER, SESSION);
		assert_state(programs, &this->flow, RF_MAP_HALF_OPEN, RF_STATE_SYN);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &this->flow, &session));
		assert_false(session.seen[!this->opener] & RF_SEEN_SYN);
		assert_answerer(this, TCP_SYN_ACK, OPENER, SESSION);
		assert_opener(this, TCP_ACK, ANSWERER, SESSION);
		assert_state(programs, &this->flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	}
}

/* Who opens may try anew from another number, until it is answered. A SYN after that is forged, and
 * must not keep the handshake from being proven. */
static void the_last_syn_before_the_answer_counts(void **state)
{
	struct programs *programs = *state;
	const struct fixture_tcp *this;

	for (size_t number = 0; (this = next_flow(programs, number)); number++) {
		assert_numbered(programs, &this->flow, this->opener, TCP_SYN, EARLIER, 0,
				DEFAULT_ALLOW);
		assert_opener(this, TCP_SYN, 0, SESSION);
		assert_answerer(this, TCP_SYN_ACK, OPENER, SESSION);
		for (int forger = 0; forger < RF_DIRECTIONS; forger++) {
			assert_numbered(programs, &this->flow, forger, TCP_SYN, ELSEWHERE, 0,
					SESSION);
			assert_numbered(programs, &this->flow, forger, TCP_SYN_ACK, ELSEWHERE,
					ELSEWHERE, SESSION);
			assert_state(programs, &this->flow, RF_MAP_HALF_OPEN, RF_STATE_SYN);
		}
		assert_opener(this, TCP_ACK, ANSWERER, SESSION);
		assert_state(programs, &this->flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	}
}

static void syns_that_cross_are_proven_by_both_acknowledgements(void **state)
{
	struct programs *programs = *state;
	const struct fixture_tcp *this;

	for (size_t number = 0; (this = next_flow(programs, number)); number++) {
		assert_opener(this, TCP_SYN, 0, DEFAULT_ALLOW);
		assert_answerer(this, TCP_SYN, 0, SESSION);
		assert_opener(this, TCP_SYN_ACK, ANSWERER, SESSION);
		assert_answerer(this, TCP_SYN_ACK, ELSEWHERE, SESSION);
		assert_state(programs, &this->flow, RF_MAP_HALF_OPEN, RF_STATE_SYN);
		assert_answerer(this, TCP_SYN_ACK, OPENER, SESSION);
		assert_state(programs, &this->flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	}
}

/* TCP fast open (RFC 7413): the answer acknowledges data too. */
static void a_syn_may_carry_data(void **state)
{
	struct programs *programs = *state;
	const struct fixture_tcp *this;

	for (size_t number = 0; (this = next_flow(programs, number)); number++) {
		struct packet_spec syn = flow_packet(&this->flow, this->opener, TCP_SYN);

		syn.payload_size = 1400;
		syn.tcp_initial = OPENER;
		assert_verdict(programs, this->opener, &syn, DEFAULT_ALLOW);
		assert_answerer(this, TCP_SYN_ACK, OPENER + 1400, SESSION);
		/* And the server's data may come before the last packet of the handshake. */
		assert_answerer(this, TCP_ACK, OPENER + 1400, SESSION);
		assert_opener(this, TCP_ACK, ANSWERER + 14000, SESSION);
		assert_state(programs, &this->flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	}
}

static void who_opens_acknowledges_nothing_before_the_answer(void **state)
{
	static const uint8_t flags[] = {TCP_ACK, TCP_FIN_ACK, TCP_SYN_ACK};
	struct programs *programs = *state;
	const struct fixture_tcp *this;
	struct rf_session before, after;

	for (size_t number = 0; (this = next_flow(programs, number)); number++) {
		assert_opener(this, TCP_SYN, 0, DEFAULT_ALLOW);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &this->flow, &before));
		for (size_t i = 0; i < sizeof(flags); i++)
			assert_opener(this, flags[i], ANSWERER, TCP_STATE);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &this->flow, &after));
		assert_memory_equal(&before, &after, sizeof(before));
		assert_answerer(this, TCP_SYN_ACK, OPENER, SESSION);
		assert_opener(this, TCP_ACK, ANSWERER, SESSION);
	}
}

/* RFC 9293, 3.5.1, figure 9: the other side still knows an old connection. */
static void a_challenge_is_answered_by_a_reset_and_the_syn_again(void **state)
{
	struct programs *programs = *state;
	const struct fixture_tcp *this;

	for (size_t number = 0; (this = next_flow(programs, number)); number++) {
		assert_opener(this, TCP_SYN, 0, DEFAULT_ALLOW);
		assert_answerer(this, TCP_ACK, ELSEWHERE, SESSION);
		assert_state(programs, &this->flow, RF_MAP_HALF_OPEN, RF_STATE_SYN);
		assert_opener(this, TCP_RST, 0, SESSION);
		assert_state(programs, &this->flow, RF_MAP_HALF_OPEN, RF_STATE_CLOSED);
		assert_opener(this, TCP_SYN, 0, DEFAULT_ALLOW);
		assert_answerer(this, TCP_SYN_ACK, OPENER, SESSION);
		assert_opener(this, TCP_ACK, ANSWERER, SESSION);
		assert_state(programs, &this->flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	}
}

/* A forged answer makes who opens send a reset to the other side, which has not answered yet. */
static void a_handshake_goes_on_after_a_reset_to_a_forged_answer(void **state)
{
	struct programs *programs = *state;
	const struct fixture_tcp *this;

	for (size_t number = 0; (this = next_flow(programs, number)); number++) {
		assert_opener(this, TCP_SYN, 0, DEFAULT_ALLOW);
		assert_answerer(this, TCP_SYN_ACK, ELSEWHERE, SESSION);
		assert_opener(this, TCP_RST, 0, SESSION);
		assert_answerer(this, TCP_SYN_ACK, OPENER, SESSION);
		assert_opener(this, TCP_ACK, ANSWERER, SESSION);
		assert_state(programs, &this->flow, RF_MAP_SESSIONS, RF_STATE_ESTABLISHED);
	}
}

/* Adopted in mid-stream: that a side may send does not let the other one open. */
static void a_syn_into_a_flow_without_one_is_judged_by_itself(void **state)
{
	struct programs *programs = *state;
	const struct fixture_tcp *this;
	struct rf_session before, after;

	for (size_t number = 0; (this = next_flow(programs, number)); number++) {
		assert_opener(this, TCP_ACK, 0, DEFAULT_ALLOW);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &this->flow, &before));
		assert_answerer(this, TCP_SYN, 0, DEFAULT_DENY);
		/* And an earlier acknowledgement proves nothing of a SYN that comes later. */
		assert_opener(this, TCP_SYN, 0, DEFAULT_ALLOW);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &this->flow, &after));
		assert_true(after.created > before.created);
		assert_answerer(this, TCP_SYN_ACK, OPENER, SESSION);
		assert_state(programs, &this->flow, RF_MAP_HALF_OPEN, RF_STATE_SYN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_handshake_is_proven_by_the_numbers_of_both_sides),
		FIXTURE_TEST(a_blind_acknowledgement_passes_and_establishes_nothing),
		FIXTURE_TEST(an_answer_to_another_syn_establishes_nothing),
		FIXTURE_TEST(the_last_syn_before_the_answer_counts),
		FIXTURE_TEST(syns_that_cross_are_proven_by_both_acknowledgements),
		FIXTURE_TEST(a_syn_may_carry_data),
		FIXTURE_TEST(who_opens_acknowledges_nothing_before_the_answer),
		FIXTURE_TEST(a_challenge_is_answered_by_a_reset_and_the_syn_again),
		FIXTURE_TEST(a_handshake_goes_on_after_a_reset_to_a_forged_answer),
		FIXTURE_TEST(a_syn_into_a_flow_without_one_is_judged_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
