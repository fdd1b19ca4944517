// SPDX-License-Identifier: Apache-2.0
/* What a pod id's next owner finds of an earlier one: nothing. */
#include "dataplane/pod.h"
#include "test/lib/fixture.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NEW_OWNER 4711

/* Elements that belong to a pod: @count of them from @first of pod 0 on. */
static const struct per_pod {
	enum rf_map map;
	uint32_t count;
	uint32_t first;
	size_t size;
	bool per_cpu;
} per_pod[] = {
	{RF_MAP_POD_COUNTERS, 1, 0, sizeof(struct rf_pod_counters), true},
	{RF_MAP_EVENTS_LOST, 1, 0, sizeof(struct rf_events_lost), true},
	{RF_MAP_POD_LIMITS, 1, 0, sizeof(struct rf_pod_limits), false},
	{RF_MAP_BUCKETS, RF_BUCKET_KINDS, 0, sizeof(struct rf_bucket), false},
	{RF_MAP_CENSUS, 1, RF_CENSUS_POD(0), sizeof(struct rf_census), false},
};

static size_t size_of(const struct per_pod *element)
{
	return element->size * (element->per_cpu ? libbpf_num_possible_cpus() : 1);
}

/* What user space cannot write of a bucket is its lock. */
static void write_all(const struct programs *programs, uint32_t id, int byte)
{
	for (size_t i = 0; i < sizeof(per_pod) / sizeof(per_pod[0]); i++) {
		size_t size = size_of(&per_pod[i]);
		uint8_t *value = malloc(size);

		assert_non_null(value);
		memset(value, byte, size);
		for (uint32_t j = 0; j < per_pod[i].count; j++) {
			uint32_t key = per_pod[i].first + id * per_pod[i].count + j;

			assert_int_equal(bpf_map_update_elem(programs->objects.maps[per_pod[i].map],
							     &key, value, BPF_ANY),
					 0);
		}
		free(value);
	}
}

/* How many elements of pod @id are not all zero. */
static unsigned int used_elements(const struct programs *programs, uint32_t id)
{
	unsigned int used = 0;

	for (size_t i = 0; i < sizeof(per_pod) / sizeof(per_pod[0]); i++) {
		size_t size = size_of(&per_pod[i]);
		uint8_t *value = malloc(size), *zeros = calloc(1, size);

		assert_true(value && zeros);
		for (uint32_t j = 0; j < per_pod[i].count; j++) {
			uint32_t key = per_pod[i].first + id * per_pod[i].count + j;

			assert_int_equal(bpf_map_lookup_elem(programs->objects.maps[per_pod[i].map],
							     &key, value),
					 0);
			used += memcmp(value, zeros, size) != 0;
		}
		free(value);
		free(zeros);
	}
	return used;
}

#define ALL (4 + RF_BUCKET_KINDS)

static void a_free_id_is_cleared_for_its_next_owner_and_no_other(void **state)
{
	struct programs *programs = *state;
	struct rf_error error = {};
	uint32_t id, incarnation;

	for (uint32_t i = 0; i <= POD_ID + 2; i++)
		write_all(programs, i, 0xff);
	assert_int_equal(rf_pod_allocate(&programs->objects, NEW_OWNER, &id, &incarnation, &error),
			 0);
	assert_int_equal(id, POD_ID + 1);
	assert_int_equal(used_elements(programs, id), 0);
	assert_int_equal(used_elements(programs, POD_ID), ALL);
	assert_int_equal(used_elements(programs, POD_ID + 2), ALL);
}

static void a_pod_that_is_added_again_keeps_its_counts(void **state)
{
	struct programs *programs = *state;
	struct rf_error error = {};
	uint32_t id, incarnation;

	programs->objects.pod_state[POD_ID].owner = NEW_OWNER;
	write_all(programs, POD_ID, 0xff);
	assert_int_equal(rf_pod_allocate(&programs->objects, NEW_OWNER, &id, &incarnation, &error),
			 0);
	assert_int_equal(id, POD_ID);
	assert_int_equal(used_elements(programs, POD_ID), ALL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_free_id_is_cleared_for_its_next_owner_and_no_other),
		FIXTURE_TEST(a_pod_that_is_added_again_keeps_its_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
