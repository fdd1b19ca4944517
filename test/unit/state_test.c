// SPDX-License-Identifier: Apache-2.0
/* The state machine of bpf/state.h, apart from any program. */
#include "bpf/state.h"
#include "dataplane/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define TCP     RF_PROTOCOL_TCP
#define UDP     17
#define SYN     RF_TCP_SYN
#define SYN_ACK (RF_TCP_SYN | RF_TCP_ACK)
#define ACK     RF_TCP_ACK
#define FIN_ACK (RF_TCP_FIN | RF_TCP_ACK)
#define RST     RF_TCP_RST
#define RST_ACK (RF_TCP_RST | RF_TCP_ACK)

/* A packet of one side, and the state after it. */
struct step {
	int side;
	uint8_t flags;
	enum rf_session_state state;
};

#define STEPS_MAX 10

static const struct sequence {
	const char *name;
	struct step steps[STEPS_MAX]; /* ended by flags 0 */
} sequences[] = {
	{"three-way handshake, closed by who opened",
	 {{0, SYN, RF_STATE_SYN},
	  {1, SYN_ACK, RF_STATE_SYN},
	  {0, ACK, RF_STATE_ESTABLISHED},
	  {1, ACK, RF_STATE_ESTABLISHED},
	  {0, FIN_ACK, RF_STATE_FIN},
	  {1, ACK, RF_STATE_FIN},
	  {1, FIN_ACK, RF_STATE_FIN},
	  {0, ACK, RF_STATE_TIME_WAIT},
	  {1, FIN_ACK, RF_STATE_TIME_WAIT}}},
	{"closed by who was called, its FIN acknowledged by a FIN",
	 {{0, SYN, RF_STATE_SYN},
	  {1, SYN_ACK, RF_STATE_SYN},
	  {0, ACK, RF_STATE_ESTABLISHED},
	  {1, FIN_ACK, RF_STATE_FIN},
	  {0, FIN_ACK, RF_STATE_FIN},
	  {1, ACK, RF_STATE_TIME_WAIT}}},
	{"simultaneous open",
	 {{0, SYN, RF_STATE_SYN},
	  {1, SYN, RF_STATE_SYN},
	  {0, SYN_ACK, RF_STATE_SYN},
	  {1, SYN_ACK, RF_STATE_ESTABLISHED}}},
	{"simultaneous close",
	 {{0, ACK, RF_STATE_SYN},
	  {1, ACK, RF_STATE_ESTABLISHED},
	  {0, FIN_ACK, RF_STATE_FIN},
	  {1, FIN_ACK, RF_STATE_FIN},
	  {1, ACK, RF_STATE_FIN},
	  {0, ACK, RF_STATE_TIME_WAIT}}},
	{"half-close: data of the other side",
	 {{0, ACK, RF_STATE_SYN},
	  {1, ACK, RF_STATE_ESTABLISHED},
	  {0, FIN_ACK, RF_STATE_FIN},
	  {1, ACK, RF_STATE_FIN},
	  {0, ACK, RF_STATE_FIN},
	  {1, ACK, RF_STATE_FIN}}},
	{"refused",
	 {{0, SYN, RF_STATE_SYN}, {1, RST_ACK, RF_STATE_CLOSED}, {0, ACK, RF_STATE_CLOSED}}},
	{"given up in the handshake",
	 {{0, SYN, RF_STATE_SYN}, {1, SYN_ACK, RF_STATE_SYN}, {0, RST, RF_STATE_CLOSED}}},
	{"reset while established",
	 {{0, ACK, RF_STATE_SYN},
	  {1, ACK, RF_STATE_ESTABLISHED},
	  {1, RST, RF_STATE_CLOSED},
	  {0, ACK, RF_STATE_CLOSED}}},
	{"reset in the name of a side that goes on",
	 {{0, ACK, RF_STATE_SYN},
	  {1, ACK, RF_STATE_ESTABLISHED},
	  {1, RST, RF_STATE_CLOSED},
	  {0, RST_ACK, RF_STATE_CLOSED},
	  {1, ACK, RF_STATE_CLOSED},
	  {0, FIN_ACK, RF_STATE_FIN},
	  {1, RST, RF_STATE_CLOSED},
	  {0, ACK, RF_STATE_CLOSED},
	  {1, ACK, RF_STATE_FIN}}},
	{"reset in TIME_WAIT",
	 {{0, ACK, RF_STATE_SYN},
	  {1, FIN_ACK, RF_STATE_FIN},
	  {0, FIN_ACK, RF_STATE_FIN},
	  {1, ACK, RF_STATE_TIME_WAIT},
	  {0, RST, RF_STATE_CLOSED}}},
	{"one side alone",
	 {{0, SYN, RF_STATE_SYN},
	  {0, ACK, RF_STATE_SYN},
	  {0, ACK, RF_STATE_SYN},
	  {0, FIN_ACK, RF_STATE_FIN},
	  {0, ACK, RF_STATE_FIN},
	  {0, RST, RF_STATE_CLOSED}}},
	{"a FIN before the handshake is done",
	 {{0, SYN, RF_STATE_SYN},
	  {1, SYN_ACK, RF_STATE_SYN},
	  {1, FIN_ACK, RF_STATE_FIN},
	  {0, ACK, RF_STATE_FIN}}},
};

static void a_tcp_flow_goes_through_its_states(void **state)
{
	(void)state;
	/* By either side: the machine has no notion of who is the pod. */
	for (size_t i = 0; i < COUNT_OF(sequences); i++)
		for (int swap = 0; swap < 2; swap++) {
			uint8_t seen[2] = {0};

			for (const struct step *step = sequences[i].steps;
			     step < sequences[i].steps + STEPS_MAX && step->flags; step++) {
				int side = step->side ^ swap;

				seen[side] =
					rf_seen_after(seen[side], seen[!side], TCP, step->flags);
				if (rf_session_state(TCP, seen[0], seen[1]) != step->state)
					fail_msg("%s: state %d after step %d", sequences[i].name,
						 rf_session_state(TCP, seen[0], seen[1]),
						 (int)(step - sequences[i].steps));
			}
		}
}

static void nothing_but_a_reset_is_forgotten(void **state)
{
	(void)state;
	for (unsigned int mine = 0; mine < 64; mine++)
		for (unsigned int other = 0; other < 64; other++)
			for (unsigned int flags = 0; flags < 256; flags++) {
				uint8_t after = rf_seen_after(mine, other, TCP, flags);
				bool goes_on = (flags & RST_ACK) == ACK;

				assert_int_equal(mine & ~after, goes_on ? mine & RF_SEEN_RST : 0);
				assert_true(after & RF_SEEN_ANY);
				assert_true(after < 64);
			}
}

static void flags_are_noted_as_they_are(void **state)
{
	static const struct {
		uint8_t flags, other, seen;
	} cases[] = {
		{0, 0, RF_SEEN_ANY},
		{SYN, 0, RF_SEEN_ANY | RF_SEEN_SYN},
		{SYN_ACK, 0, RF_SEEN_ANY | RF_SEEN_SYN | RF_SEEN_ACK},
		{ACK, RF_SEEN_SYN, RF_SEEN_ANY | RF_SEEN_ACK},
		{FIN_ACK, 0, RF_SEEN_ANY | RF_SEEN_FIN | RF_SEEN_ACK},
		{ACK, RF_SEEN_FIN, RF_SEEN_ANY | RF_SEEN_ACK | RF_SEEN_FIN_ACK},
		{RF_TCP_FIN, RF_SEEN_FIN, RF_SEEN_ANY | RF_SEEN_FIN},
		/* A reset says nothing else: its acknowledgement may be of nothing. */
		{RST_ACK, RF_SEEN_FIN, RF_SEEN_ANY | RF_SEEN_RST},
		{RST | SYN, 0, RF_SEEN_ANY | RF_SEEN_RST},
		/* PSH, URG, ECE, CWR. */
		{8 | 32 | 64 | 128, 0, RF_SEEN_ANY},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(rf_seen_after(0, cases[i].other, TCP, cases[i].flags),
				 cases[i].seen);
}

static void other_protocols_are_one_way_or_replied(void **state)
{
	(void)state;
	for (unsigned int flags = 0; flags < 256; flags++) {
		assert_int_equal(rf_seen_after(0, 0, UDP, flags), RF_SEEN_ANY);
		assert_int_equal(rf_seen_after(RF_SEEN_ANY, RF_SEEN_ANY, UDP, flags), RF_SEEN_ANY);
	}
	assert_int_equal(rf_session_state(UDP, RF_SEEN_ANY, 0), RF_STATE_ONE_WAY);
	assert_int_equal(rf_session_state(UDP, 0, RF_SEEN_ANY), RF_STATE_ONE_WAY);
	assert_int_equal(rf_session_state(UDP, RF_SEEN_ANY, RF_SEEN_ANY), RF_STATE_REPLIED);
}

static void the_state_is_the_same_from_either_side(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 64 * 64; i++) {
		uint8_t one[2] = {i / 64, i % 64}, other[2] = {i % 64, i / 64};

		assert_int_equal(rf_session_state(TCP, one[0], one[1]),
				 rf_session_state(TCP, other[0], other[1]));
		assert_int_equal(rf_session_is_answered(TCP, one[0], one[1]),
				 rf_session_is_answered(TCP, other[0], other[1]));
	}
}

/* What one side sends alone, and what a reset answers, is not. */
static void a_flow_is_answered_when_both_sides_take_part(void **state)
{
	(void)state;
	for (unsigned int seen = 0; seen < 64; seen++) {
		assert_false(rf_session_is_answered(TCP, seen, 0));
		assert_false(rf_session_is_answered(TCP, seen, RF_SEEN_ANY | RF_SEEN_SYN));
		assert_false(rf_session_is_answered(TCP, seen, RF_SEEN_ANY | RF_SEEN_RST));
	}
	assert_true(rf_session_is_answered(TCP, RF_SEEN_ANY | RF_SEEN_SYN | RF_SEEN_ACK,
					   RF_SEEN_ANY | RF_SEEN_SYN | RF_SEEN_ACK));
	assert_true(rf_session_is_answered(TCP, RF_SEEN_ANY | RF_SEEN_ACK,
					   RF_SEEN_ANY | RF_SEEN_ACK | RF_SEEN_FIN));
	assert_false(rf_session_is_answered(UDP, RF_SEEN_ANY, 0));
	assert_true(rf_session_is_answered(UDP, RF_SEEN_ANY, RF_SEEN_ANY));
}

static void each_state_has_its_timeout(void **state)
{
	static const struct {
		enum rf_session_state state;
		uint8_t echo;
		uint32_t seconds;
	} cases[] = {
		{RF_STATE_SYN, 0, 20},      {RF_STATE_ESTABLISHED, 0, 7200},
		{RF_STATE_FIN, 0, 60},      {RF_STATE_TIME_WAIT, 0, 120},
		{RF_STATE_CLOSED, 0, 10},   {RF_STATE_ONE_WAY, 0, 30},
		{RF_STATE_REPLIED, 0, 180}, {RF_STATE_ONE_WAY, 1, 30},
		{RF_STATE_REPLIED, 1, 30},  {RF_STATE_REPLIED, 2, 30},
	};

	const struct rf_settings settings = rf_settings_default();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(rf_session_timeout(&settings, cases[i].state, cases[i].echo),
				 cases[i].seconds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tcp_flow_goes_through_its_states),
		cmocka_unit_test(nothing_but_a_reset_is_forgotten),
		cmocka_unit_test(flags_are_noted_as_they_are),
		cmocka_unit_test(other_protocols_are_one_way_or_replied),
		cmocka_unit_test(the_state_is_the_same_from_either_side),
		cmocka_unit_test(a_flow_is_answered_when_both_sides_take_part),
		cmocka_unit_test(each_state_has_its_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
