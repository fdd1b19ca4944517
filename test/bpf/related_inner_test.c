// SPDX-License-Identifier: Apache-2.0
/* What an ICMP error carries of the packet that it is about: options, extensions, fragments, cuts.
 */
#include "test/lib/fixture.h"
#include "test/lib/icmp_error.h"

#define TOO_BIG_4 3
#define TOO_BIG_6 2

static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP};

static int setup(void **state)
{
	int ret = fixture_setup(state);

	programs_set_policy(*state, POD_ID, EGRESS_ONLY);
	return ret;
}

static struct flow flow_over(bool six, uint8_t protocol)
{
	return (struct flow){six ? POD_6 : POD_4, 40000, six ? PEER_6 : PEER_4, 80, protocol, 0};
}

/* The first packet of a flow that the pod opens, to be put into an error. */
static struct packet_spec open_flow(struct programs *programs, const struct flow *flow)
{
	assert_flow(programs, flow, RF_EGRESS, TCP_SYN, DEFAULT_ALLOW);
	return flow_packet(flow, RF_EGRESS, TCP_SYN);
}

static void assert_error(struct programs *programs, const struct packet_spec *cause, size_t length,
			 const struct verdict *expected, int line)
{
	bool six = !IN6_IS_ADDR_V4MAPPED(&cause->source);
	struct icmp_error error;

	icmp_error_about(&error, cause, six ? "2001:db8::1" : "192.0.2.1",
			 six ? TOO_BIG_6 : TOO_BIG_4, length);
	verdict_of_packet(programs, RF_INGRESS, &error.packet, expected, __FILE__, line);
}

#define assert_error_about(programs, cause, length, why)                                           \
	assert_error((programs), (cause), (length), VERDICT(why), __LINE__)

static void eight_bytes_of_the_transport_header_are_enough(void **state)
{
	struct programs *programs = *state;

	for (int six = 0; six < 2; six++)
		for (size_t i = 0; i < sizeof(protocols); i++) {
			const struct flow flow = flow_over(six, protocols[i]);
			const struct packet_spec cause = open_flow(programs, &flow);
			size_t enough = (six ? 40 : 20) + 8;

			for (size_t length = 1; length < enough; length++)
				assert_error_about(programs, &cause, length, DEFAULT_DENY);
			assert_error_about(programs, &cause, enough, RELATED);
		}
}

static void an_error_that_carries_nothing_is_judged_and_one_without_a_header_is_malformed(
	void **state)
{
	struct programs *programs = *state;
	const struct flow flow = flow_over(false, IPPROTO_UDP);
	const struct packet_spec cause = open_flow(programs, &flow);
	uint8_t bytes[PACKET_MAX];
	struct icmp_error error;
	size_t length;

	icmp_error_about(&error, &cause, PEER_4, TOO_BIG_4, 0);
	error.packet.payload_size = 0;
	assert_verdict(programs, RF_INGRESS, &error.packet, DEFAULT_DENY);
	length = packet_build(&error.packet, bytes, sizeof(bytes));
	for (size_t cut = 1; cut <= 8; cut++)
		assert_verdict_of_bytes(programs, RF_INGRESS, bytes, length - cut, MALFORMED);
}

static void options_of_the_inner_packet_are_stepped_over(void **state)
{
	struct programs *programs = *state;
	const struct flow flow = flow_over(false, IPPROTO_UDP);
	struct packet_spec cause = open_flow(programs, &flow);

	for (cause.option_words = 1; cause.option_words <= 10; cause.option_words++) {
		size_t header = 20 + 4 * (size_t)cause.option_words;

		assert_error_about(programs, &cause, header + 7, DEFAULT_DENY);
		assert_error_about(programs, &cause, header + 8, RELATED);
	}
}

static void extension_headers_of_the_inner_packet_are_stepped_over(void **state)
{
	static const uint8_t types[] = {IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_ROUTING,
					IPPROTO_AH, IPPROTO_FRAGMENT};
	struct programs *programs = *state;
	const struct flow flow = flow_over(true, IPPROTO_UDP);
	struct packet_spec cause = open_flow(programs, &flow), all = cause;
	size_t header = 40;

	for (size_t i = 0; i < sizeof(types); i++) {
		cause.extensions[0] = types[i];
		cause.extension_count = 1;
		assert_error_about(programs, &cause, 0, RELATED);
		all.extensions[all.extension_count++] = types[i];
		header += types[i] == IPPROTO_AH ? 24 : 8;
	}
	for (size_t length = 40; length < header + 8; length++)
		assert_error_about(programs, &all, length, DEFAULT_DENY);
	assert_error_about(programs, &all, header + 8, RELATED);
}

static void more_extension_headers_than_a_packet_may_have_are_not_stepped_over(void **state)
{
	struct programs *programs = *state;
	const struct flow flow = flow_over(true, IPPROTO_UDP);
	struct packet_spec cause = open_flow(programs, &flow);

	while (cause.extension_count < 6)
		cause.extensions[cause.extension_count++] = IPPROTO_DSTOPTS;
	assert_error_about(programs, &cause, 0, RELATED);
	cause.extensions[cause.extension_count++] = IPPROTO_DSTOPTS;
	assert_error_about(programs, &cause, 0, DEFAULT_DENY);
}

static void a_first_fragment_has_ports_and_a_later_one_has_not(void **state)
{
	struct programs *programs = *state;

	for (int six = 0; six < 2; six++) {
		const struct flow flow = flow_over(six, IPPROTO_UDP);
		struct packet_spec cause = open_flow(programs, &flow);

		cause.more_fragments = true;
		assert_error_about(programs, &cause, 0, RELATED);
		/* What stands there would be the right ports. */
		cause.fragment_offset = 8;
		cause.payload = "\x9c\x40\x00\x50\x00\x08\x00\x00";
		cause.payload_size = 8;
		assert_error_about(programs, &cause, 0, DEFAULT_DENY);
		cause.more_fragments = false;
		assert_error_about(programs, &cause, 0, DEFAULT_DENY);
	}
}

/* Of the other family, or of none. */
static void an_inner_header_of_a_wrong_version_is_not_related(void **state)
{
	struct programs *programs = *state;

	for (int six = 0; six < 2; six++) {
		const struct flow flow = flow_over(six, IPPROTO_UDP);
		const struct packet_spec cause = open_flow(programs, &flow);

		for (unsigned int version = 0; version < 16; version++) {
			struct icmp_error error;

			icmp_error_about(&error, &cause, six ? PEER_6 : PEER_4,
					 six ? TOO_BIG_6 : TOO_BIG_4, 0);
			error.inner[0] = (uint8_t)(version << 4 | (error.inner[0] & 0xf));
			if (version == (six ? 6 : 4))
				assert_verdict(programs, RF_INGRESS, &error.packet, RELATED);
			else
				assert_verdict(programs, RF_INGRESS, &error.packet, DEFAULT_DENY);
		}
	}
}

static void a_header_length_that_is_too_short_is_not_related(void **state)
{
	struct programs *programs = *state;
	const struct flow flow = flow_over(false, IPPROTO_UDP);
	const struct packet_spec cause = open_flow(programs, &flow);
	struct icmp_error error;

	icmp_error_about(&error, &cause, PEER_4, TOO_BIG_4, 0);
	for (uint8_t words = 0; words < 5; words++) {
		error.inner[0] = 4 << 4 | words;
		assert_verdict(programs, RF_INGRESS, &error.packet, DEFAULT_DENY);
	}
}

/* Nobody answers an error by one (RFC 1122, 3.2.2). */
static void an_error_about_an_error_is_not_related(void **state)
{
	struct programs *programs = *state;

	for (int six = 0; six < 2; six++) {
		const struct flow flow = flow_over(six, IPPROTO_UDP);
		const struct packet_spec cause = flow_packet(&flow, RF_INGRESS, 0);
		struct icmp_error error;

		open_flow(programs, &flow);
		icmp_error_about(&error, &cause, flow.pod, six ? TOO_BIG_6 : TOO_BIG_4, 0);
		assert_verdict(programs, RF_EGRESS, &error.packet, RELATED);
		assert_error_about(programs, &error.packet, 0, DEFAULT_DENY);
	}
}

#define INNER_TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		INNER_TEST(eight_bytes_of_the_transport_header_are_enough),
		INNER_TEST(
			an_error_that_carries_nothing_is_judged_and_one_without_a_header_is_malformed),
		INNER_TEST(options_of_the_inner_packet_are_stepped_over),
		INNER_TEST(extension_headers_of_the_inner_packet_are_stepped_over),
		INNER_TEST(more_extension_headers_than_a_packet_may_have_are_not_stepped_over),
		INNER_TEST(a_first_fragment_has_ports_and_a_later_one_has_not),
		INNER_TEST(an_inner_header_of_a_wrong_version_is_not_related),
		INNER_TEST(a_header_length_that_is_too_short_is_not_related),
		INNER_TEST(an_error_about_an_error_is_not_related),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
