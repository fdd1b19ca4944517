// SPDX-License-Identifier: Apache-2.0
/*
 * A busy node: 1,000 pods under 100 policies, some of them of 10,000 rules. Equal policies are
 * there once, each pod is judged by its own, all change to others while traffic may go on, and the
 * last pod leaves nothing.
 */
#include "dataplane/map_batch.h"
#include "test/lib/ask.h"
#include "test/lib/random_policy.h"
#include "test/lib/run_directory.h"
#include "test/lib/running_pod.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PODS        1000
#define POLICIES    100
#define LARGE       2 /* of them */
#define LARGE_RULES 10000
#define SMALL_RULES 20
#define ELSEWHERE   1000 /* first of the interfaces that pods are behind */
#define PROBES      5    /* of each policy, in each round */

struct node {
	struct programs *programs;
	struct rf_policy policies[POLICIES];
	uint32_t ids[PODS];
	struct prng prng;
};

/* A port each, every other rule for a prefix of its own; the first half is the same in all. */
static void make_policy(struct rf_policy *policy, uint32_t number)
{
	size_t count = number < LARGE ? LARGE_RULES : SMALL_RULES;

	*policy = (struct rf_policy){.ingress = {.restricted = true}};
	policy->ingress.default_action = RF_ACTION_DENY;
	policy->ingress.rules = calloc(count, sizeof(*policy->ingress.rules));
	assert_non_null(policy->ingress.rules);
	policy->ingress.rule_count = count;
	for (uint32_t i = 0; i < count; i++) {
		struct rf_rule *rule = &policy->ingress.rules[i];
		uint32_t own = i < count / 2 ? 0 : number + 1;

		*rule = (struct rf_rule){
			.id = own * 100000 + i + 1,
			.action = (i + own) % 3 ? RF_ACTION_ALLOW : RF_ACTION_DENY,
			.priority = 1 + i % 7,
			.protocol = IPPROTO_TCP,
			.ports = calloc(1, sizeof(*rule->ports)),
			.port_count = 1,
		};
		assert_non_null(rule->ports);
		rule->ports[0] = (struct rf_port_range){(uint16_t)(1 + i), (uint16_t)(1 + i)};
		if (i % 2)
			continue;
		rule->peers = calloc(1, sizeof(*rule->peers));
		assert_non_null(rule->peers);
		rule->peer_count = 1;
		rule->peers[0] = (struct rf_prefix){
			.address = packet_address("10.0.0.0"),
			.length = RF_V4_PREFIX_LENGTH + 24,
			.is_v4 = true,
		};
		rule->peers[0].address.s6_addr[13] = (uint8_t)(i >> 8);
		rule->peers[0].address.s6_addr[14] = (uint8_t)i;
	}
}

/* Two roots, and a prefix for every other rule. */
static size_t peers_of(uint32_t number)
{
	return 2 + (number < LARGE ? LARGE_RULES : SMALL_RULES) / 2;
}

/* Two defaults, and a port for each rule. */
static size_t services_of(uint32_t number)
{
	return 2 + (number < LARGE ? LARGE_RULES : SMALL_RULES);
}

static void assert_room(const struct node *node, bool is_empty)
{
	const struct rf_objects *objects = &node->programs->objects;
	size_t peers = 0, services = 0;
	size_t peers_held = rf_map_count(objects->maps[RF_MAP_PEERS], sizeof(struct rf_peer_key));
	size_t services_held =
		rf_map_count(objects->maps[RF_MAP_SERVICES], sizeof(struct rf_service_key));

	for (uint32_t i = 0; i < POLICIES && !is_empty; i++) {
		peers += peers_of(i);
		services += services_of(i);
	}
	printf("# %zu entries in peers, %zu in services, %zu policy files\n", peers_held,
	       services_held, running_pod_policy_files());
	assert_int_equal(peers_held, peers);
	/* Classes that several policies have alike may be there once. */
	assert_true(services_held <= services && !services_held == is_empty);
	assert_int_equal(running_pod_policy_files(), is_empty ? 0 : POLICIES);
}

/* Packets come through one interface: the pod that is asked is behind it meanwhile. */
static void probe(struct node *node, uint32_t pod, uint32_t number)
{
	const struct rf_policy *policy = &node->policies[number];
	struct in6_addr address = packet_address(ASK_POD_4);
	uint32_t id = node->ids[pod];
	int pods = node->programs->objects.maps[RF_MAP_PODS];
	struct rf_map_entries leads = {
		.keys = &address,
		.values = &id,
		.key_size = sizeof(address),
		.value_size = sizeof(id),
		.count = 1,
	};

	assert_int_equal(rf_map_update_all(pods, &leads), 0);
	programs_move_pod(node->programs, id, PROGRAMS_IFINDEX);
	for (uint16_t i = 0; i < PROBES; i++) {
		struct policy_question question = random_question(&node->prng, policy);
		struct policy_answer answer;

		if (!IN6_IS_ADDR_V4MAPPED(&question.peer))
			question.peer = packet_address("10.0.2.1");
		if (question.protocol != IPPROTO_TCP)
			question.protocol = IPPROTO_UDP;
		assert_true(ask_agrees(node->programs, id, policy, &question, i, &answer));
	}
	programs_move_pod(node->programs, id, ELSEWHERE + pod);
	assert_int_equal(rf_map_delete_all(pods, &leads), 0);
}

static void add_all(struct node *node)
{
	for (uint32_t pod = 0; pod < PODS; pod++) {
		char address[INET_ADDRSTRLEN];
		const char *const addresses[] = {address, NULL};

		snprintf(address, sizeof(address), "10.200.%u.%u", pod / 250, 1 + pod % 250);
		node->ids[pod] = running_pod_add(node->programs, pod, addresses, ELSEWHERE + pod,
						 &node->policies[pod % POLICIES]);
	}
}

static void a_thousand_pods_share_a_hundred_policies(void **state)
{
	const struct rf_map_sizes sizes = {.sessions = 1024, .half_open = 4096};
	struct node *node = calloc(1, sizeof(*node));

	(void)state;
	assert_non_null(node);
	node->programs = programs_load(&sizes);
	node->prng = prng_from_environment();
	for (uint32_t i = 0; i < POLICIES; i++)
		make_policy(&node->policies[i], i);
	add_all(node);
	assert_room(node, false);
	for (uint32_t i = 0; i < POLICIES; i++)
		probe(node, i * 9 % PODS / POLICIES * POLICIES + i, i);
	/* Each takes the policy of its neighbour. */
	for (uint32_t pod = 0; pod < PODS; pod++) {
		struct rf_error error = {};

		if (running_pod_apply(node->programs, pod, &node->policies[(pod + 1) % POLICIES],
				      &error))
			fail_msg("pod %u: %s", pod, error.message);
	}
	assert_room(node, false);
	for (uint32_t i = 0; i < POLICIES; i++)
		probe(node, i, (i + 1) % POLICIES);
	for (uint32_t pod = 0; pod < PODS; pod++)
		running_pod_remove(node->programs, pod);
	assert_room(node, true);
	for (uint32_t i = 0; i < POLICIES; i++)
		rf_policy_free(&node->policies[i]);
	programs_free(node->programs);
	free(node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_pods_share_a_hundred_policies),
	};

	run_directory_own();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
