// SPDX-License-Identifier: Apache-2.0
/*
 * Floods of flows that nobody answers, against connections that are at work, in maps of the default
 * sizes.
 */
#include "test/lib/fixture.h"
#include "test/lib/prng.h"

#include <arpa/inet.h>
#include <string.h>

#define ESTABLISHED 10000
#define FLOOD       1000000

static int setup(void **state)
{
	static const char *const addresses[] = {POD_4, POD_6, NULL};
	struct programs *programs = programs_load(NULL);

	programs_add_pod(programs, POD_ID, addresses, RF_POD_ANTI_SPOOF, INGRESS_ONLY);
	*state = programs;
	return 0;
}

static struct flow established(uint16_t number)
{
	return (struct flow){POD_4, 80, PEER_4, 10000 + number, IPPROTO_TCP, 0};
}

static void establish(struct programs *programs)
{
	for (uint16_t i = 0; i < ESTABLISHED; i++) {
		struct flow flow = established(i);
		struct packet_spec syn = flow_packet(&flow, RF_INGRESS, TCP_SYN);
		struct packet_spec answer = flow_packet(&flow, RF_EGRESS, TCP_SYN_ACK);
		struct packet_spec ack = flow_packet(&flow, RF_INGRESS, TCP_ACK);

		assert_true(programs_pass(programs, RF_INGRESS, &syn, PROGRAMS_FORWARDED));
		assert_true(programs_pass(programs, RF_EGRESS, &answer, PROGRAMS_FORWARDED));
		assert_true(programs_pass(programs, RF_INGRESS, &ack, PROGRAMS_FORWARDED));
	}
}

/* Egress denies: what of these is lost is denied, since only its session lets the pod answer. */
static void assert_all_established(struct programs *programs)
{
	assert_int_equal(flow_session_count(programs, RF_MAP_SESSIONS), ESTABLISHED);
	for (uint16_t i = 0; i < ESTABLISHED; i++) {
		struct flow flow = established(i);

		assert_flow(programs, &flow, RF_EGRESS, TCP_ACK, SESSION);
	}
}

/* A packet of which only some numbers change: to build each anew would take most of the time. */
struct mould {
	enum rf_direction direction;
	uint8_t bytes[PACKET_MAX];
	size_t length;
	size_t transport;
	bool has_ports;
};

static struct mould mould(uint8_t protocol, enum rf_direction direction, uint8_t tcp_flags)
{
	const struct flow flow = {POD_4, 80, PEER_4, 1024, protocol, RF_INGRESS};
	const struct packet_spec packet = flow_packet(&flow, direction, tcp_flags);
	struct mould mould = {.direction = direction, .has_ports = protocol != IPPROTO_ICMP};

	mould.length = packet_build(&packet, mould.bytes, sizeof(mould.bytes));
	mould.transport = packet_transport_offset(&packet);
	return mould;
}

/* Let the peer be @number's: an address in 128.0.0.0/2 and a port. */
static void set_peer(struct mould *mould, uint64_t number)
{
	bool out = mould->direction == RF_EGRESS;
	uint32_t address = htonl(0x80000000 | (number & 0x3fffffff));
	uint16_t port = htons(1024 + (number >> 32) % 60000);

	memcpy(mould->bytes + mould->transport - (out ? 4 : 8), &address, sizeof(address));
	if (mould->has_ports)
		memcpy(mould->bytes + mould->transport + (out ? 2 : 0), &port, sizeof(port));
}

static void set_numbers(struct mould *mould, uint32_t sequence, uint32_t acknowledgement)
{
	uint32_t numbers[] = {htonl(sequence), htonl(acknowledgement)};

	memcpy(mould->bytes + mould->transport + 4, numbers, sizeof(numbers));
}

static bool passes(struct programs *programs, struct mould *mould, uint64_t peer)
{
	set_peer(mould, peer);
	return programs_pass_bytes(programs, mould->direction, mould->bytes, mould->length,
				   PROGRAMS_FORWARDED);
}

static void a_flood_of_syns_evicts_no_established_session(void **state)
{
	struct mould syn = mould(IPPROTO_TCP, RF_INGRESS, TCP_SYN);
	struct prng prng = prng_from_environment();
	struct programs *programs = *state;

	establish(programs);
	for (uint32_t i = 0; i < FLOOD; i++)
		assert_true(passes(programs, &syn, prng_next(&prng)));
	assert_true(flow_session_count(programs, RF_MAP_HALF_OPEN) <= RF_HALF_OPEN_DEFAULT);
	assert_all_established(programs);
}

/* Who forges addresses follows the SYN up without having seen its answer; of 4,096 guesses one
 * would be right. */
static void a_flood_of_blind_handshakes_evicts_no_established_session(void **state)
{
	struct mould syn = mould(IPPROTO_TCP, RF_INGRESS, TCP_SYN);
	struct mould answer = mould(IPPROTO_TCP, RF_EGRESS, TCP_SYN_ACK);
	struct mould ack = mould(IPPROTO_TCP, RF_INGRESS, TCP_ACK);
	struct prng prng = prng_from_environment();
	struct programs *programs = *state;

	establish(programs);
	for (uint32_t i = 0; i < FLOOD; i++) {
		uint64_t peer = prng_next(&prng), numbers = prng_next(&prng);
		uint32_t forger = numbers >> 32, pod = (uint32_t)numbers;
		uint32_t wrong = prng_below(&prng, UINT32_MAX - RF_TCP_HANDSHAKE_BYTES);

		set_numbers(&syn, forger, 0);
		set_numbers(&answer, pod, forger + 1);
		set_numbers(&ack, forger + 1, pod + 1 + RF_TCP_HANDSHAKE_BYTES + wrong);
		assert_true(passes(programs, &syn, peer));
		assert_true(passes(programs, &answer, peer));
		assert_true(passes(programs, &ack, peer));
	}
	assert_all_established(programs);
}

static void a_flood_of_datagrams_evicts_no_established_session(void **state)
{
	static const struct {
		uint8_t protocol;
		uint32_t count;
	} floods[] = {{IPPROTO_UDP, FLOOD}, {IPPROTO_SCTP, FLOOD / 10}, {IPPROTO_ICMP, FLOOD / 10}};
	struct prng prng = prng_from_environment();
	struct programs *programs = *state;

	establish(programs);
	for (size_t i = 0; i < sizeof(floods) / sizeof(floods[0]); i++) {
		struct mould datagram = mould(floods[i].protocol, RF_INGRESS, 0);

		for (uint32_t k = 0; k < floods[i].count; k++)
			assert_true(passes(programs, &datagram, prng_next(&prng)));
	}
	assert_all_established(programs);
}

/* Of closed ports, which answer each SYN by a reset; of open ones, left half-open by the scanner;
 * and one that follows its SYN up by itself. */
static void a_scan_evicts_no_established_session(void **state)
{
	struct mould syn = mould(IPPROTO_TCP, RF_INGRESS, TCP_SYN);
	struct mould syn_ack = mould(IPPROTO_TCP, RF_EGRESS, TCP_SYN_ACK);
	struct mould refusal = mould(IPPROTO_TCP, RF_EGRESS, TCP_RST | TCP_ACK);
	struct mould reset = mould(IPPROTO_TCP, RF_INGRESS, TCP_RST);
	struct prng prng = prng_from_environment();
	struct programs *programs = *state;

	establish(programs);
	for (uint32_t i = 0; i < FLOOD / 10; i++) {
		uint64_t peer = prng_next(&prng);

		assert_true(passes(programs, &syn, peer));
		if (i % 3)
			assert_true(passes(programs, i % 3 == 1 ? &syn_ack : &refusal, peer));
		assert_true(passes(programs, &reset, peer));
	}
	assert_all_established(programs);
}

/* They do not get as far as a map. */
static void a_flood_that_is_denied_leaves_nothing(void **state)
{
	struct mould syn = mould(IPPROTO_TCP, RF_EGRESS, TCP_SYN);
	struct prng prng = prng_from_environment();
	struct programs *programs = *state;

	establish(programs);
	for (uint32_t i = 0; i < FLOOD / 10; i++)
		assert_false(passes(programs, &syn, prng_next(&prng)));
	assert_int_equal(flow_session_count(programs, RF_MAP_HALF_OPEN), 0);
	assert_int_equal(programs_count(programs, POD_ID, RF_EGRESS, RF_REASON_DEFAULT_DENY),
			 FLOOD / 10);
	assert_all_established(programs);
}

#define FLOOD_TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FLOOD_TEST(a_flood_of_syns_evicts_no_established_session),
		FLOOD_TEST(a_flood_of_blind_handshakes_evicts_no_established_session),
		FLOOD_TEST(a_flood_of_datagrams_evicts_no_established_session),
		FLOOD_TEST(a_scan_evicts_no_established_session),
		FLOOD_TEST(a_flood_that_is_denied_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
