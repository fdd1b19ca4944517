// SPDX-License-Identifier: Apache-2.0
/* A pod that is published again, with other limits or the same. What is used up remains so, however
 * long a test is held up. */
#include "dataplane/pod.h"
#include "dataplane/treatment.h"
#include "test/lib/bucket.h"
#include "test/lib/fixture.h"

#define BURST   20
#define AT_MOST 200 /* packets until a bucket of 72 KiB is empty */

static void publish(struct programs *programs, const struct rf_treatment *treatment)
{
	const struct rf_pod_state settings = {.flags = rf_treatment_flags(treatment)};
	const struct rf_record record = {
		.pod_id = POD_ID,
		.policy_id = RF_POLICY_ID(programs->objects.pod_state[POD_ID].policy),
		.treatment = *treatment,
		.point = {.ifindex = PROGRAMS_IFINDEX},
	};
	struct rf_error error = {};

	assert_int_equal(rf_pod_publish(&programs->objects, &record, &settings, &error), 0);
}

static const struct rf_treatment few_flows = {
	.limits = {.new_flows_per_second = 1, .new_flows_burst = BURST},
};

static struct flow numbered(uint16_t number)
{
	return (struct flow){POD_4, 80, PEER_4, 40000 + number, IPPROTO_TCP, 0};
}

static void begin(struct programs *programs, uint16_t number, enum rf_reason reason)
{
	const struct verdict expected = {.reason = reason};
	const struct flow flow = numbered(number);

	fixture_flow(programs, &flow, RF_INGRESS, TCP_SYN, &expected, __FILE__, __LINE__);
}

static void use_up_flows(struct programs *programs)
{
	publish(programs, &few_flows);
	for (uint16_t i = 0; i < BURST; i++)
		begin(programs, i, RF_REASON_DEFAULT_ALLOW);
	bucket_stop_filling(programs, RF_BUCKET(POD_ID, RF_BUCKET_NEW_FLOWS));
	begin(programs, BURST, RF_REASON_NEW_FLOW_RATE);
}

static void a_higher_rate_of_new_flows_does_not_wait_for_what_the_lower_one_owes(void **state)
{
	const struct rf_treatment many_flows = {
		.limits = {.new_flows_per_second = 1000, .new_flows_burst = 1},
	};
	struct programs *programs = *state;

	use_up_flows(programs);
	publish(programs, &many_flows);
	begin(programs, BURST, RF_REASON_DEFAULT_ALLOW);
}

static void the_same_limits_again_give_nothing_more(void **state)
{
	struct programs *programs = *state;

	use_up_flows(programs);
	publish(programs, &few_flows);
	begin(programs, BURST, RF_REASON_NEW_FLOW_RATE);
}

/* A packet of 1,400 bytes; false if it is beyond the rate. */
static bool passes(struct programs *programs, enum rf_direction direction)
{
	const struct flow flow = numbered(0);
	struct packet_spec packet = flow_packet(&flow, direction, TCP_ACK);

	packet.payload_size = 1400;
	return programs_pass(programs, direction, &packet, PROGRAMS_FORWARDED);
}

static void a_higher_bandwidth_does_not_wait_for_what_the_lower_one_owes(void **state)
{
	const struct rf_treatment slow = {
		.bandwidth = {.ingress_rate = 8, .egress_rate = 8},
	};
	const struct rf_treatment fast = {
		.bandwidth = {.ingress_rate = 1000000000, .egress_rate = 1000000000},
	};
	struct programs *programs = *state;

	publish(programs, &slow);
	for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
		int passed = 0;

		while (passed < AT_MOST && passes(programs, direction))
			passed++;
		assert_in_range(passed, 1, AT_MOST - 1);
		bucket_stop_filling(programs, RF_BUCKET(POD_ID, direction));
		assert_false(passes(programs, direction));
	}
	publish(programs, &fast);
	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		assert_true(passes(programs, direction));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_higher_rate_of_new_flows_does_not_wait_for_what_the_lower_one_owes),
		FIXTURE_TEST(the_same_limits_again_give_nothing_more),
		FIXTURE_TEST(a_higher_bandwidth_does_not_wait_for_what_the_lower_one_owes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
