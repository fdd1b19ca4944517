// SPDX-License-Identifier: Apache-2.0
/* Who decides a flow by the document's own words, why, and who would without it. */
#include "dataplane/explain_policy.h"
#include "test/lib/policy_model.h"
#include "test/lib/prng.h"
#include "test/lib/random_policy.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define POLICIES  400
#define QUESTIONS 100

static struct rf_policy read_policy(const char *text)
{
	struct rf_policy policy;

	assert_int_equal(rf_policy_read(text, strlen(text), &policy, NULL), 0);
	return policy;
}

static struct rf_policy_question tcp_from(const char *peer, uint16_t port)
{
	struct rf_policy_question question = {
		.direction = RF_INGRESS, .protocol = IPPROTO_TCP, .service = port};

	assert_int_equal(inet_pton(AF_INET6, peer, &question.peer), 1);
	return question;
}

static void the_best_rule_and_the_next_are_told_with_what_they_match_by(void **state)
{
	struct rf_policy policy = read_policy(
		"{\"ingress\": {\"rules\": ["
		"{\"id\": 1, \"action\": \"allow\", \"priority\": 9},"
		"{\"id\": 2, \"action\": \"deny\", \"priority\": 5, \"peers\": [\"192.0.2.0/24\", "
		"\"10.0.0.0/8\"], \"protocol\": \"tcp\", \"ports\": [\"22\", \"80-90\"]},"
		"{\"id\": 3, \"action\": \"reject\", \"priority\": 7, \"peers\": [\"10.0.0.0/8\"], "
		"\"except\": [\"10.9.0.0/16\"]}]}}");
	struct rf_policy_question question = tcp_from("::ffff:10.1.2.3", 85);
	struct rf_policy_answer answer = rf_policy_ask(&policy, &question);

	(void)state;
	assert_int_equal(answer.best.rule->id, 2);
	assert_int_equal(answer.best.reason, RF_REASON_RULE_DENY);
	assert_int_equal(answer.best.peer->length, 104);
	assert_int_equal(answer.best.ports->first, 80);
	assert_int_equal(answer.next.rule->id, 3);
	assert_int_equal(answer.next.reason, RF_REASON_RULE_REJECT);
	question = tcp_from("::ffff:10.9.2.3", 85);
	answer = rf_policy_ask(&policy, &question);
	assert_int_equal(answer.best.rule->id, 2);
	assert_int_equal(answer.next.rule->id, 1);
	assert_null(answer.next.peer);
	question = tcp_from("fd00::1", 85);
	answer = rf_policy_ask(&policy, &question);
	assert_int_equal(answer.best.rule->id, 1);
	assert_null(answer.next.rule);
	assert_int_equal(answer.next.reason, RF_REASON_DEFAULT_DENY);
	question.direction = RF_EGRESS;
	answer = rf_policy_ask(&policy, &question);
	assert_false(answer.is_restricted);
	assert_null(answer.best.rule);
	assert_int_equal(answer.best.reason, RF_REASON_DEFAULT_ALLOW);
	rf_policy_free(&policy);
}

/* The same policy without the rule that decides. */
static struct policy_answer without(struct rf_policy *policy, uint32_t rule,
				    const struct policy_question *question)
{
	struct rf_ruleset *ruleset =
		question->direction == RF_INGRESS ? &policy->ingress : &policy->egress;
	struct policy_answer answer;
	int protocol;
	size_t at = 0;

	while (at < ruleset->rule_count && ruleset->rules[at].id != rule)
		at++;
	if (at == ruleset->rule_count)
		return policy_model(policy, question);
	/* A protocol that there is not: it matches nothing. */
	protocol = ruleset->rules[at].protocol;
	ruleset->rules[at].protocol = 1000;
	answer = policy_model(policy, question);
	ruleset->rules[at].protocol = protocol;
	return answer;
}

static void random_policies_are_understood_as_the_model_does(void **state)
{
	struct prng prng = prng_from_environment();

	(void)state;
	for (int i = 0; i < POLICIES; i++) {
		struct rf_policy policy;

		random_policy(&prng, &policy);
		for (int j = 0; j < QUESTIONS; j++) {
			struct policy_question asked = random_question(&prng, &policy);
			const struct rf_policy_question question = {asked.direction, asked.peer,
								    asked.protocol, asked.service};
			struct rf_policy_answer answer = rf_policy_ask(&policy, &question);
			struct policy_answer expected = policy_model(&policy, &asked);

			assert_int_equal(answer.best.reason, expected.reason);
			assert_int_equal(answer.best.rule ? answer.best.rule->id : 0,
					 expected.rule);
			expected = without(&policy, expected.rule, &asked);
			assert_int_equal(answer.next.reason, expected.reason);
			assert_int_equal(answer.next.rule ? answer.next.rule->id : 0,
					 expected.rule);
		}
		rf_policy_free(&policy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_rule_and_the_next_are_told_with_what_they_match_by),
		cmocka_unit_test(random_policies_are_understood_as_the_model_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
