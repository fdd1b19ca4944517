// SPDX-License-Identifier: Apache-2.0
#include "test/lib/share.h"
#include "dataplane/identifiers.h"
#include "dataplane/map_batch.h"
#include "dataplane/paths.h"
#include "dataplane/policy/file.h"
#include "dataplane/policy/store.h"
#include "netconf/cleanup.h"
#include "test/lib/ask.h"
#include "test/lib/random_policy.h"

#include <stdlib.h>

#define QUESTIONS 60

size_t share_count(const struct share *share, enum rf_map map)
{
	return rf_map_count(share->objects->maps[map], map == RF_MAP_PEERS
							       ? sizeof(struct rf_peer_key)
							       : sizeof(struct rf_service_key));
}

struct share *share_begin(const struct rf_map_sizes *sizes)
{
	static const char *const addresses[] = {ASK_POD_4, ASK_POD_6, NULL};
	struct share *share = calloc(1, sizeof(*share));

	assert_non_null(share);
	share->programs = programs_load(sizes);
	share->objects = &share->programs->objects;
	share->objects->set = SHARE_SET;
	programs_add_pod(share->programs, SHARE_POD, addresses, RF_POD_ANTI_SPOOF, "{}");
	share->objects->pod_state[SHARE_POD].policy = 0;
	share->peers = share_count(share, RF_MAP_PEERS);
	share->services = share_count(share, RF_MAP_SERVICES);
	return share;
}

int share_setup(void **state)
{
	const struct rf_map_sizes sizes = {.sessions = 1024, .half_open = 4096};

	*state = share_begin(&sizes);
	return 0;
}

void share_end(struct share *share)
{
	programs_free(share->programs);
	free(share);
}

int share_teardown(void **state)
{
	share_end(*state);
	return system("rm -rf " RF_POLICIES_DIRECTORY);
}

void share_judge_under(const struct share *share, uint32_t pod, uint32_t id)
{
	uint32_t epoch;

	assert_int_equal(rf_next_epoch(share->objects, &epoch, NULL), 0);
	share->objects->pod_state[pod].policy = id ? RF_POLICY_WORD(id, epoch) : 0;
}

int share_realise(const struct share *share, const struct rf_policy *policy, uint32_t *id,
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

uint32_t share_take(const struct share *share, uint32_t pod, const struct rf_policy *policy)
{
	struct rf_error error = {};
	uint32_t id;

	if (share_realise(share, policy, &id, &error))
		fail_msg("%s", error.message);
	share_judge_under(share, pod, id);
	return id;
}

void share_sweep(const struct share *share)
{
	struct rf_error error = {};

	if (rf_policy_sweep(share->objects, &error))
		fail_msg("%s", error.message);
}

void share_assert_in_force(const struct share *share, uint32_t id)
{
	struct rf_error error = {};

	if (rf_policy_check(share->objects, id, &error))
		fail_msg("policy %u: %s", id, error.message);
}

void share_assert_agrees(const struct share *share, const struct rf_policy *policy,
			 struct prng *prng)
{
	for (uint16_t i = 0; i < QUESTIONS; i++) {
		struct policy_question question = random_question(prng, policy);
		struct policy_answer answer;

		if (!ask_agrees(share->programs, SHARE_POD, policy, &question, i, &answer))
			fail_msg("the programs differ from the model; the seed is above");
	}
}

void share_assert_nothing_left(const struct share *share)
{
	struct rf_policy_name *names = NULL;
	size_t files = 0;

	assert_int_equal(rf_policy_file_list(SHARE_SET, &names, &files), 0);
	free(names);
	assert_int_equal(files, 0);
	assert_int_equal(share_count(share, RF_MAP_PEERS), share->peers);
	assert_int_equal(share_count(share, RF_MAP_SERVICES), share->services);
}

void share_make_policy(struct rf_policy *policy, uint32_t prefixes, uint32_t denied)
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
			.action = i == denied ? RF_ACTION_DENY : RF_ACTION_ALLOW,
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
