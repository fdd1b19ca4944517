/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of a test that share classes, in the maps of its own programs and in their files under
 * /run (run_directory.h). No pod of them is recorded: each is only a policy word.
 */
#ifndef RINGFENCE_TEST_LIB_SHARE_H
#define RINGFENCE_TEST_LIB_SHARE_H

#include "netconf/policy.h"
#include "test/lib/prng.h"
#include "test/lib/programs.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SHARE_POD  1    /* that packets are put to; others have the ids behind it */
#define SHARE_SET  4711 /* of maps: what the policies' files are named by */
#define SHARE_NONE UINT32_MAX

/* Where the maps stand when nobody has a policy but the empty one of programs_add_pod(). */
struct share {
	struct programs *programs;
	struct rf_objects *objects; /* of those */
	size_t peers;
	size_t services;
};

/* Programs with maps of @sizes. The caller ends it by share_end(). Aborts the test on failure, as
 * all of these do. */
struct share *share_begin(const struct rf_map_sizes *sizes);
void share_end(struct share *share);

/* The same for a test of its own, with small maps; *state is the struct share. The policies' files
 * go with it. */
int share_setup(void **state);
int share_teardown(void **state);

#define SHARE_TEST(function) cmocka_unit_test_setup_teardown(function, share_setup, share_teardown)

/* How many entries @map has, `peers` or `services`. */
size_t share_count(const struct share *share, enum rf_map map);

/*
 * A /24 with two ports, @prefixes times, for TCP; rule @denied of them (from 0, or SHARE_NONE)
 * denies. Common: a rule for UDP, and the defaults. The caller frees it (rf_policy_free()).
 */
void share_make_policy(struct rf_policy *policy, uint32_t prefixes, uint32_t denied);

/* Write @policy into file and maps, under nobody's word; its id in *@id. 0, or -errno with
 * *@error, which may be NULL. */
int share_realise(const struct share *share, const struct rf_policy *policy, uint32_t *id,
		  struct rf_error *error);

/* Let @pod be judged under the policy @id from now on; 0: none. */
void share_judge_under(const struct share *share, uint32_t pod, uint32_t id);

/* Both. Returns the policy's id. */
uint32_t share_take(const struct share *share, uint32_t pod, const struct rf_policy *policy);

/* Remove what no pod is judged under. */
void share_sweep(const struct share *share);

/* All entries of the policy @id are in the maps. */
void share_assert_in_force(const struct share *share, uint32_t id);

/* The programs say of SHARE_POD's packets, drawn at random, what the model says of @policy. */
void share_assert_agrees(const struct share *share, const struct rf_policy *policy,
			 struct prng *prng);

/* No file, and the maps as they were at first. */
void share_assert_nothing_left(const struct share *share);

#endif
