// SPDX-License-Identifier: Apache-2.0
/*
 * Policies that share classes, in the maps and in their files: what is written for one, what goes
 * with one, and what a kill leaves. In a /run of its own.
 */
#include "dataplane/identifiers.h"
#include "dataplane/map_batch.h"
#include "dataplane/paths.h"
#include "dataplane/pod.h"
#include "dataplane/digest.h"
#include "dataplane/policy/entries.h"
#include "dataplane/policy/file.h"
#include "dataplane/policy/store.h"
#include "netconf/cleanup.h"
#include "test/lib/ask.h"
#include "test/lib/random_policy.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#define POD       1
#define SET       4711
#define QUESTIONS 60

/* Where the maps stand when nobody has a policy but the empty one of programs_add_pod(). */
struct share {
	struct programs *programs;
	struct rf_objects *objects;
	size_t peers;
	size_t services;
};

static size_t count(const struct share *share, enum rf_map map)
{
	return rf_map_count(share->objects->maps[map], map == RF_MAP_PEERS
							       ? sizeof(struct rf_peer_key)
							       : sizeof(struct rf_service_key));
}

static int private_run(void **state)
{
	(void)state;
	return unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	       mount("tmpfs", "/run", "tmpfs", 0, NULL);
}

static struct share *begin(const struct rf_map_sizes *sizes)
{
	static const char *const addresses[] = {ASK_POD_4, ASK_POD_6, NULL};
	struct share *share = calloc(1, sizeof(*share));

	assert_non_null(share);
	share->programs = programs_load(sizes);
	share->objects = &share->programs->objects;
	share->objects->set = SET;
	programs_add_pod(share->programs, POD, addresses, RF_POD_ANTI_SPOOF, "{}");
	share->objects->pod_state[POD].policy = 0;
	share->peers = count(share, RF_MAP_PEERS);
	share->services = count(share, RF_MAP_SERVICES);
	return share;
}

static int setup(void **state)
{
	const struct rf_map_sizes sizes = {.sessions = 1024, .half_open = 4096};

	*state = begin(&sizes);
	return 0;
}

static int teardown(void **state)
{
	struct share *share = *state;

	programs_free(share->programs);
	free(share);
	return system("rm -rf " RF_POLICIES_DIRECTORY);
}

/* Under the word that pods beside the one with packets are judged under; 0: none. */
static void judge_under(const struct share *share, uint32_t pod, uint32_t policy)
{
	uint32_t epoch;

	assert_int_equal(rf_next_epoch(share->objects, &epoch, NULL), 0);
	share->objects->pod_state[pod].policy = policy ? RF_POLICY_WORD(policy, epoch) : 0;
}

static int realise(const struct share *share, const struct rf_policy *policy, uint32_t *id,
		   struct rf_error *error)
{
	_cleanup_plan_ struct rf_policy_plan plan = {};
	int ret = rf_policy_prepare(share->objects, policy, &plan, error);

	if (!ret)
		ret = rf_policy_settle(share->objects, policy, &plan, error);
	if (!ret)
		ret = rf_policy_realise(share->objects, &plan, error);
	*id = plan.id;
	return ret;
}

static uint32_t take(const struct share *share, uint32_t pod, const struct rf_policy *policy)
{
	struct rf_error error = {};
	uint32_t id;

	if (realise(share, policy, &id, &error))
		fail_msg("%s", error.message);
	judge_under(share, pod, id);
	return id;
}

static void sweep(const struct share *share)
{
	struct rf_error error = {};

	if (rf_policy_sweep(share->objects, &error))
		fail_msg("%s", error.message);
}

static void assert_in_force(const struct share *share, uint32_t id)
{
	struct rf_error error = {};

	if (rf_policy_check(share->objects, id, &error))
		fail_msg("policy %u: %s", id, error.message);
}

static void assert_agrees(const struct share *share, const struct rf_policy *policy,
			  struct prng *prng)
{
	for (uint16_t i = 0; i < QUESTIONS; i++) {
		struct policy_question question = random_question(prng, policy);
		struct policy_answer answer;

		if (!ask_agrees(share->programs, POD, policy, &question, i, &answer))
			fail_msg("the programs differ from the model; the seed is above");
	}
}

static void assert_nothing_left(const struct share *share)
{
	struct rf_policy_name *names = NULL;
	size_t files = 0;

	assert_int_equal(rf_policy_file_list(SET, &names, &files), 0);
	free(names);
	assert_int_equal(files, 0);
	assert_int_equal(count(share, RF_MAP_PEERS), share->peers);
	assert_int_equal(count(share, RF_MAP_SERVICES), share->services);
}

/*
 * A /24 with two ports, @prefixes times, for TCP; rule @changed of them denies. Common: a rule for
 * UDP, and the defaults.
 */
static void make_policy(struct rf_policy *policy, uint32_t prefixes, uint32_t changed)
{
	struct rf_rule *rules = calloc(prefixes + 1, sizeof(*rules));

	assert_non_null(rules);
	*policy = (struct rf_policy){
		.ingress = {.restricted = true,
			    .default_action = RF_ACTION_DENY,
			    .rules = rules,
			    .rule_count = prefixes + 1},
	};
	for (uint32_t i = 0; i < prefixes; i++) {
		struct rf_rule *rule = &rules[i];

		*rule = (struct rf_rule){
			.id = i + 1,
			.action = i == changed ? RF_ACTION_DENY : RF_ACTION_ALLOW,
			.priority = 10,
			.protocol = IPPROTO_TCP,
			.peers = calloc(1, sizeof(*rule->peers)),
			.peer_count = 1,
			.ports = calloc(1, sizeof(*rule->ports)),
			.port_count = 1,
		};
		assert_true(rule->peers && rule->ports);
		rule->ports[0] = (struct rf_port_range){80, 81};
		rule->peers[0] = (struct rf_prefix){
			.address = {.s6_addr = {[10] = 0xff, 0xff, 10, 0, (uint8_t)i}},
			.length = RF_V4_PREFIX_LENGTH + 24,
			.is_v4 = true,
		};
	}
	rules[prefixes] = (struct rf_rule){.id = prefixes + 1, .protocol = IPPROTO_UDP};
}

#define UNCHANGED UINT32_MAX

static void only_the_class_of_a_rule_that_changed_is_written(void **state)
{
	const struct share *share = *state;
	struct prng prng = prng_from_environment();
	struct rf_policy before, after;
	size_t services;
	uint32_t id;

	make_policy(&before, 50, UNCHANGED);
	make_policy(&after, 50, 20);
	take(share, POD, &before);
	services = count(share, RF_MAP_SERVICES);
	/* A class each, of the block 80-81, and the common ones: UDP and default, default. */
	assert_int_equal(services, share->services + 50 + 3);
	id = take(share, POD, &after);
	assert_int_equal(count(share, RF_MAP_SERVICES), services + 1);
	assert_agrees(share, &after, &prng);
	sweep(share);
	assert_int_equal(count(share, RF_MAP_SERVICES), services);
	assert_in_force(share, id);
	assert_agrees(share, &after, &prng);
	judge_under(share, POD, 0);
	sweep(share);
	assert_nothing_left(share);
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
		take(share, POD + 1, first);
		id = take(share, POD, second);
		judge_under(share, POD + 1, 0);
		sweep(share);
		assert_in_force(share, id);
		assert_agrees(share, second, &prng);
		judge_under(share, POD, 0);
		sweep(share);
		assert_nothing_left(share);
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
		make_policy(&policies[i], MANY, i);
		ids[i] = take(share, POD + 1 + i, &policies[i]);
		order[i] = i;
	}
	/* The denying and the allowing class of each prefix, and the common ones. */
	assert_int_equal(count(share, RF_MAP_SERVICES), share->services + (size_t)2 * MANY + 3);
	for (uint32_t left = MANY; left; left--) {
		uint32_t choice = prng_below(&prng, left), gone = order[choice];

		order[choice] = order[left - 1];
		judge_under(share, POD + 1 + gone, 0);
		sweep(share);
		if (left == 1)
			break;
		assert_in_force(share, ids[order[prng_below(&prng, left - 1)]]);
		if (left % 10)
			continue;
		gone = order[prng_below(&prng, left - 1)];
		judge_under(share, POD, ids[gone]);
		assert_agrees(share, &policies[gone], &prng);
		judge_under(share, POD, 0);
	}
	assert_nothing_left(share);
	for (uint32_t i = 0; i < MANY; i++)
		rf_policy_free(&policies[i]);
}

static void set_name(uint32_t id, bool is_complete)
{
	struct rf_policy_file file;
	struct rf_policy_name name;

	assert_int_equal(rf_policy_file_by_id(SET, id, &file, NULL), 0);
	name = file.name;
	rf_policy_file_close(&file);
	assert_int_equal(rf_policy_file_set_complete(&name, is_complete, NULL), 0);
}

/* As a kill leaves a policy when every @step-th of its own entries is there. */
static void leave_a_part(const struct share *share, uint32_t id, const struct rf_policy_image *keep,
			 uint32_t step)
{
	struct rf_policy_file file;

	assert_int_equal(rf_policy_file_by_id(SET, id, &file, NULL), 0);
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

	make_policy(&stays, 30, UNCHANGED);
	make_policy(&killed, 30, 7);
	make_policy(&next, 30, 7);
	next.ingress.rules[9].action = RF_ACTION_REJECT;
	for (uint32_t step = 0; step < 4; step++) {
		uint32_t id = take(share, POD, &stays), partial, other;
		size_t services = count(share, RF_MAP_SERVICES);

		assert_int_equal(realise(share, &killed, &partial, NULL), 0);
		set_name(partial, false);
		assert_int_equal(rf_policy_file_by_id(SET, id, &file, NULL), 0);
		leave_a_part(share, partial, &file.image, step);
		rf_policy_file_close(&file);
		other = take(share, POD + 1, &next);
		assert_in_force(share, other);
		sweep(share);
		assert_in_force(share, other);
		assert_in_force(share, id);
		assert_agrees(share, &stays, &prng);
		assert_int_equal(count(share, RF_MAP_SERVICES), services + 2);
		judge_under(share, POD + 1, 0);
		sweep(share);
		assert_int_equal(count(share, RF_MAP_SERVICES), services);
		judge_under(share, POD, 0);
		sweep(share);
		assert_nothing_left(share);
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

	make_policy(&first, 30, UNCHANGED);
	make_policy(&second, 30, 7);
	assert_int_equal(realise(share, &first, &id, NULL), 0);
	assert_int_equal(realise(share, &second, &id, NULL), 0);
	set_name(id, false);
	sweep(share);
	assert_nothing_left(share);
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

	make_policy(&policy, 30, UNCHANGED);
	assert_int_equal(realise(share, &policy, &id, NULL), 0);
	share->objects->maps[RF_MAP_SERVICES] = -1;
	assert_int_not_equal(rf_policy_sweep(share->objects, NULL), 0);
	share->objects->maps[RF_MAP_SERVICES] = services;
	again = take(share, POD, &policy);
	assert_int_not_equal(again, id);
	sweep(share);
	assert_in_force(share, again);
	judge_under(share, POD, 0);
	sweep(share);
	assert_nothing_left(share);
	rf_policy_free(&policy);
}

static void damage(uint32_t id, off_t offset)
{
	struct rf_policy_file file;
	char path[RF_POLICY_PATH], byte;
	int fd;

	assert_int_equal(rf_policy_file_by_id(SET, id, &file, NULL), 0);
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

	make_policy(&first, 30, UNCHANGED);
	make_policy(&second, 30, 7);
	id = take(share, POD + 1, &first);
	broken = take(share, POD, &second);
	damage(broken, 65);
	judge_under(share, POD + 1, 0);
	sweep(share);
	assert_agrees(share, &second, &prng);
	assert_in_force(share, id);
	assert_int_not_equal(rf_policy_check(share->objects, broken, NULL), 0);
	/* Its own entries are not known: they stay, and the first one's go. */
	judge_under(share, POD, 0);
	sweep(share);
	assert_int_equal(rf_policy_file_by_id(SET, id, NULL, NULL), -ENOENT);
	rf_policy_free(&first);
	rf_policy_free(&second);
}

static void a_policy_whose_entries_are_damaged_in_its_file_stays(void **state)
{
	const struct share *share = *state;
	struct rf_policy policy;
	size_t services;
	uint32_t id, again;

	make_policy(&policy, 30, UNCHANGED);
	id = take(share, POD, &policy);
	services = count(share, RF_MAP_SERVICES);
	damage(id, 1000);
	assert_int_equal(rf_policy_check(share->objects, id, NULL), -EINVAL);
	/* It is not taken for an equal one. */
	assert_int_equal(realise(share, &policy, &again, NULL), 0);
	assert_int_not_equal(again, id);
	assert_in_force(share, again);
	judge_under(share, POD, 0);
	sweep(share);
	assert_int_equal(count(share, RF_MAP_SERVICES), services);
	rf_policy_free(&policy);
}

/* The compiler of another version may have made other entries of the same document. */
static void what_is_removed_is_what_was_written(void **state)
{
	const struct share *share = *state;
	struct rf_policy policy, other;
	_cleanup_plan_ struct rf_policy_plan plan = {};
	struct rf_error error = {};

	make_policy(&policy, 30, UNCHANGED);
	make_policy(&other, 3, 2);
	assert_int_equal(rf_policy_prepare(share->objects, &policy, &plan, &error), 0);
	free(plan.document);
	plan.document = rf_policy_text(&other);
	plan.digest = rf_digest(plan.document, strlen(plan.document));
	assert_int_equal(rf_policy_settle(share->objects, &other, &plan, &error), 0);
	assert_int_equal(rf_policy_realise(share->objects, &plan, &error), 0);
	assert_in_force(share, plan.id);
	assert_int_equal(count(share, RF_MAP_SERVICES), share->services + 33);
	sweep(share);
	assert_nothing_left(share);
	rf_policy_free(&policy);
	rf_policy_free(&other);
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

	make_policy(&policy, 3, UNCHANGED);
	assert_int_equal(rf_policy_prepare(share->objects, &policy, &plan, &error), 0);
	assert_int_equal(rf_policy_settle(share->objects, &policy, &plan, &error), 0);
	assert_int_equal(rf_policy_realise(share->objects, &plan, &error), 0);
	first = plan.id;
	/* The second pod finds the policy, the third one finds it gone. */
	assert_int_equal(rf_policy_settle(share->objects, &policy, &plan, &error), 0);
	assert_false(plan.is_new);
	sweep(share);
	assert_nothing_left(share);
	assert_int_equal(rf_policy_settle(share->objects, &policy, &plan, &error), 0);
	assert_int_equal(rf_policy_realise(share->objects, &plan, &error), 0);
	assert_int_not_equal(plan.id, first);
	judge_under(share, POD, plan.id);
	assert_in_force(share, plan.id);
	assert_agrees(share, &policy, &prng);
	judge_under(share, POD, 0);
	sweep(share);
	assert_nothing_left(share);
	rf_policy_free(&policy);
}

/* Only what must be written counts against the maps. */
static void a_change_fits_where_the_policy_would_not_fit_twice(void **state)
{
	const struct rf_map_sizes sizes = {
		.sessions = 1024, .half_open = 1024, .services = 60, .peers = 1024};
	struct share *share = begin(&sizes);
	struct rf_policy before, after, another;
	struct rf_error error = {};
	uint32_t id;

	make_policy(&before, 40, UNCHANGED);
	make_policy(&after, 40, 3);
	make_policy(&another, 39, UNCHANGED);
	for (size_t i = 0; i < 39; i++)
		another.ingress.rules[i].priority++;
	take(share, POD, &before);
	take(share, POD, &after);
	assert_int_equal(realise(share, &another, &id, &error), -ENOSPC);
	assert_int_equal(error.code, RF_CODE_MAP_FULL);
	/* The rules' classes and the common class with another rule's id; the default is shared. */
	assert_non_null(strstr(error.message, "the policy needs 41 entries"));
	sweep(share);
	assert_int_equal(count(share, RF_MAP_SERVICES), share->services + 43);
	judge_under(share, POD, 0);
	sweep(share);
	assert_nothing_left(share);
	programs_free(share->programs);
	free(share);
	rf_policy_free(&before);
	rf_policy_free(&after);
	rf_policy_free(&another);
	(void)state;
}

#define SHARE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHARE_TEST(only_the_class_of_a_rule_that_changed_is_written),
		SHARE_TEST(what_stays_of_two_random_policies_is_what_the_other_has),
		SHARE_TEST(a_hundred_policies_share_what_they_have_alike),
		SHARE_TEST(what_a_kill_leaves_is_swept_and_never_shared),
		SHARE_TEST(policies_that_share_and_are_both_unused_go_together),
		SHARE_TEST(a_removal_that_fails_leaves_no_policy_to_be_taken),
		SHARE_TEST(while_a_pods_policy_cannot_be_read_no_class_goes),
		SHARE_TEST(a_policy_whose_entries_are_damaged_in_its_file_stays),
		SHARE_TEST(what_is_removed_is_what_was_written),
		SHARE_TEST(a_plan_is_settled_again_when_its_policy_went),
		cmocka_unit_test(a_change_fits_where_the_policy_would_not_fit_twice),
	};

	return cmocka_run_group_tests(tests, private_run, NULL);
}
