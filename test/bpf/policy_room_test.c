// SPDX-License-Identifier: Apache-2.0
/*
 * Room for policies: shapes that could explode are in force and judged right, or are refused; what
 * is refused, also where the room ends in the middle of it, leaves the earlier policy in force, and
 * maps and files just as they were.
 */
#include "dataplane/map_batch.h"
#include "test/lib/ask.h"
#include "test/lib/random_policy.h"
#include "test/lib/run_directory.h"
#include "test/lib/running_pod.h"
#include "test/lib/shapes.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define POD    1
#define PROBES 100

static const char base[] =
	"{\"ingress\": {\"rules\": [{\"id\": 1, \"action\": \"allow\", \"protocol\": \"tcp\", "
	"\"peers\": [\"10.0.0.0/8\", \"fd00::/8\"], \"ports\": [\"80-90\"]}]}}";

static const char *const addresses[] = {ASK_POD_4, ASK_POD_6, NULL};

struct room {
	struct programs *programs;
	struct rf_policy policy; /* in force */
	uint32_t id;
};

static void begin(struct room *room, uint32_t peers, uint32_t services)
{
	const struct rf_map_sizes sizes = {
		.sessions = 1024,
		.half_open = 4096,
		.peers = peers,
		.services = services,
	};

	room->programs = programs_load(&sizes);
	running_pod_parse(base, &room->policy);
	room->id = running_pod_add(room->programs, POD, addresses, PROGRAMS_IFINDEX, &room->policy);
}

static size_t count(const struct room *room, enum rf_map map, size_t key_size)
{
	return rf_map_count(room->programs->objects.maps[map], key_size);
}

static void end(struct room *room)
{
	running_pod_remove(room->programs, POD);
	assert_int_equal(count(room, RF_MAP_PEERS, sizeof(struct rf_peer_key)), 0);
	assert_int_equal(count(room, RF_MAP_SERVICES, sizeof(struct rf_service_key)), 0);
	assert_int_equal(running_pod_policy_files(), 0);
	rf_policy_free(&room->policy);
	programs_free(room->programs);
}

static void probe(struct room *room, const struct rf_policy *policy, struct prng *prng)
{
	for (uint16_t i = 0; i < PROBES; i++) {
		struct policy_question question = random_question(prng, policy);
		struct policy_answer answer;

		assert_true(ask_agrees(room->programs, room->id, policy, &question, i, &answer));
	}
}

/* Keys and values of both maps, as they come. */
struct contents {
	size_t size;
	char bytes[1 << 14];
};

static void take(struct contents *contents, int map, size_t key_size, size_t value_size)
{
	char *key = NULL;

	for (;;) {
		char *next = contents->bytes + contents->size;

		assert_true(contents->size + key_size + value_size <= sizeof(contents->bytes));
		if (bpf_map_get_next_key(map, key, next))
			return;
		assert_int_equal(bpf_map_lookup_elem(map, next, next + key_size), 0);
		contents->size += key_size + value_size;
		key = next;
	}
}

static void read_contents(const struct room *room, struct contents *contents)
{
	const struct rf_objects *objects = &room->programs->objects;

	*contents = (struct contents){};
	take(contents, objects->maps[RF_MAP_PEERS], sizeof(struct rf_peer_key),
	     sizeof(struct rf_peer_class));
	take(contents, objects->maps[RF_MAP_SERVICES], sizeof(struct rf_service_key),
	     sizeof(struct rf_service));
}

/* Refused with a message that begins with @message, and nothing has changed. */
static void assert_refused(struct room *room, const struct rf_policy *policy, const char *message,
			   struct prng *prng)
{
	static struct contents before, after;
	uint64_t word = room->programs->objects.pod_state[room->id].policy;
	struct rf_error error = {};

	read_contents(room, &before);
	assert_int_equal(running_pod_apply(room->programs, POD, policy, &error), -ENOSPC);
	assert_int_equal(error.code, RF_CODE_MAP_FULL);
	if (strncmp(error.message, message, strlen(message)) != 0)
		fail_msg("%s", error.message);
	assert_non_null(strstr(error.details, "maps."));
	read_contents(room, &after);
	assert_int_equal(after.size, before.size);
	assert_memory_equal(after.bytes, before.bytes, before.size);
	assert_int_equal(running_pod_policy_files(), 1);
	assert_int_equal(room->programs->objects.pod_state[room->id].policy, word);
	probe(room, &room->policy, prng);
}

static void shapes_that_fit_are_judged_right(void **state)
{
	struct prng prng = prng_from_environment();
	struct room room;

	(void)state;
	begin(&room, 0, 0);
	for (size_t i = 0; i < SHAPES_FITTING; i++) {
		struct rf_error error = {};
		struct rf_policy policy;

		shapes_fitting[i].make(&policy);
		if (running_pod_apply(room.programs, POD, &policy, &error))
			fail_msg("%s: %s", shapes_fitting[i].name, error.message);
		assert_int_equal(count(&room, RF_MAP_PEERS, sizeof(struct rf_peer_key)),
				 shapes_fitting[i].peers);
		/* The defaults of both directions may be one class. */
		assert_in_range(count(&room, RF_MAP_SERVICES, sizeof(struct rf_service_key)),
				shapes_fitting[i].services - 1, shapes_fitting[i].services);
		probe(&room, &policy, &prng);
		rf_policy_free(&policy);
		/* The next one shall not need the room beside this one. */
		assert_int_equal(running_pod_apply(room.programs, POD, &room.policy, NULL), 0);
	}
	end(&room);
}

static void shapes_that_do_not_fit_change_nothing(void **state)
{
	struct prng prng = prng_from_environment();
	struct room room;

	(void)state;
	begin(&room, 0, 0);
	for (size_t i = 0; i < SHAPES_TOO_MUCH; i++) {
		struct rf_policy policy;

		shapes_too_much[i].make(&policy);
		assert_refused(&room, &policy, "the policy needs ", &prng);
		rf_policy_free(&policy);
	}
	end(&room);
}

/* It would fit alone: what is missing is the room beside the policy that is in force. */
static void a_map_that_is_full_in_the_middle_of_a_policy_changes_nothing(void **state)
{
	static const char many_peers[] =
		"{\"ingress\": {\"rules\": [{\"id\": 2, \"action\": \"allow\", \"peers\": "
		"[\"10.1.0.0/16\", \"10.2.0.0/16\", \"10.3.0.0/16\", \"10.4.0.0/16\", "
		"\"10.5.0.0/16\", \"10.6.0.0/16\", \"10.7.0.0/16\", \"10.8.0.0/16\"]}]}}";
	static const char many_ports[] =
		"{\"ingress\": {\"rules\": [{\"id\": 2, \"action\": \"allow\", "
		"\"protocol\": \"udp\", \"ports\": [\"1-1000\"]}]}}";
	static const struct {
		const char *text;
		uint32_t peers, services;
		const char *message;
	} cases[] = {
		{many_peers, 12, 1024, "map peers is too small: the policy needs "},
		{many_ports, 1024, 18, "map services is too small: the policy needs "},
	};
	struct prng prng = prng_from_environment();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rf_policy policy;
		struct room room;

		begin(&room, cases[i].peers, cases[i].services);
		running_pod_parse(cases[i].text, &policy);
		for (int again = 0; again < 3; again++)
			assert_refused(&room, &policy, cases[i].message, &prng);
		rf_policy_free(&policy);
		end(&room);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_that_fit_are_judged_right),
		cmocka_unit_test(shapes_that_do_not_fit_change_nothing),
		cmocka_unit_test(a_map_that_is_full_in_the_middle_of_a_policy_changes_nothing),
	};

	run_directory_own();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
