// SPDX-License-Identifier: Apache-2.0
/*
 * A policy's entries are removed while programs may still read them, one after the other in the
 * order of rf_policy_entries_remove(): after each, a program finds the whole policy's answer or
 * that the policy is gone, never an answer that is made of what is left.
 */
#include "dataplane/map_batch.h"
#include "dataplane/policy/entries.h"
#include "test/lib/ask.h"
#include "test/lib/random_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define POD      1
#define POLICIES 25
#define PROBES   20

struct removal {
	struct programs *programs;
	struct rf_policy policy;
	struct rf_policy_image image;
	struct policy_question probes[PROBES];
	struct policy_answer answers[PROBES];
	uint64_t same; /* answers as of the whole policy, after a part was removed */
	uint64_t gone; /* and that there is none */
};

static int setup(void **state)
{
	static const char *const addresses[] = {ASK_POD_4, ASK_POD_6, NULL};
	const struct rf_map_sizes sizes = {.sessions = 1024, .half_open = 4096};
	struct removal *removal = calloc(1, sizeof(*removal));

	assert_non_null(removal);
	removal->programs = programs_load(&sizes);
	programs_add_pod(removal->programs, POD, addresses, RF_POD_ANTI_SPOOF, "{}");
	*state = removal;
	return 0;
}

static int teardown(void **state)
{
	struct removal *removal = *state;

	programs_free(removal->programs);
	free(removal);
	return 0;
}

static void begin(struct removal *removal, struct prng *prng)
{
	const struct rf_compile_limits limits = {RF_PEERS_DEFAULT, RF_SERVICES_DEFAULT};
	struct rf_compiled compiled = {};
	bool rule_known;

	random_policy(prng, &removal->policy);
	assert_int_equal(rf_compile(&removal->policy, &limits, &compiled, NULL), 0);
	programs_set_compiled(removal->programs, POD, &compiled, &removal->image);
	rf_compiled_free(&compiled);
	for (int i = 0; i < PROBES; i++) {
		removal->probes[i] = random_question(prng, &removal->policy);
		assert_true(ask_agrees(removal->programs, POD, &removal->policy,
				       &removal->probes[i], i, &removal->answers[i]));
		removal->answers[i] =
			ask_programs(removal->programs, POD, &removal->probes[i], i, &rule_known);
	}
}

static void finish(struct removal *removal)
{
	rf_policy_image_free(&removal->image);
	rf_policy_free(&removal->policy);
}

static void remove_part(const struct removal *removal, const struct rf_policy_image *part)
{
	assert_int_equal(rf_policy_entries_remove(&removal->programs->objects, part, NULL, NULL),
			 0);
}

static void remove_peer(const struct removal *removal, size_t index)
{
	remove_part(removal, &(const struct rf_policy_image){
				     .peer_keys = removal->image.peer_keys + index,
				     .peer_count = 1,
			     });
}

static void remove_service(const struct removal *removal, size_t index)
{
	struct rf_image_class class = {.entry_count = 1};

	remove_part(removal, &(const struct rf_policy_image){
				     .classes = &class,
				     .class_count = 1,
				     .service_keys = removal->image.service_keys + index,
				     .service_count = 1,
			     });
}

static void probe(struct removal *removal)
{
	for (int i = 0; i < PROBES; i++) {
		const struct policy_answer *before = &removal->answers[i];
		bool rule_known;
		struct policy_answer now =
			ask_programs(removal->programs, POD, &removal->probes[i], i, &rule_known);

		if (now.reason == RF_REASON_NO_POLICY) {
			assert_int_equal(now.rule, 0);
			removal->gone++;
			continue;
		}
		assert_int_equal(now.reason, before->reason);
		assert_int_equal(now.rule, before->rule);
		removal->same++;
	}
}

/* Only what both outcomes came up in proves something. */
static void assert_both_came_up(const struct removal *removal)
{
	printf("# %llu answers as before, %llu that it is gone\n",
	       (unsigned long long)removal->same, (unsigned long long)removal->gone);
	assert_true(removal->same > POLICIES);
	assert_true(removal->gone > POLICIES);
}

static void peers_first_from_the_shortest_prefix_on(void **state)
{
	struct removal *removal = *state;
	struct prng prng = prng_from_environment();

	for (int i = 0; i < POLICIES; i++) {
		begin(removal, &prng);
		for (size_t k = 0; k < removal->image.peer_count; k++) {
			remove_peer(removal, k);
			probe(removal);
		}
		remove_part(removal, &removal->image);
		finish(removal);
	}
	assert_both_came_up(removal);
}

/* What a program meets that has found its classes just before the peers were removed. */
static void then_services_for_a_program_that_has_its_classes_already(void **state)
{
	struct removal *removal = *state;
	struct prng prng = prng_from_environment();

	for (int i = 0; i < POLICIES; i++) {
		begin(removal, &prng);
		for (size_t k = 0; k < removal->image.service_count; k++) {
			remove_service(removal, k);
			probe(removal);
		}
		remove_part(removal, &removal->image);
		finish(removal);
	}
	assert_both_came_up(removal);
}

static size_t count(const struct removal *removal, enum rf_map map, size_t key_size)
{
	return rf_map_count(removal->programs->objects.maps[map], key_size);
}

static void nothing_is_left_of_a_policy_that_was_removed(void **state)
{
	struct removal *removal = *state;
	struct prng prng = prng_from_environment();
	size_t peers = count(removal, RF_MAP_PEERS, sizeof(struct rf_peer_key));
	size_t services = count(removal, RF_MAP_SERVICES, sizeof(struct rf_service_key));

	begin(removal, &prng);
	assert_int_equal(count(removal, RF_MAP_PEERS, sizeof(struct rf_peer_key)),
			 peers + removal->image.peer_count);
	assert_int_equal(count(removal, RF_MAP_SERVICES, sizeof(struct rf_service_key)),
			 services + removal->image.service_count);
	/* Also when a part of it had gone before. */
	remove_peer(removal, removal->image.peer_count - 1);
	remove_service(removal, 0);
	remove_part(removal, &removal->image);
	remove_part(removal, &removal->image);
	assert_int_equal(count(removal, RF_MAP_PEERS, sizeof(struct rf_peer_key)), peers);
	assert_int_equal(count(removal, RF_MAP_SERVICES, sizeof(struct rf_service_key)), services);
	finish(removal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(peers_first_from_the_shortest_prefix_on, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			then_services_for_a_program_that_has_its_classes_already, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_left_of_a_policy_that_was_removed, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
