// SPDX-License-Identifier: Apache-2.0
/*
 * Policies that share classes: what a kill, an error or a damaged file leaves of one is removed
 * whole, and nothing of another.
 */
#include "dataplane/digest.h"
#include "dataplane/map_batch.h"
#include "dataplane/policy/entries.h"
#include "dataplane/policy/file.h"
#include "dataplane/policy/store.h"
#include "netconf/cleanup.h"
#include "test/lib/run_directory.h"
#include "test/lib/share.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void set_name(uint32_t id, bool is_complete)
{
	struct rf_policy_file file;
	struct rf_policy_name name;

	assert_int_equal(rf_policy_file_by_id(SHARE_SET, id, &file, NULL), 0);
	name = file.name;
	rf_policy_file_close(&file);
	assert_int_equal(rf_policy_file_set_complete(&name, is_complete, NULL), 0);
}

/* As a kill leaves a policy when every @step-th of its own entries is there. */
static void leave_a_part(const struct share *share, uint32_t id, const struct rf_policy_image *keep,
			 uint32_t step)
{
	struct rf_policy_file file;

	assert_int_equal(rf_policy_file_by_id(SHARE_SET, id, &file, NULL), 0);
	for (uint32_t i = 0; i < file.image.service_count; i++) {
		const struct rf_service_key *key = &file.image.service_keys[i];
		bool is_kept = step && i % step == 0;

		for (uint32_t k = 0; k < keep->class_count; k++)
			is_kept |= keep->classes[k].id == key->class_id;
		if (!is_kept) {
			const struct rf_map_entries one = {(void *)key, NULL, sizeof(*key), 0, 1};

			rf_map_delete_all(share->objects->maps[RF_MAP_SERVICES], &one);
		}
	}
	rf_policy_file_close(&file);
}

/*
 * Another policy is being written, or removed, when a kill comes: its file is incomplete. Neither
 * the next policy nor the sweep takes its classes for what is in the maps, nor what it shares for
 * its own.
 */
static void what_a_kill_leaves_is_swept_and_never_shared(void **state)
{
	const struct share *share = *state;
	struct prng prng = prng_from_environment();
	struct rf_policy stays, killed, next;
	struct rf_policy_file file;

	share_make_policy(&stays, 30, SHARE_NONE);
	share_make_policy(&killed, 30, 7);
	share_make_policy(&next, 30, 7);
	next.ingress.rules[9].action = RF_ACTION_REJECT;
	for (uint32_t step = 0; step < 4; step++) {
		uint32_t id = share_take(share, SHARE_POD, &stays), partial, other;
		size_t services = share_count(share, RF_MAP_SERVICES);

		assert_int_equal(share_realise(share, &killed, &partial, NULL), 0);
		set_name(partial, false);
		assert_int_equal(rf_policy_file_by_id(SHARE_SET, id, &file, NULL), 0);
		leave_a_part(share, partial, &file.image, step);
		rf_policy_file_close(&file);
		other = share_take(share, SHARE_POD + 1, &next);
		share_assert_in_force(share, other);
		share_sweep(share);
		share_assert_in_force(share, other);
		share_assert_in_force(share, id);
		share_assert_agrees(share, &stays, &prng);
		assert_int_equal(share_count(share, RF_MAP_SERVICES), services + 2);
		share_judge_under(share, SHARE_POD + 1, 0);
		share_sweep(share);
		assert_int_equal(share_count(share, RF_MAP_SERVICES), services);
		share_judge_under(share, SHARE_POD, 0);
		share_sweep(share);
		share_assert_nothing_left(share);
	}
	rf_policy_free(&stays);
	rf_policy_free(&killed);
	rf_policy_free(&next);
}

/* Killed before its switch: complete, and nobody's. Both of them may go at once. */
static void policies_that_share_and_are_both_unused_go_together(void **state)
{
	const struct share *share = *state;
	struct rf_policy first, second;
	uint32_t id;

	share_make_policy(&first, 30, SHARE_NONE);
	share_make_policy(&second, 30, 7);
	assert_int_equal(share_realise(share, &first, &id, NULL), 0);
	assert_int_equal(share_realise(share, &second, &id, NULL), 0);
	set_name(id, false);
	share_sweep(share);
	share_assert_nothing_left(share);
	rf_policy_free(&first);
	rf_policy_free(&second);
}

/* The first entry is still to go when the file says that they go. */
static void a_removal_that_fails_leaves_no_policy_to_be_taken(void **state)
{
	const struct share *share = *state;
	const int services = share->objects->maps[RF_MAP_SERVICES];
	struct rf_policy policy;
	uint32_t id, again;

	share_make_policy(&policy, 30, SHARE_NONE);
	assert_int_equal(share_realise(share, &policy, &id, NULL), 0);
	share->objects->maps[RF_MAP_SERVICES] = -1;
	assert_int_not_equal(rf_policy_sweep(share->objects, NULL), 0);
	share->objects->maps[RF_MAP_SERVICES] = services;
	again = share_take(share, SHARE_POD, &policy);
	assert_int_not_equal(again, id);
	share_sweep(share);
	share_assert_in_force(share, again);
	share_judge_under(share, SHARE_POD, 0);
	share_sweep(share);
	share_assert_nothing_left(share);
	rf_policy_free(&policy);
}

static void damage(uint32_t id, off_t offset)
{
	struct rf_policy_file file;
	char path[RF_POLICY_PATH], byte;
	int fd;

	assert_int_equal(rf_policy_file_by_id(SHARE_SET, id, &file, NULL), 0);
	rf_policy_path(&file.name, path);
	rf_policy_file_close(&file);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, offset), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, offset), 1);
	close(fd);
}

static void while_a_pods_policy_cannot_be_read_no_class_goes(void **state)
{
	const struct share *share = *state;
	struct prng prng = prng_from_environment();
	struct rf_policy first, second;
	uint32_t id, broken;

	share_make_policy(&first, 30, SHARE_NONE);
	share_make_policy(&second, 30, 7);
	id = share_take(share, SHARE_POD + 1, &first);
	broken = share_take(share, SHARE_POD, &second);
	damage(broken, 65);
	share_judge_under(share, SHARE_POD + 1, 0);
	share_sweep(share);
	share_assert_agrees(share, &second, &prng);
	share_assert_in_force(share, id);
	assert_int_not_equal(rf_policy_check(share->objects, broken, NULL), 0);
	/* Its own entries are not known: they stay, and the first one's go. */
	share_judge_under(share, SHARE_POD, 0);
	share_sweep(share);
	assert_int_equal(rf_policy_file_by_id(SHARE_SET, id, NULL, NULL), -ENOENT);
	rf_policy_free(&first);
	rf_policy_free(&second);
}

static void a_policy_whose_entries_are_damaged_in_its_file_stays(void **state)
{
	const struct share *share = *state;
	struct rf_policy policy;
	size_t services;
	uint32_t id, again;

	share_make_policy(&policy, 30, SHARE_NONE);
	id = share_take(share, SHARE_POD, &policy);
	services = share_count(share, RF_MAP_SERVICES);
	damage(id, 1000);
	assert_int_equal(rf_policy_check(share->objects, id, NULL), -EINVAL);
	/* It is not taken for an equal one. */
	assert_int_equal(share_realise(share, &policy, &again, NULL), 0);
	assert_int_not_equal(again, id);
	share_assert_in_force(share, again);
	share_judge_under(share, SHARE_POD, 0);
	share_sweep(share);
	assert_int_equal(share_count(share, RF_MAP_SERVICES), services);
	rf_policy_free(&policy);
}

/* The compiler of another version may have made other entries of the same document. */
static void what_is_removed_is_what_was_written(void **state)
{
	const struct share *share = *state;
	struct rf_policy policy, other;
	_cleanup_plan_ struct rf_policy_plan plan = {};
	struct rf_error error = {};

	share_make_policy(&policy, 30, SHARE_NONE);
	share_make_policy(&other, 3, 2);
	assert_int_equal(rf_policy_prepare(share->objects, &policy, &plan, &error), 0);
	free(plan.document);
	plan.document = rf_policy_text(&other);
	plan.digest = rf_digest(plan.document, strlen(plan.document));
	assert_int_equal(rf_policy_settle(share->objects, &other, &plan, &error), 0);
	assert_int_equal(rf_policy_realise(share->objects, &plan, &error), 0);
	share_assert_in_force(share, plan.id);
	assert_int_equal(share_count(share, RF_MAP_SERVICES), share->services + 33);
	share_sweep(share);
	share_assert_nothing_left(share);
	rf_policy_free(&policy);
	rf_policy_free(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHARE_TEST(what_a_kill_leaves_is_swept_and_never_shared),
		SHARE_TEST(policies_that_share_and_are_both_unused_go_together),
		SHARE_TEST(a_removal_that_fails_leaves_no_policy_to_be_taken),
		SHARE_TEST(while_a_pods_policy_cannot_be_read_no_class_goes),
		SHARE_TEST(a_policy_whose_entries_are_damaged_in_its_file_stays),
		SHARE_TEST(what_is_removed_is_what_was_written),
	};

	run_directory_own();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
