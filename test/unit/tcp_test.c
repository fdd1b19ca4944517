// SPDX-License-Identifier: Apache-2.0
/* What bpf/tcp.h lets a TCP packet do, in a session and without one; apart from any program. */
#include "bpf/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define FIN     RF_TCP_FIN
#define SYN     RF_TCP_SYN
#define RST     RF_TCP_RST
#define ACK     RF_TCP_ACK
#define SYN_ACK (SYN | ACK)
#define FIN_ACK (FIN | ACK)
#define RST_ACK (RST | ACK)
#define OTHERS  (8 | 32 | 64 | 128) /* PSH, URG, ECE, CWR */

/* All that an endpoint can send, and what of it opens a flow. */
static const struct {
	uint8_t flags;
	bool opens;
} valid[] = {
	{SYN, true}, {SYN_ACK, false}, {ACK, true}, {FIN_ACK, true}, {RST, false}, {RST_ACK, false},
};

static void only_what_an_endpoint_can_send_is_valid(void **state)
{
	(void)state;
	for (unsigned int flags = 0; flags < 256; flags++) {
		bool expected = false;

		for (size_t i = 0; i < COUNT_OF(valid); i++)
			expected |= (flags & ~OTHERS) == valid[i].flags;
		assert_int_equal(!!rf_tcp_flags_valid(flags), expected);
	}
}

static void a_syn_and_mid_stream_open_a_flow(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(valid); i++) {
		assert_int_equal(!!rf_tcp_opens(valid[i].flags), valid[i].opens);
		assert_int_equal(!!rf_tcp_opens(valid[i].flags | OTHERS), valid[i].opens);
	}
	/* What has no such flags, as any other protocol. */
	assert_true(rf_tcp_opens(0));
}

static void a_plain_packet_only_acknowledges(void **state)
{
	(void)state;
	for (unsigned int flags = 0; flags < 256; flags++)
		assert_int_equal(!!rf_tcp_is_plain(flags), (flags & ~OTHERS) == ACK);
}

static void who_opened_waits_for_an_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(valid); i++) {
		uint8_t flags = valid[i].flags;
		bool acknowledges = flags & ACK && !(flags & RST);
		uint8_t syn = RF_SEEN_ANY | RF_SEEN_SYN;

		assert_int_equal(!!rf_tcp_step_allowed(syn, 0, true, flags), !acknowledges);
		/* Answered; not opened by a SYN; from the other side. */
		assert_true(rf_tcp_step_allowed(syn, RF_SEEN_ANY, true, flags));
		assert_true(rf_tcp_step_allowed(RF_SEEN_ANY | RF_SEEN_ACK, 0, true, flags));
		assert_true(rf_tcp_step_allowed(0, syn, false, flags));
	}
}

static void a_syn_belongs_where_it_is_repeated_or_crosses_another(void **state)
{
	static const struct {
		enum rf_session_state state;
		uint8_t mine, other;
		bool of_opener, of_other;
	} cases[] = {
		{RF_STATE_SYN, RF_SEEN_ANY | RF_SEEN_SYN, 0, true, true},
		{RF_STATE_SYN, 0, RF_SEEN_ANY | RF_SEEN_SYN, true, true},
		{RF_STATE_SYN, RF_SEEN_ANY, RF_SEEN_ANY | RF_SEEN_SYN, true, true},
		{RF_STATE_SYN, RF_SEEN_ANY | RF_SEEN_ACK, RF_SEEN_ANY | RF_SEEN_SYN, false, false},
		/* In mid-stream there was none. */
		{RF_STATE_SYN, RF_SEEN_ANY | RF_SEEN_ACK, 0, false, false},
		{RF_STATE_SYN, 0, RF_SEEN_ANY | RF_SEEN_ACK, false, false},
		{RF_STATE_ESTABLISHED, RF_SEEN_SYN | RF_SEEN_ACK, RF_SEEN_ACK, true, false},
		{RF_STATE_FIN, RF_SEEN_SYN | RF_SEEN_ACK, RF_SEEN_ACK, false, false},
		{RF_STATE_TIME_WAIT, RF_SEEN_SYN | RF_SEEN_ACK, RF_SEEN_ACK, false, false},
		{RF_STATE_CLOSED, RF_SEEN_SYN, RF_SEEN_RST, false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(
			!!rf_tcp_syn_belongs(cases[i].state, cases[i].mine, cases[i].other, true),
			cases[i].of_opener);
		assert_int_equal(
			!!rf_tcp_syn_belongs(cases[i].state, cases[i].mine, cases[i].other, false),
			cases[i].of_other);
	}
}

/* Sequence numbers begin again at 0 (RFC 9293, 3.4). */
static void a_syn_is_acknowledged_by_what_lies_just_behind_it(void **state)
{
	static const uint32_t behind[] = {0, 1, 4711, 0x7fffffff, 0x80000000, 0xfff80000, ~0u};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(behind); i++) {
		assert_false(rf_tcp_acknowledges(behind[i] - 1, behind[i]));
		assert_true(rf_tcp_acknowledges(behind[i], behind[i]));
		assert_true(rf_tcp_acknowledges(behind[i] + 1, behind[i]));
		assert_true(rf_tcp_acknowledges(behind[i] + (1 << 20) - 1, behind[i]));
		assert_false(rf_tcp_acknowledges(behind[i] + (1 << 20), behind[i]));
		assert_false(rf_tcp_acknowledges(behind[i] + 0x80000000, behind[i]));
	}
}

static void what_is_not_proven_does_not_count(void **state)
{
	static const uint8_t syn = RF_SEEN_ANY | RF_SEEN_SYN, answer = syn | RF_SEEN_ACK;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(valid); i++) {
		uint8_t flags = valid[i].flags;
		bool acknowledges = flags & ACK && !(flags & RST);
		bool is_syn = flags == SYN;

		/* Of a SYN that was seen: 1000 is right, 999 is not. */
		assert_int_equal(rf_tcp_proven_flags(syn, syn, flags, 1000, 1000), flags);
		assert_int_equal(rf_tcp_proven_flags(syn, syn, flags, 999, 1000),
				 acknowledges ? 0 : flags);
		/* Of none: adopted in mid-stream. */
		assert_int_equal(rf_tcp_proven_flags(0, RF_SEEN_ANY, flags, 999, 1000), flags);
		/* A SYN after an answer. */
		assert_int_equal(rf_tcp_proven_flags(syn, answer, flags, 1000, 1000),
				 is_syn ? 0 : flags);
		assert_int_equal(rf_tcp_proven_flags(answer, syn, flags, 1000, 1000),
				 is_syn ? 0 : flags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_an_endpoint_can_send_is_valid),
		cmocka_unit_test(a_syn_and_mid_stream_open_a_flow),
		cmocka_unit_test(a_plain_packet_only_acknowledges),
		cmocka_unit_test(who_opened_waits_for_an_answer),
		cmocka_unit_test(a_syn_belongs_where_it_is_repeated_or_crosses_another),
		cmocka_unit_test(a_syn_is_acknowledged_by_what_lies_just_behind_it),
		cmocka_unit_test(what_is_not_proven_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
