/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiler and programs against the model: random policies are written into the maps, random
 * packets are put through the programs, and verdict, counted reason, rule and what else the rule
 * asks for must be what the model says.
 *
 * RINGFENCE_PAIRS: how many pairs of policy and packet; RINGFENCE_SEED: repeats a run.
 */
#include "dataplane/policy/entries.h"
#include "netconf/cleanup.h"
#include "test/lib/ask.h"
#include "test/lib/random_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define PAIRS_WHEN_ABSENT 200000
#define PACKETS           100 /* for each policy */
#define POD               1

/* What came up. */
struct tally {
	uint64_t answers[RF_REASON_COUNT];
	uint64_t rules;
};

static int setup(void **state)
{
	static const char *const addresses[] = {ASK_POD_4, ASK_POD_6, NULL};
	/* No flow is answered here, and none outlives its packet. */
	const struct rf_map_sizes sizes = {.sessions = 1024, .half_open = 4096};
	struct programs *programs = programs_load(&sizes);

	programs_add_pod(programs, POD, addresses, RF_POD_ANTI_SPOOF, "{}");
	*state = programs;
	return 0;
}

static int teardown(void **state)
{
	programs_free(*state);
	return 0;
}

static void explain(const struct rf_policy *policy)
{
	_cleanup_json_ cJSON *json = rf_policy_to_json(policy);
	char *text = json ? cJSON_Print(json) : NULL;

	print_error("%s\n", text ? text : "(no text of the policy)");
	cJSON_free(text);
}

static void compare_policy(struct programs *programs, struct prng *prng, struct tally *tally)
{
	const struct rf_compile_limits limits = {RF_PEERS_DEFAULT, RF_SERVICES_DEFAULT};
	struct rf_compiled compiled = {};
	struct rf_policy policy;
	struct rf_policy_image image;

	random_policy(prng, &policy);
	assert_int_equal(rf_compile(&policy, &limits, &compiled, NULL), 0);
	programs_set_compiled(programs, POD, &compiled, &image);
	for (uint16_t number = 1; number <= PACKETS; number++) {
		struct policy_question question = random_question(prng, &policy);
		struct policy_answer answer;

		if (!ask_agrees(programs, POD, &policy, &question, number, &answer)) {
			explain(&policy);
			fail_msg("the programs differ from the model; the seed is above");
		}
		tally->answers[answer.reason]++;
		tally->rules += answer.rule != 0;
	}
	assert_int_equal(rf_policy_entries_remove(&programs->objects, &image, NULL, NULL), 0);
	rf_policy_image_free(&image);
	rf_compiled_free(&compiled);
	rf_policy_free(&policy);
}

static void programs_do_what_the_model_says(void **state)
{
	static const enum rf_reason reasons[] = {RF_REASON_RULE_ALLOW, RF_REASON_RULE_DENY,
						 RF_REASON_RULE_REJECT, RF_REASON_DEFAULT_ALLOW,
						 RF_REASON_DEFAULT_DENY};
	const char *text = getenv("RINGFENCE_PAIRS");
	uint64_t pairs = text ? strtoull(text, NULL, 0) : PAIRS_WHEN_ABSENT;
	struct prng prng = prng_from_environment();
	struct programs *programs = *state;
	struct tally tally = {0};

	for (uint64_t done = 0; done < pairs; done += PACKETS)
		compare_policy(programs, &prng, &tally);
	/* A comparison in which one answer hardly comes up would prove little. */
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		printf("# reason %d: %llu packets\n", reasons[i],
		       (unsigned long long)tally.answers[reasons[i]]);
		if (pairs >= PAIRS_WHEN_ABSENT)
			assert_true(tally.answers[reasons[i]] > pairs / 50);
	}
	printf("# %llu rules compared\n", (unsigned long long)tally.rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_do_what_the_model_says),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
