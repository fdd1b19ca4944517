// SPDX-License-Identifier: Apache-2.0
/* Which policy a pod is under, while it comes and goes. */
#include "ctl/policy/policy_pods.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define POD_ID      2
#define OWNER       7
#define INCARNATION 5
#define POLICY      9

static char namespace[] = "default", name[] = "web", network[] = "net", container[] = "web",
	    interface[] = "eth0", called[] = "default/web";

struct node {
	struct rf_pod_state states[POD_ID + 1];
	struct rf_objects objects;
	struct pod pod;
	struct pods pods;
};

/* Of no set of maps on this host, so that no policy has a file. */
static void make_node(struct node *node)
{
	*node = (struct node){.objects = RF_OBJECTS_NONE};
	node->states[POD_ID] = (struct rf_pod_state){
		.policy = RF_POLICY_WORD(POLICY, 1), .owner = OWNER, .incarnation = INCARNATION};
	node->objects.set = UINT32_MAX;
	node->objects.max_entries[RF_MAP_POD_STATE] = POD_ID + 1;
	node->objects.pod_state = node->states;
	node->pod = (struct pod){
		.record = {.network = network,
			   .container = container,
			   .interface = interface,
			   .pod_namespace = namespace,
			   .pod_name = name,
			   .pod_id = POD_ID,
			   .incarnation = INCARNATION,
			   .point = {.owner = OWNER}},
		.name = called,
		.is_loaded = true,
	};
	node->pods = (struct pods){.objects = &node->objects, .items = &node->pod, .count = 1};
}

static void a_pod_has_the_policy_that_the_maps_have_for_it(void **state)
{
	struct rf_error error = {};
	uint32_t policy = 0;
	struct node node;

	(void)state;
	make_node(&node);
	assert_int_equal(policy_of_pod(&node.pods, called, &policy, &error), 0);
	assert_int_equal(policy, POLICY);
}

/* 0 would be all policies to who asks. */
static void check_under_none(const struct rf_pod_state *pod_state)
{
	struct rf_error error = {};
	uint32_t policy;
	struct node node;

	make_node(&node);
	node.states[POD_ID] = *pod_state;
	assert_int_equal(policy_of_pod(&node.pods, called, &policy, &error), -ENOENT);
	assert_int_equal(error.code, RF_CODE_NOT_IN_FORCE);
	assert_non_null(strstr(error.message, called));
}

static void a_pod_whose_add_or_del_was_interrupted_is_under_no_policy(void **state)
{
	const struct rf_pod_state claimed = {.owner = OWNER, .incarnation = INCARNATION};

	(void)state;
	check_under_none(&claimed);
}

static void a_pod_that_has_gone_is_not_under_the_policy_of_who_has_its_id(void **state)
{
	const struct rf_pod_state none = {}, other = {.policy = RF_POLICY_WORD(POLICY + 1, 2),
						      .owner = OWNER + 1,
						      .incarnation = INCARNATION + 1};

	(void)state;
	check_under_none(&none);
	check_under_none(&other);
}

static void a_pod_is_there_as_long_as_the_maps_have_that_use_of_its_id(void **state)
{
	struct node node;

	(void)state;
	make_node(&node);
	assert_true(pods_is_there(&node.pods, &node.pod));
	node.states[POD_ID].incarnation++;
	assert_false(pods_is_there(&node.pods, &node.pod));
	node.states[POD_ID] = (struct rf_pod_state){};
	assert_false(pods_is_there(&node.pods, &node.pod));
}

static int never(const struct policy_in_use *in_use, const struct rf_policy *policy,
		 struct rf_error *error, void *context)
{
	(void)in_use, (void)policy, (void)error, (void)context;
	fail();
	return 0;
}

static void a_policy_in_force_whose_file_is_gone_is_a_failure(void **state)
{
	struct rf_error error = {};
	struct node node;

	(void)state;
	make_node(&node);
	assert_int_equal(policies_each(&node.objects, 0, never, NULL, &error), -EIO);
	assert_non_null(strstr(error.message, "1 document could not be read"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pod_has_the_policy_that_the_maps_have_for_it),
		cmocka_unit_test(a_pod_whose_add_or_del_was_interrupted_is_under_no_policy),
		cmocka_unit_test(a_pod_that_has_gone_is_not_under_the_policy_of_who_has_its_id),
		cmocka_unit_test(a_pod_is_there_as_long_as_the_maps_have_that_use_of_its_id),
		cmocka_unit_test(a_policy_in_force_whose_file_is_gone_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
