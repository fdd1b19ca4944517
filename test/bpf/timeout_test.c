// SPDX-License-Identifier: Apache-2.0
/* Timeouts, which the programs enforce when a packet finds its session. */
#include "dataplane/census.h"
#include "dataplane/constants.h"
#include "test/lib/fixture.h"

#define MARGIN   5  /* seconds: so long may the test be held up */
#define ATTEMPTS 20 /* at what must not take longer than a second */

/* What the pod (out) and its peer (in) send before the silence. */
struct step {
	enum rf_direction direction;
	uint8_t tcp_flags;
};

#define OUT(flags)                                                                                 \
	{                                                                                          \
		RF_EGRESS, (flags)                                                                 \
	}
#define IN(flags)                                                                                  \
	{                                                                                          \
		RF_INGRESS, (flags)                                                                \
	}
#define HANDSHAKE OUT(TCP_SYN), IN(TCP_SYN_ACK), OUT(TCP_ACK)

static const struct timeout_case {
	const char *name;
	uint8_t protocol;
	bool is_v6;
	enum rf_map map;
	unsigned int seconds;
	unsigned int step_count;
	struct step steps[6];
} cases[] = {
	{"SYN", IPPROTO_TCP, false, RF_MAP_HALF_OPEN, 20, 1, {OUT(TCP_SYN)}},
	{"SYN answered",
	 IPPROTO_TCP,
	 false,
	 RF_MAP_HALF_OPEN,
	 20,
	 2,
	 {OUT(TCP_SYN), IN(TCP_SYN_ACK)}},
	{"established", IPPROTO_TCP, false, RF_MAP_SESSIONS, 7200, 3, {HANDSHAKE}},
	{"established over IPv6", IPPROTO_TCP, true, RF_MAP_SESSIONS, 7200, 3, {HANDSHAKE}},
	{"FIN of the pod",
	 IPPROTO_TCP,
	 false,
	 RF_MAP_SESSIONS,
	 60,
	 4,
	 {HANDSHAKE, OUT(TCP_FIN_ACK)}},
	{"FIN of the peer",
	 IPPROTO_TCP,
	 false,
	 RF_MAP_SESSIONS,
	 60,
	 4,
	 {HANDSHAKE, IN(TCP_FIN_ACK)}},
	{"TIME_WAIT",
	 IPPROTO_TCP,
	 false,
	 RF_MAP_HALF_OPEN,
	 120,
	 6,
	 {HANDSHAKE, OUT(TCP_FIN_ACK), IN(TCP_FIN_ACK), OUT(TCP_ACK)}},
	{"reset by the pod",
	 IPPROTO_TCP,
	 false,
	 RF_MAP_HALF_OPEN,
	 10,
	 4,
	 {HANDSHAKE, OUT(TCP_RST)}},
	{"reset by the peer", IPPROTO_TCP, false, RF_MAP_SESSIONS, 10, 4, {HANDSHAKE, IN(TCP_RST)}},
	{"reset by the pod, which goes on",
	 IPPROTO_TCP,
	 false,
	 RF_MAP_SESSIONS,
	 7200,
	 5,
	 {HANDSHAKE, OUT(TCP_RST), OUT(TCP_ACK)}},
	{"reset by the peer, which goes on",
	 IPPROTO_TCP,
	 false,
	 RF_MAP_SESSIONS,
	 7200,
	 5,
	 {HANDSHAKE, IN(TCP_RST), IN(TCP_ACK)}},
	{"refused",
	 IPPROTO_TCP,
	 false,
	 RF_MAP_HALF_OPEN,
	 10,
	 2,
	 {OUT(TCP_SYN), IN(TCP_RST | TCP_ACK)}},
	{"adopted in mid-stream", IPPROTO_TCP, false, RF_MAP_HALF_OPEN, 20, 1, {OUT(TCP_ACK)}},
	{"UDP one way", IPPROTO_UDP, false, RF_MAP_HALF_OPEN, 30, 1, {OUT(0)}},
	{"UDP replied", IPPROTO_UDP, false, RF_MAP_HALF_OPEN, 180, 2, {OUT(0), IN(0)}},
	{"UDP going on", IPPROTO_UDP, false, RF_MAP_SESSIONS, 180, 3, {OUT(0), IN(0), OUT(0)}},
	{"SCTP replied", IPPROTO_SCTP, true, RF_MAP_HALF_OPEN, 180, 2, {OUT(0), IN(0)}},
	{"SCTP going on", IPPROTO_SCTP, true, RF_MAP_SESSIONS, 180, 3, {OUT(0), IN(0), OUT(0)}},
	{"echo", IPPROTO_ICMP, false, RF_MAP_HALF_OPEN, 30, 1, {OUT(0)}},
	{"echo replied", IPPROTO_ICMP, false, RF_MAP_HALF_OPEN, 30, 2, {OUT(0), IN(0)}},
	{"echo going on", IPPROTO_ICMP, false, RF_MAP_SESSIONS, 30, 3, {OUT(0), IN(0), OUT(0)}},
	{"echo over IPv6", IPPROTO_ICMPV6, true, RF_MAP_HALF_OPEN, 30, 1, {OUT(0)}},
	{"echo replied over IPv6", IPPROTO_ICMPV6, true, RF_MAP_HALF_OPEN, 30, 2, {OUT(0), IN(0)}},
	{"echo going on over IPv6",
	 IPPROTO_ICMPV6,
	 true,
	 RF_MAP_SESSIONS,
	 30,
	 3,
	 {OUT(0), IN(0), OUT(0)}},
};

/* A flow that has come to where the case wants it, and was then silent for @ticks. */
static struct flow silent_flow(struct programs *programs, const struct timeout_case *this,
			       uint16_t port, uint64_t ticks)
{
	struct flow flow = {this->is_v6 ? POD_6 : POD_4,
			    port,
			    this->is_v6 ? PEER_6 : PEER_4,
			    80,
			    this->protocol,
			    RF_EGRESS};

	for (unsigned int i = 0; i < this->step_count; i++) {
		struct packet_spec packet =
			flow_packet(&flow, this->steps[i].direction, this->steps[i].tcp_flags);

		assert_true(programs_pass(programs, this->steps[i].direction, &packet,
					  PROGRAMS_FORWARDED));
	}
	flow_age(programs, this->map, &flow, ticks);
	return flow;
}

static void a_session_lives_as_long_as_its_state_allows(void **state)
{
	struct programs *programs = *state;
	uint64_t second = rf_ticks_per_second();

	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t ticks = (cases[i].seconds - MARGIN) * second;
		struct flow flow = silent_flow(programs, &cases[i], 40000 + i, ticks);

		print_message("# %s\n", cases[i].name);
		assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, SESSION);
	}
}

static void a_session_that_timed_out_is_judged_anew(void **state)
{
	struct programs *programs = *state;
	uint64_t second = rf_ticks_per_second();

	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t ticks = cases[i].seconds * second + 1;
		struct flow flow = silent_flow(programs, &cases[i], 40000 + i, ticks);
		struct rf_session before, after;

		print_message("# %s\n", cases[i].name);
		/* The peer may not open it again, and what it tries revives nothing; the pod may.
		 */
		assert_true(flow_session(programs, cases[i].map, &flow, &before));
		assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, DEFAULT_DENY);
		assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, DEFAULT_DENY);
		assert_flow(programs, &flow, RF_EGRESS, TCP_ACK, DEFAULT_ALLOW);
		assert_true(flow_session(programs, RF_MAP_HALF_OPEN, &flow, &after));
		assert_true(after.created > before.created);
		assert_false(flow_session(programs, RF_MAP_SESSIONS, &flow, &before));
		assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, SESSION);
	}
}

/* Which timeout it has now. */
static uint32_t kind_of(const struct programs *programs, const struct timeout_case *this,
			const struct flow *flow)
{
	if (this->protocol == IPPROTO_ICMP || this->protocol == IPPROTO_ICMPV6)
		return RF_TIMEOUT_ECHO;
	return flow_state(programs, this->map, flow);
}

/* The timeout of this flow becomes @seconds, all others @others. */
static void change_timeouts(struct programs *programs, uint32_t kind, uint32_t seconds,
			    uint32_t others)
{
	struct rf_settings settings = programs_settings();

	for (uint32_t i = 0; i < RF_TIMEOUTS; i++)
		settings.timeout[i] = i == kind ? seconds : others;
	programs_set_settings(programs, &settings);
}

static void a_timeout_that_changes_holds_for_live_sessions(void **state)
{
	static const uint32_t lengths[] = {100, RF_TIMEOUT_MAX};
	const struct rf_settings usual = programs_settings();
	struct programs *programs = *state;
	uint64_t second = rf_ticks_per_second();
	uint16_t port = 40000;

	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
			uint32_t seconds = lengths[k], kind;
			struct flow flow;

			print_message("# %s\n", cases[i].name);
			programs_set_settings(programs, &usual);
			flow = silent_flow(programs, &cases[i], port++,
					   (seconds - MARGIN) * second);
			kind = kind_of(programs, &cases[i], &flow);
			change_timeouts(programs, kind, seconds, 1);
			assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, SESSION);

			programs_set_settings(programs, &usual);
			flow = silent_flow(programs, &cases[i], port++, seconds * second + 1);
			change_timeouts(programs, kind, seconds, RF_TIMEOUT_MAX);
			assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, DEFAULT_DENY);
		}
}

/*
 * An established connection with a timeout of a second, in which a packet of its peer has followed
 * it: nothing else lets it in. If it is denied, the test must have been held up for the second.
 */
static struct flow followed_within_a_second(struct programs *programs)
{
	struct flow flow = {POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0};
	const struct rf_settings usual = programs_settings();
	struct rf_session session;

	for (int attempt = 0; attempt < ATTEMPTS; attempt++, flow.pod_port++) {
		struct packet_spec packet = flow_packet(&flow, RF_INGRESS, TCP_ACK);

		programs_set_settings(programs, &usual);
		assert_handshake(programs, &flow, RF_EGRESS, DEFAULT_ALLOW);
		assert_true(flow_session(programs, RF_MAP_SESSIONS, &flow, &session));
		change_timeouts(programs, RF_STATE_ESTABLISHED, 1, RF_TIMEOUT_MAX);
		if (programs_pass(programs, RF_INGRESS, &packet, PROGRAMS_FORWARDED))
			return flow;
		assert_true(rf_ticks_now() - session.last_seen > rf_ticks_per_second());
	}
	fail_msg("held up for a second, %d times", ATTEMPTS);
	return flow;
}

/* The shortest one is not mistaken for none. */
static void a_timeout_of_a_second_lasts_a_second(void **state)
{
	struct programs *programs = *state;
	struct flow flow;

	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	flow = followed_within_a_second(programs);
	flow_age(programs, RF_MAP_SESSIONS, &flow, rf_ticks_per_second() + 1);
	assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, DEFAULT_DENY);
}

/* Each packet starts the time anew. */
static void a_packet_keeps_its_session_alive(void **state)
{
	const struct flow flow = {POD_4, 40000, PEER_4, 53, IPPROTO_UDP, 0};
	struct programs *programs = *state;
	uint64_t second = rf_ticks_per_second();

	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	assert_flow(programs, &flow, RF_EGRESS, 0, DEFAULT_ALLOW);
	for (int i = 0; i < 5; i++) {
		flow_age(programs, RF_MAP_HALF_OPEN, &flow, 20 * second);
		assert_flow(programs, &flow, RF_EGRESS, 0, SESSION);
	}
	assert_flow(programs, &flow, RF_INGRESS, 0, SESSION);
	for (int i = 0; i < 5; i++) {
		flow_age(programs, RF_MAP_HALF_OPEN, &flow, 120 * second);
		assert_flow(programs, &flow, RF_INGRESS, 0, SESSION);
	}
	assert_flow(programs, &flow, RF_EGRESS, 0, SESSION);
	for (int i = 0; i < 5; i++) {
		flow_age(programs, RF_MAP_SESSIONS, &flow, 120 * second);
		assert_flow(programs, &flow, RF_INGRESS, 0, SESSION);
	}
}

/* RFC 9293, 3.8.4: an acknowledgement of nothing new, from before what was sent last. */
static void a_keep_alive_keeps_an_idle_connection(void **state)
{
	const struct flow flow = {POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	assert_handshake(programs, &flow, RF_EGRESS, DEFAULT_ALLOW);
	for (int i = 0; i < 6; i++) {
		enum rf_direction sender = i % RF_DIRECTIONS;
		struct packet_spec packet = flow_packet(&flow, sender, TCP_ACK);

		flow_age(programs, RF_MAP_SESSIONS, &flow, 7000 * rf_ticks_per_second());
		packet.tcp_initial = -1;
		packet.payload_size = i / RF_DIRECTIONS % 2;
		assert_verdict(programs, sender, &packet, SESSION);
	}
	assert_int_equal(flow_state(programs, RF_MAP_SESSIONS, &flow), RF_STATE_ESTABLISHED);
}

/* One side has closed, the other still has much to say. */
static void a_half_closed_connection_lives_while_something_is_sent(void **state)
{
	const struct flow flow = {POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	for (int closer = 0; closer < RF_DIRECTIONS; closer++) {
		assert_handshake(programs, &flow, RF_EGRESS, DEFAULT_ALLOW);
		assert_flow(programs, &flow, closer, TCP_FIN_ACK, SESSION);
		for (int i = 0; i < 5; i++) {
			flow_age(programs, RF_MAP_SESSIONS, &flow, 50 * rf_ticks_per_second());
			assert_flow(programs, &flow, !closer, TCP_ACK, SESSION);
		}
		assert_flow(programs, &flow, closer, TCP_RST, SESSION);
	}
}

/* Clocks of two CPUs may differ by a tick: no session has timed out in the future. */
static void a_session_seen_a_tick_ahead_is_followed(void **state)
{
	const struct flow flow = {POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0};
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, EGRESS_ONLY);
	assert_handshake(programs, &flow, RF_EGRESS, DEFAULT_ALLOW);
	flow_age(programs, RF_MAP_SESSIONS, &flow, -(uint64_t)MARGIN * rf_ticks_per_second());
	assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, SESSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_session_lives_as_long_as_its_state_allows),
		FIXTURE_TEST(a_session_that_timed_out_is_judged_anew),
		FIXTURE_TEST(a_timeout_that_changes_holds_for_live_sessions),
		FIXTURE_TEST(a_timeout_of_a_second_lasts_a_second),
		FIXTURE_TEST(a_packet_keeps_its_session_alive),
		FIXTURE_TEST(a_keep_alive_keeps_an_idle_connection),
		FIXTURE_TEST(a_half_closed_connection_lives_while_something_is_sent),
		FIXTURE_TEST(a_session_seen_a_tick_ahead_is_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
