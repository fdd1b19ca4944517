// SPDX-License-Identifier: Apache-2.0
/* When `fragments` is nearly full, packets of connections that are at work are remembered first. */
#include "test/lib/census.h"
#include "test/lib/fixture.h"
#include "test/lib/fragment.h"

#define FRAGMENTS 1024 /* of the fixture */
#define FLOOD     4000 /* more than that, and soon over: a fragment counts for half a minute */

static const struct flow connection = {POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};
static const struct flow datagrams = {POD_4, 53, PEER_4, 40000, IPPROTO_UDP, 0};

/* A fragment of packet number @id of the flow; the first one if @offset is 0. */
static struct packet_spec fragment_of(const struct flow *flow, uint32_t id, uint16_t offset)
{
	struct packet_spec packet = fragment_packet(flow, RF_INGRESS, offset, !offset);

	packet.fragment_id = id;
	return packet;
}

/* First fragments of as many packets as it takes. */
static void flood(struct programs *programs, uint32_t packets)
{
	for (uint32_t id = 1; id <= packets; id++) {
		const struct packet_spec first = fragment_of(&datagrams, id, 0);

		assert_true(programs_pass(programs, RF_INGRESS, &first, PROGRAMS_FORWARDED));
	}
}

static void assert_remembered(struct programs *programs, const struct flow *flow, uint32_t id,
			      bool expected)
{
	const struct packet_spec first = fragment_of(flow, id, 0);
	const struct packet_spec later = fragment_of(flow, id, FRAGMENT_SIZE);

	assert_verdict(programs, RF_INGRESS, &first, SESSION);
	if (expected)
		assert_verdict(programs, RF_INGRESS, &later, SESSION);
	else
		assert_verdict(programs, RF_INGRESS, &later, FRAGMENT);
}

static void a_flood_of_first_fragments_pushes_out_none_of_a_connection(void **state)
{
	struct programs *programs = *state;
	uint32_t critical = FRAGMENTS * RF_PRESSURE_CRITICAL_PERCENT / 100 + 1;

	assert_handshake(programs, &connection, RF_INGRESS, DEFAULT_ALLOW);
	flood(programs, critical - 1);
	assert_remembered(programs, &datagrams, 5000, true);
	/* From here on only connections are. */
	assert_int_equal(census_counted(programs, RF_CENSUS_FRAGMENTS), critical);
	assert_remembered(programs, &connection, 5001, true);
	assert_remembered(programs, &datagrams, 5002, false);
	flood(programs, FLOOD);
	assert_remembered(programs, &connection, 5003, true);
	assert_int_equal(census_counted(programs, RF_CENSUS_FRAGMENTS), critical + 2);
	/* When their time is over there is room again. */
	census_pass(programs, census_slices(30) + 2);
	assert_flow(programs, &datagrams, RF_INGRESS, 0, DEFAULT_ALLOW);
	assert_remembered(programs, &datagrams, 5004, true);
}

static void a_first_fragment_that_comes_again_is_counted_once_and_anew(void **state)
{
	const struct packet_spec first = fragment_of(&datagrams, 1, 0);
	struct programs *programs = *state;

	assert_verdict(programs, RF_INGRESS, &first, DEFAULT_ALLOW);
	assert_verdict(programs, RF_INGRESS, &first, SESSION);
	assert_int_equal(census_counted(programs, RF_CENSUS_FRAGMENTS), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_flood_of_first_fragments_pushes_out_none_of_a_connection),
		FIXTURE_TEST(a_first_fragment_that_comes_again_is_counted_once_and_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
