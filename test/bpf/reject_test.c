// SPDX-License-Identifier: Apache-2.0
/* Rules that reject: TCP is reset, and who is told, and how often. */
#include "test/lib/fixture.h"
#include "test/lib/fragment.h"
#include "test/lib/reply.h"

#include "bpf/ringfence.skel.h"

#include <bpf/bpf.h>
#include <linux/pkt_cls.h>
#include <netinet/tcp.h>
#include <string.h>

#define INITIAL 1000 /* sequence number of the SYN */

static int setup(void **state)
{
	fixture_setup(state);
	programs_set_policy(*state, POD_ID, REJECT_ALL);
	return 0;
}

static struct packet_spec packet_of(const struct fixture_tcp *tcp, uint8_t tcp_flags)
{
	struct packet_spec packet = flow_packet(&tcp->flow, tcp->opener, tcp_flags);

	packet.tcp_initial = INITIAL;
	return packet;
}

/* The header that the reply is; there is nothing behind it. */
static struct tcphdr reset_in(const struct reply *reply, const struct packet_spec *packet)
{
	struct tcphdr tcp;

	assert_int_equal(reply->protocol, IPPROTO_TCP);
	assert_int_equal(reply->size, sizeof(tcp));
	memcpy(&tcp, reply->transport, sizeof(tcp));
	assert_int_equal(ntohs(tcp.th_sport), packet->destination_port);
	assert_int_equal(ntohs(tcp.th_dport), packet->source_port);
	assert_int_equal(tcp.th_off, 5);
	assert_int_equal(tcp.th_x2, 0);
	assert_int_equal(tcp.th_win, 0);
	assert_int_equal(tcp.th_urp, 0);
	return tcp;
}

static void assert_reset(const struct reply *reply, const struct packet_spec *packet, uint8_t flags,
			 uint32_t seq, uint32_t ack)
{
	struct tcphdr tcp = reset_in(reply, packet);

	assert_int_equal(tcp.th_flags, flags);
	assert_int_equal(ntohl(tcp.th_seq), seq);
	assert_int_equal(ntohl(tcp.th_ack), ack);
}

static void a_syn_is_reset_with_an_acknowledgement_of_it_and_its_data(void **state)
{
	for (int i = 0; i < FIXTURE_TCP_COUNT; i++)
		for (uint16_t data = 0; data <= 1000; data += 100) {
			struct packet_spec syn = packet_of(&fixture_tcp[i], TCP_SYN);
			struct reply reply;

			syn.payload_size = data;
			syn.tcp_initial = 1000 * data;
			reply = reply_of_packet(*state, fixture_tcp[i].opener, &syn);
			assert_reset(&reply, &syn, TH_RST | TH_ACK, 0, syn.tcp_initial + 1 + data);
		}
}

static void what_acknowledges_is_reset_where_it_expects_the_next_byte(void **state)
{
	static const uint8_t flags[] = {TCP_ACK, TCP_FIN_ACK, TCP_ACK | TH_PUSH};

	for (int i = 0; i < FIXTURE_TCP_COUNT; i++)
		for (size_t j = 0; j < sizeof(flags); j++) {
			struct packet_spec packet = packet_of(&fixture_tcp[i], flags[j]);
			struct reply reply =
				reply_of_packet(*state, fixture_tcp[i].opener, &packet);

			assert_reset(&reply, &packet, TH_RST, 1, 0);
		}
}

static void sequence_numbers_wrap(void **state)
{
	for (int i = 0; i < FIXTURE_TCP_COUNT; i++) {
		struct packet_spec syn = packet_of(&fixture_tcp[i], TCP_SYN);
		struct reply reply;

		syn.tcp_initial = 0xffffffff;
		reply = reply_of_packet(*state, fixture_tcp[i].opener, &syn);
		assert_reset(&reply, &syn, TH_RST | TH_ACK, 0, (uint32_t)syn.payload_size);
	}
}

static void a_reset_is_not_answered(void **state)
{
	static const uint8_t flags[] = {TCP_RST, TCP_RST | TCP_ACK};

	for (int i = 0; i < FIXTURE_TCP_COUNT; i++)
		for (size_t j = 0; j < sizeof(flags); j++) {
			struct packet_spec packet = packet_of(&fixture_tcp[i], flags[j]);

			assert_no_reply(*state, fixture_tcp[i].opener, &packet);
		}
}

/* Of TCP and IP, whose headers the reply has none of. */
static void options_and_extension_headers_are_left_out(void **state)
{
	for (int i = 0; i < FIXTURE_TCP_COUNT; i++)
		for (uint8_t words = 1; words <= 10; words++) {
			struct packet_spec syn = packet_of(&fixture_tcp[i], TCP_SYN);
			struct reply reply;

			syn.option_words = words;
			syn.tcp_option_words = words;
			syn.extension_count = words % 4;
			memset(syn.extensions, IPPROTO_DSTOPTS, sizeof(syn.extensions));
			reply = reply_of_packet(*state, fixture_tcp[i].opener, &syn);
			assert_reset(&reply, &syn, TH_RST | TH_ACK, 0,
				     INITIAL + 1 + (uint32_t)syn.payload_size);
		}
}

static void padding_is_no_data(void **state)
{
	struct packet_spec syn = packet_of(&fixture_tcp[0], TCP_SYN);
	uint8_t bytes[PACKET_MAX] = {};
	struct reply reply;

	syn.payload_size = 0;
	packet_build(&syn, bytes, sizeof(bytes));
	assert_verdict_of_bytes(*state, RF_INGRESS, bytes, 60, RULE_REJECT,
				.rule = REJECT_RULE(RF_INGRESS));
	reply = reply_check(*state, RF_INGRESS, bytes, __FILE__, __LINE__);
	assert_reset(&reply, &syn, TH_RST | TH_ACK, 0, INITIAL + 1);
}

static void the_node_itself_is_told_if_policy_is_for_it_too(void **state)
{
	struct programs *programs = *state;
	struct packet_spec syn = packet_of(&fixture_tcp[0], TCP_SYN);
	struct reply reply;
	uint8_t bytes[PACKET_MAX];

	programs->objects.pod_state[POD_ID].flags |= RF_POD_HOST_BY_POLICY;
	packet_build(&syn, bytes, sizeof(bytes));
	assert_verdict(programs, RF_INGRESS, &syn, RULE_REJECT, .rule = REJECT_RULE(RF_INGRESS),
		       .from_node = true);
	reply = reply_check(programs, RF_INGRESS, bytes, __FILE__, __LINE__);
	assert_reset(&reply, &syn, TH_RST | TH_ACK, 0, INITIAL + 1 + (uint32_t)syn.payload_size);
}

/* The side that sends next is told, whoever has opened the flow. */
static void a_flow_that_policy_begins_to_reject_is_reset(void **state)
{
	struct programs *programs = *state;

	for (int i = 0; i < FIXTURE_TCP_COUNT; i++) {
		const struct fixture_tcp *tcp = &fixture_tcp[i];

		for (int side = 0; side < RF_DIRECTIONS; side++) {
			struct packet_spec packet = flow_packet(&tcp->flow, side, TCP_ACK);
			struct reply reply;
			uint8_t bytes[PACKET_MAX];

			packet_build(&packet, bytes, sizeof(bytes));
			programs_set_policy(programs, POD_ID, ALLOW_ALL);
			assert_handshake(programs, &tcp->flow, tcp->opener, DEFAULT_ALLOW);
			programs_set_policy(programs, POD_ID, REJECT_ALL);
			assert_verdict(programs, side, &packet, RULE_REJECT,
				       .rule = REJECT_RULE(tcp->opener),
				       .is_reply = side != (int)tcp->opener);
			reply = reply_check(programs, side, bytes, __FILE__, __LINE__);
			assert_reset(&reply, &packet, TH_RST, 1, 0);
			assert_true(flow_has_no_session(programs, &tcp->flow));
		}
	}
}

static void groups_and_no_one_are_not_told_nor_spoken_for(void **state)
{
	static const struct {
		const char *peer;
		const char *pod;
	} sides[] = {
		{"0.0.0.0", POD_4},   {"127.0.0.1", POD_4},
		{"224.0.0.1", POD_4}, {"255.255.255.255", POD_4},
		{"240.0.0.1", POD_4}, {"::", POD_6},
		{"::1", POD_6},       {"ff02::1", POD_6},
		{"ff0e::1", POD_6},
	};

	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
		for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
			const struct flow flow = {sides[i].pod, 80,          sides[i].peer,
						  40000,        IPPROTO_TCP, 0};
			struct packet_spec syn = flow_packet(&flow, direction, TCP_SYN);

			assert_no_reply(*state, direction, &syn);
		}
}

static void frames_to_a_group_are_not_answered(void **state)
{
	for (int i = 0; i < FIXTURE_TCP_COUNT; i++) {
		struct packet_spec syn = packet_of(&fixture_tcp[i], TCP_SYN);

		syn.to_group = true;
		assert_no_reply(*state, fixture_tcp[i].opener, &syn);
	}
}

/* RFC 1122, 3.2.2: where the first one's header was, it has data. */
static void a_later_fragment_is_not_answered(void **state)
{
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP};
	struct programs *programs = *state;

	for (size_t i = 0; i < sizeof(protocols); i++) {
		const struct flow flow = {POD_4, 80, PEER_4, 40000, protocols[i], 0};
		const struct packet_spec first = fragment_packet(&flow, RF_INGRESS, 0, true);
		const struct packet_spec later =
			fragment_packet(&flow, RF_INGRESS, FRAGMENT_SIZE, false);

		programs_set_policy(programs, POD_ID, ALLOW_ALL);
		assert_verdict(programs, RF_INGRESS, &first, DEFAULT_ALLOW);
		programs_set_policy(programs, POD_ID, REJECT_ALL);
		assert_no_reply(programs, RF_INGRESS, &later);
	}
}

static void beyond_the_rate_of_replies_packets_are_dropped(void **state)
{
	struct programs *programs = *state;
	struct packet_spec syn = packet_of(&fixture_tcp[0], TCP_SYN);
	/* Full again after a century. */
	const struct rf_bucket empty = {.full_at = UINT64_C(1) << 62};
	uint32_t index = RF_BUCKET(POD_ID, RF_BUCKET_REJECTS);
	const struct rf_settings settings = {.rejects_per_second = 100};

	programs_set_rates(programs, &settings);
	reply_of_packet(programs, RF_INGRESS, &syn);
	assert_int_equal(
		bpf_map_update_elem(programs->objects.maps[RF_MAP_BUCKETS], &index, &empty, 0), 0);
	assert_no_reply(programs, RF_INGRESS, &syn);
	programs_set_rates(programs, &(const struct rf_settings){});
	reply_of_packet(programs, RF_INGRESS, &syn);
}

static void what_gets_no_reply_costs_no_token(void **state)
{
	struct programs *programs = *state;
	struct packet_spec syn = packet_of(&fixture_tcp[0], TCP_SYN);
	struct packet_spec reset = packet_of(&fixture_tcp[0], TCP_RST);
	const struct rf_settings settings = {.rejects_per_second = 1};

	programs_set_rates(programs, &settings);
	for (int i = 0; i < 10; i++)
		assert_no_reply(programs, RF_INGRESS, &reset);
	reply_of_packet(programs, RF_INGRESS, &syn);
}

/* As it comes round through the interface. */
static void our_own_reply_passes_without_its_mark(void **state)
{
	struct programs *programs = *state;
	struct packet_spec reset = flow_packet(&fixture_tcp[0].flow, RF_EGRESS, TCP_RST | TCP_ACK);

	programs->mark = programs->skeleton->rodata->reply_mark;
	assert_verdict(programs, RF_EGRESS, &reset, REJECT_REPLY);
	assert_int_equal(programs->output.answer, TC_ACT_UNSPEC);
	assert_int_equal(programs->output.mark, 0);
}

static void a_mark_means_nothing_else(void **state)
{
	struct programs *programs = *state;
	struct packet_spec syn = packet_of(&fixture_tcp[2], TCP_SYN);
	uint32_t mark = programs->skeleton->rodata->reply_mark;

	assert_int_not_equal(mark, 0);
	programs->mark = mark ^ 1;
	programs_set_policy(programs, POD_ID, DENY_ALL);
	assert_verdict(programs, RF_EGRESS, &syn, DEFAULT_DENY);
	programs->mark = mark;
	syn = packet_of(&fixture_tcp[0], TCP_SYN);
	assert_verdict(programs, RF_INGRESS, &syn, DEFAULT_DENY);
}

#define REJECT_TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REJECT_TEST(a_syn_is_reset_with_an_acknowledgement_of_it_and_its_data),
		REJECT_TEST(what_acknowledges_is_reset_where_it_expects_the_next_byte),
		REJECT_TEST(sequence_numbers_wrap),
		REJECT_TEST(a_reset_is_not_answered),
		REJECT_TEST(options_and_extension_headers_are_left_out),
		REJECT_TEST(padding_is_no_data),
		REJECT_TEST(the_node_itself_is_told_if_policy_is_for_it_too),
		REJECT_TEST(a_flow_that_policy_begins_to_reject_is_reset),
		REJECT_TEST(groups_and_no_one_are_not_told_nor_spoken_for),
		REJECT_TEST(frames_to_a_group_are_not_answered),
		REJECT_TEST(a_later_fragment_is_not_answered),
		REJECT_TEST(beyond_the_rate_of_replies_packets_are_dropped),
		REJECT_TEST(what_gets_no_reply_costs_no_token),
		REJECT_TEST(our_own_reply_passes_without_its_mark),
		REJECT_TEST(a_mark_means_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
