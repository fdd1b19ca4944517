// SPDX-License-Identifier: Apache-2.0
/* Counters, where they are more than one packet's. */
#include "dataplane/counters.h"
#include "test/lib/fixture.h"

static const struct flow flow = {POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0};

static void counters_are_of_each_direction(void **state)
{
	struct programs *programs = *state;
	struct rf_pod_counters counters;

	assert_handshake(programs, &flow, RF_INGRESS, DEFAULT_ALLOW);
	assert_flow(programs, &flow, RF_INGRESS, TCP_ACK, SESSION);
	assert_int_equal(rf_counters_read(&programs->objects, POD_ID, &counters), 0);
	assert_int_equal(counters.count[RF_INGRESS][RF_REASON_DEFAULT_ALLOW].packets, 1);
	assert_int_equal(counters.count[RF_INGRESS][RF_REASON_SESSION].packets, 2);
	assert_int_equal(counters.count[RF_EGRESS][RF_REASON_SESSION].packets, 1);
	assert_int_equal(counters.count[RF_EGRESS][RF_REASON_DEFAULT_ALLOW].packets, 0);
	assert_int_equal(counters.count[RF_INGRESS][RF_REASON_SESSION].bytes,
			 2 * (14 + 20 + 20 + 32));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(counters_are_of_each_direction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
