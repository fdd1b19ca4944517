// SPDX-License-Identifier: Apache-2.0
/* How many names of policies a command keeps that asks for days, as monitor does. */
#include "ctl/policy/policy_names.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define PODS 4

/* Of no set of maps on this host: each policy is one that is there no longer. */
static struct rf_objects maps_without_policies(struct rf_pod_state *pods)
{
	struct rf_objects objects = RF_OBJECTS_NONE;

	objects.set = UINT32_MAX;
	objects.max_entries[RF_MAP_POD_STATE] = PODS;
	objects.pod_state = pods;
	return objects;
}

static void names_of_policies_that_no_pod_has_are_forgotten(void **state)
{
	struct rf_pod_state pods[PODS] = {};
	const struct rf_objects objects = maps_without_policies(pods);
	struct policy_names names = {};

	(void)state;
	for (uint32_t id = 1; id <= 2 * POLICY_NAMES_KEPT; id++) {
		assert_non_null(policy_names_find(&names, &objects, id));
		assert_true(names.count <= POLICY_NAMES_KEPT);
	}
	policy_names_free(&names);
}

static void names_of_policies_that_pods_have_are_kept(void **state)
{
	struct rf_pod_state pods[PODS] = {};
	const struct rf_objects objects = maps_without_policies(pods);
	struct policy_names names = {};

	(void)state;
	pods[1].policy = 7ull << 32;
	pods[3].policy = (uint64_t)POLICY_NAMES_KEPT << 32;
	for (uint32_t id = 1; id <= POLICY_NAMES_KEPT; id++)
		assert_non_null(policy_names_find(&names, &objects, id));
	assert_int_equal(names.count, POLICY_NAMES_KEPT);
	policy_names_find(&names, &objects, POLICY_NAMES_KEPT + 1);
	assert_int_equal(names.count, 3);
	/* They are there still, and in order: nothing is read twice. */
	policy_names_find(&names, &objects, 7);
	policy_names_find(&names, &objects, POLICY_NAMES_KEPT);
	policy_names_find(&names, &objects, POLICY_NAMES_KEPT + 1);
	assert_int_equal(names.count, 3);
	policy_names_free(&names);
}

static void there_is_no_policy_0(void **state)
{
	struct rf_pod_state pods[PODS] = {};
	const struct rf_objects objects = maps_without_policies(pods);
	struct policy_names names = {};

	(void)state;
	assert_null(policy_names_find(&names, &objects, 0));
	assert_int_equal(names.count, 0);
	policy_names_free(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_policies_that_no_pod_has_are_forgotten),
		cmocka_unit_test(names_of_policies_that_pods_have_are_kept),
		cmocka_unit_test(there_is_no_policy_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
