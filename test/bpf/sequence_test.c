/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random sequences of packets, waits, policies and modes: programs and model
 * (test/lib/path_model.h) must agree on each packet. A difference prints the shortest sequence that
 * shows it.
 *
 * RINGFENCE_SEQUENCES: how many; RINGFENCE_SEED: repeats a run.
 */
#include "test/lib/random_scenario.h"
#include "test/lib/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SEQUENCES_WHEN_ABSENT 3000

static int setup(void **state)
{
	*state = replay_load();
	return 0;
}

static int teardown(void **state)
{
	programs_free(*state);
	return 0;
}

static void programs_do_what_the_model_says_in_any_order(void **state)
{
	static const enum rf_reason reasons[] = {
		RF_REASON_SESSION,       RF_REASON_RULE_ALLOW,    RF_REASON_RULE_DENY,
		RF_REASON_DEFAULT_ALLOW, RF_REASON_DEFAULT_DENY,  RF_REASON_HOST_ACCESS,
		RF_REASON_FRAGMENT,      RF_REASON_RELATED,       RF_REASON_TCP_STATE,
		RF_REASON_SPOOFED,       RF_REASON_NOT_FOR_POD,   RF_REASON_MALFORMED,
		RF_REASON_RULE_REJECT,   RF_REASON_SESSION_LIMIT, RF_REASON_PINHOLE_ALLOW,
		RF_REASON_PINHOLE_DENY,
	};
	const char *text = getenv("RINGFENCE_SEQUENCES");
	uint64_t sequences = text ? strtoull(text, NULL, 0) : SEQUENCES_WHEN_ABSENT;
	struct prng prng = prng_from_environment();
	struct programs *programs = *state;
	struct replay_tally tally = {};

	for (uint64_t i = 0; i < sequences; i++) {
		struct scenario scenario;
		bool agrees;

		random_scenario(&prng, &scenario);
		agrees = replay_agrees(programs, &scenario, 0, &tally);
		scenario_free(&scenario);
		if (!agrees)
			fail_msg("the programs differ from the model; the seed is above");
	}
	/* A machine that stands still for a second is an excuse, but not for many. */
	assert_true(tally.unrepeated <= sequences / 1000);
	/* A comparison in which one answer hardly comes up would prove little. */
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		print_message("# reason %d: %llu of %llu packets\n", reasons[i],
			      (unsigned long long)tally.reasons[reasons[i]],
			      (unsigned long long)tally.packets);
		if (sequences >= SEQUENCES_WHEN_ABSENT)
			assert_true(tally.reasons[reasons[i]] > tally.packets / 1000);
	}
}

/* The tuple of a UDP flow that the peer opens. */
static struct scenario_step datagram(enum rf_direction direction)
{
	return (struct scenario_step){
		.kind = SCENARIO_PACKET,
		.packet = {.tuple = {.direction = direction,
				     .protocol = IPPROTO_UDP,
				     .pod_port = 53,
				     .peer_port = 40000}},
	};
}

/* A model that is wrong by intent: datagram flows that are answered live for 100 seconds only. */
static void a_difference_is_shown_by_the_shortest_sequence(void **state)
{
	const struct scenario_step wait = {.kind = SCENARIO_WAIT, .tenths = 1111};
	const struct scenario_step audit = {.kind = SCENARIO_AUDIT};
	struct scenario scenario = {};

	for (int i = 0; i < 4; i++) {
		scenario.steps[scenario.count++] = datagram(RF_INGRESS);
		scenario.steps[scenario.count++] = audit;
		scenario.steps[scenario.count++] = datagram(RF_EGRESS);
	}
	scenario.steps[scenario.count++] = wait;
	scenario.steps[scenario.count++] = audit;
	scenario.steps[scenario.count++] = datagram(RF_INGRESS);
	assert_true(replay_agrees(*state, &scenario, 0, NULL));
	assert_false(replay_agrees(*state, &scenario, 100, NULL));
	/* One packet each way, the wait, and the packet of whose fate they disagree. */
	assert_int_equal(scenario.count, 4);
	assert_int_equal(scenario.steps[2].kind, SCENARIO_WAIT);
	assert_int_equal(scenario.steps[3].kind, SCENARIO_PACKET);
	scenario_free(&scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_do_what_the_model_says_in_any_order),
		cmocka_unit_test(a_difference_is_shown_by_the_shortest_sequence),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
