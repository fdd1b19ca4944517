// SPDX-License-Identifier: Apache-2.0
#include "test/lib/flip.h"
#include "dataplane/map_batch.h"
#include "test/lib/running_pod.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define POD 1

struct traffic {
	struct flip *flip;
	flip_step *step;
	void *context;
};

uint64_t flip_word(const struct flip *flip)
{
	return __atomic_load_n(&flip->programs->objects.pod_state[flip->pod].policy,
			       __ATOMIC_ACQUIRE);
}

static uint32_t turn_of(const struct flip *flip, uint64_t word)
{
	return RF_POLICY_EPOCH(word) - flip->first_epoch;
}

const struct rf_policy *flip_policy(const struct flip *flip, uint64_t word)
{
	return &flip->policies[turn_of(flip, word) % 2];
}

bool flip_expect(struct flip *flip, bool holds, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (!holds && !flip->failure[0])
		vsnprintf(flip->failure, sizeof(flip->failure), format, arguments);
	va_end(arguments);
	return holds;
}

bool flip_expect_word(struct flip *flip, uint64_t before, uint64_t word, uint64_t after)
{
	uint32_t turn = turn_of(flip, word);

	flip->straddle += before != after;
	if (!flip_expect(flip,
			 RF_POLICY_EPOCH(before) <= RF_POLICY_EPOCH(word) &&
				 RF_POLICY_EPOCH(word) <= RF_POLICY_EPOCH(after),
			 "judged under %#lx, in force were %#lx to %#lx", word, before, after))
		return false;
	if (!flip->seen[turn])
		flip->seen[turn] = word;
	return flip_expect(flip, flip->seen[turn] == word, "two words of one epoch: %#lx, %#lx",
			   flip->seen[turn], word);
}

void flip_begin(struct flip *flip, struct programs *programs, const char *const *addresses,
		const struct rf_policy policies[2])
{
	*flip = (struct flip){.programs = programs, .policies = {policies[0], policies[1]}};
	flip->pod = running_pod_add(programs, POD, addresses, PROGRAMS_IFINDEX, &policies[0]);
	flip->first_epoch = RF_POLICY_EPOCH(flip_word(flip));
	flip->words[0] = flip_word(flip);
}

static void *send_packets(void *context)
{
	struct traffic *traffic = context;
	struct flip *flip = traffic->flip;

	while (!__atomic_load_n(&flip->is_over, __ATOMIC_ACQUIRE) &&
	       traffic->step(flip, flip->packets, traffic->context))
		__atomic_add_fetch(&flip->packets, 1, __ATOMIC_RELEASE);
	__atomic_store_n(&flip->is_over, true, __ATOMIC_RELEASE);
	return NULL;
}

static void wait_for_packets(const struct flip *flip, unsigned int pace)
{
	uint64_t wanted = __atomic_load_n(&flip->packets, __ATOMIC_ACQUIRE) + pace;

	while (__atomic_load_n(&flip->packets, __ATOMIC_ACQUIRE) < wanted &&
	       !__atomic_load_n(&flip->is_over, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void flip_once(struct flip *flip, int turn)
{
	struct rf_error error = {};

	if (running_pod_apply(flip->programs, POD, &flip->policies[turn % 2], &error))
		flip_expect(flip, false, "turn %d: %s", turn, error.message);
	flip->words[turn] = flip_word(flip);
	flip_expect(flip, turn_of(flip, flip->words[turn]) == (uint32_t)turn,
		    "turn %d is not the next epoch: %#lx", turn, flip->words[turn]);
}

void flip_run(struct flip *flip, int count, unsigned int pace, flip_step *step, void *context)
{
	struct traffic traffic = {flip, step, context};
	int first = (int)turn_of(flip, flip_word(flip)) + 1, turn = first;
	pthread_t sender;

	assert_true(first + count - 1 <= FLIP_MAX);
	flip->is_over = false;
	assert_int_equal(pthread_create(&sender, NULL, send_packets, &traffic), 0);
	for (; turn < first + count && !__atomic_load_n(&flip->is_over, __ATOMIC_ACQUIRE); turn++) {
		flip_once(flip, turn);
		wait_for_packets(flip, pace);
	}
	__atomic_store_n(&flip->is_over, true, __ATOMIC_RELEASE);
	pthread_join(sender, NULL);
	if (flip->failure[0])
		fail_msg("after %lu packets: %s", flip->packets, flip->failure);
	assert_int_equal(turn, first + count);
	for (int i = first; i < turn; i++)
		assert_int_equal(flip->seen[i] ? flip->seen[i] : flip->words[i], flip->words[i]);
	printf("# %lu packets, %lu while the policy was switched\n", flip->packets, flip->straddle);
}

void flip_end(struct flip *flip)
{
	const struct rf_objects *objects = &flip->programs->objects;

	running_pod_remove(flip->programs, POD);
	assert_int_equal(rf_map_count(objects->maps[RF_MAP_PEERS], sizeof(struct rf_peer_key)), 0);
	assert_int_equal(
		rf_map_count(objects->maps[RF_MAP_SERVICES], sizeof(struct rf_service_key)), 0);
	assert_int_equal(running_pod_policy_files(), 0);
	rf_policy_free(&flip->policies[0]);
	rf_policy_free(&flip->policies[1]);
}
