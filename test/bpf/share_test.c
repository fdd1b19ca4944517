// SPDX-License-Identifier: Apache-2.0
/* Policies that share classes: what is written for one beside others, and what goes with one. */
#include "dataplane/policy/store.h"
#include "netconf/cleanup.h"
#include "test/lib/random_policy.h"
#include "test/lib/run_directory.h"
#include "test/lib/share.h"

#include <errno.h>
#include <string.h>

static void only_the_class_of_a_rule_that_changed_is_written(void **state)
{
	const struct share *share = *state;
	struct prng prng = prng_from_environment();
	struct rf_policy before, after;
	size_t services;
	uint32_t id;

	share_make_policy(&before, 50, SHARE_NONE);
	share_make_policy(&after, 50, 20);
	share_take(share, SHARE_POD, &before);
	services = share_count(share, RF_MAP_SERVICES);
	/* A class each, of the block 80-81, and the common ones: UDP and default, default. */
	assert_int_equal(services, share->services + 50 + 3);
	id = share_take(share, SHARE_POD, &after);
	assert_int_equal(share_count(share, RF_MAP_SERVICES), services + 1);
	share_assert_agrees(share, &after, &prng);
	share_sweep(share);
	assert_int_equal(share_count(share, RF_MAP_SERVICES), services);
	share_assert_in_force(share, id);
	share_assert_agrees(share, &after, &prng);
	share_judge_under(share, SHARE_POD, 0);
	share_sweep(share);
	share_assert_nothing_left(share);
	rf_policy_free(&before);
	rf_policy_free(&after);
}

/* Each pair has most of its rules in common, in random shapes. */
static void what_stays_of_two_random_policies_is_what_the_other_has(void **state)
{
	const struct share *share = *state;
	struct prng prng = prng_from_environment();

	for (int i = 0; i < 60; i++) {
		struct rf_policy before, after, *first, *second;
		struct prng same = prng;
		size_t direction;
		uint32_t id;

		random_policy(&prng, &before);
		random_policy(&same, &after);
		first = i % 2 ? &after : &before;
		second = i % 2 ? &before : &after;
		direction = after.ingress.rule_count ? 0 : 1;
		if (!after.ingress.rule_count && !after.egress.rule_count) {
			rf_policy_free(&before);
			rf_policy_free(&after);
			continue;
		}
		(direction ? after.egress : after.ingress).rules[0].priority ^= 1;
		share_take(share, SHARE_POD + 1, first);
		id = share_take(share, SHARE_POD, second);
		share_judge_under(share, SHARE_POD + 1, 0);
		share_sweep(share);
		share_assert_in_force(share, id);
		share_assert_agrees(share, second, &prng);
		share_judge_under(share, SHARE_POD, 0);
		share_sweep(share);
		share_assert_nothing_left(share);
		rf_policy_free(&before);
		rf_policy_free(&after);
	}
}

#define MANY 100

static void a_hundred_policies_share_what_they_have_alike(void **state)
{
	const struct share *share = *state;
	struct prng prng = prng_from_environment();
	struct rf_policy policies[MANY];
	uint32_t ids[MANY], order[MANY];

	for (uint32_t i = 0; i < MANY; i++) {
		share_make_policy(&policies[i], MANY, i);
		ids[i] = share_take(share, SHARE_POD + 1 + i, &policies[i]);
		order[i] = i;
	}
	/* The denying and the allowing class of each prefix, and the common ones. */
	assert_int_equal(share_count(share, RF_MAP_SERVICES),
			 share->services + (size_t)2 * MANY + 3);
	for (uint32_t left = MANY; left; left--) {
		uint32_t choice = prng_below(&prng, left), gone = order[choice];

		order[choice] = order[left - 1];
		share_judge_under(share, SHARE_POD + 1 + gone, 0);
		share_sweep(share);
		if (left == 1)
			break;
		share_assert_in_force(share, ids[order[prng_below(&prng, left - 1)]]);
		if (left % 10)
			continue;
		gone = order[prng_below(&prng, left - 1)];
		share_judge_under(share, SHARE_POD, ids[gone]);
		share_assert_agrees(share, &policies[gone], &prng);
		share_judge_under(share, SHARE_POD, 0);
	}
	share_assert_nothing_left(share);
	for (uint32_t i = 0; i < MANY; i++)
		rf_policy_free(&policies[i]);
}

/* As a reload does, whose pods come one after the other, and may go meanwhile. */
static void a_plan_is_settled_again_when_its_policy_went(void **state)
{
	const struct share *share = *state;
	struct prng prng = prng_from_environment();
	_cleanup_plan_ struct rf_policy_plan plan = {};
	struct rf_error error = {};
	struct rf_policy policy;
	uint32_t first;

	share_make_policy(&policy, 3, SHARE_NONE);
	assert_int_equal(rf_policy_prepare(share->objects, &policy, &plan, &error), 0);
	assert_int_equal(rf_policy_settle(share->objects, &policy, &plan, &error), 0);
	assert_int_equal(rf_policy_realise(share->objects, &plan, &error), 0);
	first = plan.id;
	/* The second pod finds the policy, the third one finds it gone. */
	assert_int_equal(rf_policy_settle(share->objects, &policy, &plan, &error), 0);
	assert_false(plan.is_new);
	share_sweep(share);
	share_assert_nothing_left(share);
	assert_int_equal(rf_policy_settle(share->objects, &policy, &plan, &error), 0);
	assert_int_equal(rf_policy_realise(share->objects, &plan, &error), 0);
	assert_int_not_equal(plan.id, first);
	share_judge_under(share, SHARE_POD, plan.id);
	share_assert_in_force(share, plan.id);
	share_assert_agrees(share, &policy, &prng);
	share_judge_under(share, SHARE_POD, 0);
	share_sweep(share);
	share_assert_nothing_left(share);
	rf_policy_free(&policy);
}

/* Only what must be written counts against the maps. */
static void a_change_fits_where_the_policy_would_not_fit_twice(void **state)
{
	const struct rf_map_sizes sizes = {
		.sessions = 1024, .half_open = 1024, .services = 60, .peers = 1024};
	struct share *share = share_begin(&sizes);
	struct rf_policy before, after, another;
	struct rf_error error = {};
	uint32_t id;

	share_make_policy(&before, 40, SHARE_NONE);
	share_make_policy(&after, 40, 3);
	share_make_policy(&another, 39, SHARE_NONE);
	for (size_t i = 0; i < 39; i++)
		another.ingress.rules[i].priority++;
	share_take(share, SHARE_POD, &before);
	share_take(share, SHARE_POD, &after);
	assert_int_equal(share_realise(share, &another, &id, &error), -ENOSPC);
	assert_int_equal(error.code, RF_CODE_MAP_FULL);
	/* The rules' classes and the common class with another rule's id; the default is shared. */
	assert_non_null(strstr(error.message, "the policy needs 41 entries"));
	share_sweep(share);
	assert_int_equal(share_count(share, RF_MAP_SERVICES), share->services + 43);
	share_judge_under(share, SHARE_POD, 0);
	share_sweep(share);
	share_assert_nothing_left(share);
	share_end(share);
	rf_policy_free(&before);
	rf_policy_free(&after);
	rf_policy_free(&another);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHARE_TEST(only_the_class_of_a_rule_that_changed_is_written),
		SHARE_TEST(what_stays_of_two_random_policies_is_what_the_other_has),
		SHARE_TEST(a_hundred_policies_share_what_they_have_alike),
		SHARE_TEST(a_plan_is_settled_again_when_its_policy_went),
		cmocka_unit_test(a_change_fits_where_the_policy_would_not_fit_twice),
	};

	run_directory_own();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
