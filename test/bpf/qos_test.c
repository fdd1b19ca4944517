// SPDX-License-Identifier: Apache-2.0
/* Rules that mark: each packet of the flow bears the priority and the code point, and no other. */
#include "test/lib/fixture.h"
#include "test/lib/packet_parts.h"

#include <string.h>

#define DSCP     46
#define PRIORITY 0x10020

#define MARKED(marks)                                                                              \
	"{\"ingress\": {\"rules\": [{\"id\": 1, \"action\": \"allow\", \"qos\": {" marks "}}]},"   \
	" \"egress\": {\"rules\": [{\"id\": 2, \"action\": \"allow\", \"qos\": {" marks "}}]}}"
#define MARK_DSCP     "\"dscp\": \"EF\""
#define MARK_PRIORITY "\"priorityClass\": \"1:20\""

#define UNMARKED                                                                                   \
	"{\"ingress\": {\"rules\": [{\"id\": 3, \"action\": \"allow\"}]},"                         \
	" \"egress\": {\"rules\": [{\"id\": 4, \"action\": \"allow\"}]}}"

static const struct flow flows[] = {
	{POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0},
	{POD_6, 80, PEER_6, 40000, IPPROTO_TCP, 0},
	{POD_4, 53, PEER_4, 40000, IPPROTO_UDP, 0},
	{POD_6, 53, PEER_6, 40000, IPPROTO_UDP, 0},
	{POD_4, 7, PEER_4, 0, IPPROTO_ICMP, RF_EGRESS},
	{POD_6, 0, PEER_6, 7, IPPROTO_ICMPV6, RF_INGRESS},
};

#define FLOWS (sizeof(flows) / sizeof(flows[0]))

static enum rf_direction opener_of(const struct flow *flow)
{
	return flow->pinging;
}

/* The type of service, or traffic class, and IPv4's checksum with it. */
static void set_class(uint8_t *bytes, uint8_t class)
{
	uint8_t *ip = bytes + 14;
	uint16_t checksum;

	if (ip[0] >> 4 == 6) {
		ip[0] = 6 << 4 | class >> 4;
		ip[1] = (uint8_t)(class << 4) | (ip[1] & 0x0f);
		return;
	}
	ip[1] = class;
	memset(ip + 10, 0, 2);
	checksum = packet_checksum(packet_sum(ip, (size_t)4 * (ip[0] & 0x0f), 0));
	memcpy(ip + 10, &checksum, 2);
}

/* @packet comes with one class, passes, and has the other; all else of it is as it was. */
static void passes_with_class(struct programs *programs, enum rf_direction direction,
			      const struct packet_spec *packet, uint8_t before, uint8_t after)
{
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_build(packet, bytes, sizeof(bytes));

	set_class(bytes, before);
	assert_true(programs_pass_bytes(programs, direction, bytes, length, PROGRAMS_FORWARDED));
	set_class(bytes, after);
	assert_int_equal(programs->output.length, length);
	assert_memory_equal(programs->output.bytes, bytes, length);
}

/* The packets of a flow until it has long been answered, in turn. */
#define ROUNDS 6

static struct packet_spec round_packet(const struct flow *flow, int round, enum rf_direction *side)
{
	static const uint8_t flags[ROUNDS] = {TCP_SYN, TCP_SYN_ACK, TCP_ACK,
					      TCP_ACK, TCP_ACK,     TCP_FIN_ACK};

	*side = round % 2 ? !opener_of(flow) : opener_of(flow);
	return flow_packet(flow, *side, flags[round]);
}

static void each_packet_of_the_flow_has_the_code_point(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, MARKED(MARK_DSCP));
	for (size_t i = 0; i < FLOWS; i++)
		for (int round = 0; round < ROUNDS; round++) {
			enum rf_direction side;
			struct packet_spec packet = round_packet(&flows[i], round, &side);

			passes_with_class(programs, side, &packet, 0, DSCP << 2);
			assert_int_equal(programs->output.priority, 0);
		}
}

static void each_packet_of_the_flow_has_the_priority(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, MARKED(MARK_PRIORITY));
	for (size_t i = 0; i < FLOWS; i++)
		for (int round = 0; round < ROUNDS; round++) {
			enum rf_direction side;
			struct packet_spec packet = round_packet(&flows[i], round, &side);

			passes_with_class(programs, side, &packet, 0x48, 0x48);
			assert_int_equal(programs->output.priority, PRIORITY);
		}
}

static void both_marks_go_together(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, MARKED(MARK_DSCP ", " MARK_PRIORITY));
	for (size_t i = 0; i < FLOWS; i++) {
		struct packet_spec packet = flow_packet(&flows[i], opener_of(&flows[i]), TCP_SYN);

		passes_with_class(programs, opener_of(&flows[i]), &packet, 0, DSCP << 2);
		assert_int_equal(programs->output.priority, PRIORITY);
	}
}

/* Whatever code point it came with; also the right one. */
static void congestion_notification_stays(void **state)
{
	programs_set_policy(*state, POD_ID, MARKED(MARK_DSCP));
	for (size_t i = 0; i < FLOWS; i++)
		for (int class = 0; class < 256; class ++) {
			struct packet_spec packet =
				flow_packet(&flows[i], opener_of(&flows[i]), TCP_SYN);

			packet.option_words = class % 11;
			passes_with_class(*state, opener_of(&flows[i]), &packet, (uint8_t) class,
					  DSCP << 2 | (class & 3));
		}
}

static void the_code_point_zero_is_one_too(void **state)
{
	programs_set_policy(*state, POD_ID, MARKED("\"dscp\": 0"));
	for (size_t i = 0; i < FLOWS; i++) {
		struct packet_spec packet = flow_packet(&flows[i], opener_of(&flows[i]), TCP_SYN);

		passes_with_class(*state, opener_of(&flows[i]), &packet, 0xff, 3);
	}
}

static void flows_of_other_rules_are_left_alone(void **state)
{
	static const char *const policies[] = {ALLOW_ALL, UNMARKED};
	struct programs *programs = *state;

	for (size_t policy = 0; policy < 2; policy++) {
		programs_set_policy(programs, POD_ID, policies[policy]);
		for (size_t i = 0; i < FLOWS; i++)
			for (int round = 0; round < ROUNDS; round++) {
				enum rf_direction side;
				struct packet_spec packet = round_packet(&flows[i], round, &side);

				passes_with_class(programs, side, &packet, 0xb9, 0xb9);
				assert_int_equal(programs->output.priority, 0);
			}
	}
}

/* In either map: judged again, a session takes the marks of the rule that allows it now. */
static void a_new_policy_marks_the_sessions_that_are_there(void **state)
{
	struct programs *programs = *state;

	for (size_t i = 0; i < FLOWS; i++)
		for (int answered = 0; answered < 2; answered++) {
			enum rf_direction side = RF_INGRESS;
			struct packet_spec packet;

			programs_set_policy(programs, POD_ID, UNMARKED);
			for (int round = 0; round < (answered ? 3 : 1); round++) {
				packet = round_packet(&flows[i], round, &side);
				passes_with_class(programs, side, &packet, 1, 1);
			}
			programs_set_policy(programs, POD_ID, MARKED(MARK_DSCP ", " MARK_PRIORITY));
			passes_with_class(programs, side, &packet, 1, DSCP << 2 | 1);
			assert_int_equal(programs->output.priority, PRIORITY);
			passes_with_class(programs, side, &packet, 1, DSCP << 2 | 1);
			programs_set_policy(programs, POD_ID, UNMARKED);
			passes_with_class(programs, side, &packet, 1, 1);
			assert_int_equal(programs->output.priority, 0);
		}
}

/* Nothing keeps them: each packet is judged, and marked. */
static void packets_that_make_no_session_are_marked(void **state)
{
	struct programs *programs = *state;

	programs_set_policy(programs, POD_ID, MARKED(MARK_DSCP ", " MARK_PRIORITY));
	for (size_t i = 0; i < FLOWS; i++) {
		struct packet_spec packet = flow_packet(&flows[i], RF_INGRESS, TCP_SYN);

		packet.to_group = true;
		passes_with_class(programs, RF_INGRESS, &packet, 2, DSCP << 2 | 2);
		assert_int_equal(programs->output.priority, PRIORITY);
	}
}

/* No rule has allowed it. */
static void the_nodes_own_flow_is_left_alone(void **state)
{
	struct programs *programs = *state;
	struct packet_spec packet = flow_packet(&flows[0], RF_INGRESS, TCP_SYN);

	programs_set_policy(programs, POD_ID, MARKED(MARK_DSCP ", " MARK_PRIORITY));
	assert_verdict(programs, RF_INGRESS, &packet, HOST_ACCESS, .from_node = true);
	packet = flow_packet(&flows[0], RF_EGRESS, TCP_SYN_ACK);
	passes_with_class(programs, RF_EGRESS, &packet, 0, 0);
	assert_int_equal(programs->output.priority, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(each_packet_of_the_flow_has_the_code_point),
		FIXTURE_TEST(each_packet_of_the_flow_has_the_priority),
		FIXTURE_TEST(both_marks_go_together),
		FIXTURE_TEST(congestion_notification_stays),
		FIXTURE_TEST(the_code_point_zero_is_one_too),
		FIXTURE_TEST(flows_of_other_rules_are_left_alone),
		FIXTURE_TEST(a_new_policy_marks_the_sessions_that_are_there),
		FIXTURE_TEST(packets_that_make_no_session_are_marked),
		FIXTURE_TEST(the_nodes_own_flow_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
