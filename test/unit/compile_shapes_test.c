// SPDX-License-Identifier: Apache-2.0
/*
 * Shapes of policies that explode where rules are folded naively: each has the entries that follow
 * from its shape, and means what the model says; or is refused at once, with the number that it
 * needs.
 */
#include "test/lib/ask.h"
#include "test/lib/compiled.h"
#include "test/lib/random_policy.h"
#include "test/lib/shapes.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PROBES 100

static const struct rf_compile_limits defaults = {RF_PEERS_DEFAULT, RF_SERVICES_DEFAULT};

static void compare(const struct rf_policy *policy, const struct rf_compiled *compiled,
		    struct prng *prng)
{
	for (int i = 0; i < PROBES; i++) {
		struct policy_question question = random_question(prng, policy);
		struct policy_answer expected = policy_model(policy, &question);
		struct policy_answer found = compiled_answer(compiled, &question);
		char text[POLICY_QUESTION_TEXT];

		if (!ask_is_same(&found, &expected))
			fail_msg("%s: rule %u, the model says %u",
				 policy_question_format(&question, text), found.rule,
				 expected.rule);
	}
}

static void what_fits_has_as_many_entries_as_the_shape_says(void **state)
{
	struct prng prng = prng_from_environment();

	(void)state;
	for (size_t i = 0; i < SHAPES_FITTING; i++) {
		const struct shape *shape = &shapes_fitting[i];
		struct rf_compiled compiled;
		struct rf_error error = {};
		struct rf_policy policy;

		shape->make(&policy);
		if (rf_compile(&policy, &defaults, &compiled, &error))
			fail_msg("%s: %s", shape->name, error.message);
		printf("# %s: %zu peers, %zu services\n", shape->name, compiled.peer_count,
		       compiled.service_count);
		assert_int_equal(compiled.peer_count, shape->peers);
		assert_int_equal(compiled.service_count, shape->services);
		compare(&policy, &compiled, &prng);
		rf_compiled_free(&compiled);
		rf_policy_free(&policy);
	}
}

/* The number is what it takes: with as many entries it fits, with one less it does not. */
static void assert_fits_just(const struct rf_policy *policy, size_t peers, size_t services)
{
	struct rf_compiled compiled;

	assert_int_equal(rf_compile(policy, &(struct rf_compile_limits){peers, services - 1},
				    &compiled, NULL),
			 -ENOSPC);
	assert_int_equal(
		rf_compile(policy, &(struct rf_compile_limits){peers, services}, &compiled, NULL),
		0);
	assert_int_equal(compiled.peer_count, peers);
	rf_compiled_free(&compiled);
}

static void what_does_not_fit_is_refused_with_the_number_that_it_needs(void **state)
{
	(void)state;
	for (size_t i = 0; i < SHAPES_TOO_MUCH; i++) {
		const struct shape *shape = &shapes_too_much[i];
		struct rf_compiled compiled;
		struct rf_error error = {};
		struct rf_policy policy;
		char expected[128];

		shape->make(&policy);
		assert_int_equal(rf_compile(&policy, &defaults, &compiled, &error), -ENOSPC);
		printf("# %s: %s\n", shape->name, error.message);
		assert_int_equal(error.code, RF_CODE_MAP_FULL);
		assert_non_null(strstr(error.details, "maps.services"));
		if (shape->is_beyond_count) {
			assert_non_null(strstr(error.message, "the policy needs more than "));
		} else {
			snprintf(expected, sizeof(expected),
				 "the policy needs %zu entries in services, the map holds %d "
				 "(maps.services)",
				 shape->services, RF_SERVICES_DEFAULT);
			assert_string_equal(error.message, expected);
			assert_fits_just(&policy, shape->peers, shape->services);
		}
		rf_policy_free(&policy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_has_as_many_entries_as_the_shape_says),
		cmocka_unit_test(what_does_not_fit_is_refused_with_the_number_that_it_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
