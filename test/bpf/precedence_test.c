// SPDX-License-Identifier: Apache-2.0
/*
 * Which of two rules wins where one is for every peer and the other names the peer, so that they
 * are in two classes, and only what stands in their entries can tell.
 */
#include "netconf/cleanup.h"
#include "netconf/json.h"
#include "test/lib/ask.h"
#include "test/lib/fixture.h"
#include "test/lib/packet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A rule's action, priority and id; for every peer, or for the peer that asks. */
struct side {
	const char *action;
	uint32_t priority;
	uint32_t id;
};

static const struct tie {
	struct side common;
	struct side own;
	uint32_t winner; /* id */
} ties[] = {
	/* The priority decides before all else, */
	{{"allow", 5, 1}, {"deny", 6, 2}, 1},
	{{"allow", 6, 1}, {"deny", 5, 2}, 2},
	{{"allow", 4294967294, 1}, {"reject", 4294967295, 2}, 1},
	{{"reject", 4294967295, 1}, {"allow", 4294967294, 2}, 2},
	/* then reject and deny before log before allow, */
	{{"allow", 5, 1}, {"deny", 5, 2}, 2},
	{{"deny", 5, 2}, {"allow", 5, 1}, 2},
	{{"log", 5, 1}, {"reject", 5, 2}, 2},
	{{"reject", 5, 2}, {"log", 5, 1}, 2},
	{{"allow", 5, 1}, {"log", 5, 2}, 2},
	{{"log", 5, 2}, {"allow", 5, 1}, 2},
	/* then the lower id, */
	{{"deny", 5, 1}, {"reject", 5, 2}, 1},
	{{"deny", 5, 2}, {"reject", 5, 1}, 1},
	{{"log", 0, 4294967295}, {"log", 0, 4294967294}, 4294967294},
	{{"log", 0, 4294967294}, {"log", 0, 4294967295}, 4294967294},
	/* and the default comes behind the last of all rules. */
	{{NULL, 0, 0}, {"log", 4294967295, 4294967295}, 4294967295},
	{{"log", 4294967295, 4294967295}, {NULL, 0, 0}, 4294967295},
	{{NULL, 0, 0}, {NULL, 0, 0}, 0},
};

static char *rule_text(const struct side *side, const char *peers)
{
	char *text = NULL;

	if (!side->action)
		return strdup("");
	assert_true(asprintf(&text, "{\"id\": %u, \"action\": \"%s\", \"priority\": %u%s}",
			     side->id, side->action, side->priority, peers) > 0);
	return text;
}

static void read_policy(const struct tie *tie, enum rf_direction direction,
			struct rf_policy *policy, char **text)
{
	_cleanup_free_ char *common = rule_text(&tie->common, "");
	_cleanup_free_ char *own = rule_text(&tie->own, ", \"peers\": [\"" PEER_4 "\"]");
	_cleanup_json_ cJSON *json = NULL;
	struct rf_error error = {};

	assert_true(asprintf(text, "{\"%s\": {\"default\": \"deny\", \"rules\": [%s%s%s]}}",
			     direction == RF_INGRESS ? "ingress" : "egress", common,
			     *common && *own ? ", " : "", own) > 0);
	assert_int_equal(rf_json_parse(*text, strlen(*text), &json, &error), 0);
	if (rf_policy_parse(json, "policy", false, policy, &error))
		fail_msg("%s", error.message);
}

static void between_two_classes_the_better_rule_wins(void **state)
{
	static const char *const addresses[] = {ASK_POD_4, ASK_POD_6, NULL};
	struct programs *programs = *state;

	programs_add_pod(programs, POD_ID, addresses, RF_POD_ANTI_SPOOF, ALLOW_ALL);
	for (size_t i = 0; i < 2 * sizeof(ties) / sizeof(ties[0]); i++) {
		const struct tie *tie = &ties[i / 2];
		struct policy_question question = {
			.direction = i % 2 ? RF_EGRESS : RF_INGRESS,
			.peer = packet_address(PEER_4),
			.protocol = IPPROTO_TCP,
			.service = 80,
		};
		_cleanup_free_ char *text = NULL;
		struct policy_answer answer;
		struct rf_policy policy;

		read_policy(tie, question.direction, &policy, &text);
		programs_set_policy(programs, POD_ID, text);
		if (!ask_agrees(programs, POD_ID, &policy, &question, (uint16_t)i, &answer) ||
		    answer.rule != tie->winner)
			fail_msg("%s: rule %u", text, answer.rule);
		rf_policy_free(&policy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(between_two_classes_the_better_rule_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
