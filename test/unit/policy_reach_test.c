// SPDX-License-Identifier: Apache-2.0
/* Which rules can decide: none of those is said to be shadowed, and all of the shadowed are. */
#include "dataplane/policy_reach.h"
#include "dataplane/explain_policy.h"
#include "test/lib/policy_model.h"
#include "test/lib/prng.h"
#include "test/lib/random_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define POLICIES  300
#define QUESTIONS 400

static struct rf_policy read_policy(const char *text)
{
	struct rf_policy policy;

	assert_int_equal(rf_policy_read(text, strlen(text), &policy, NULL), 0);
	return policy;
}

/* @expected: a digit for each rule of ingress, and one for its default. */
static void check(const char *rules, const char *expected)
{
	struct rf_policy_reach reach[RF_DIRECTIONS];
	struct rf_policy policy;
	char text[2048];
	size_t count;

	snprintf(text, sizeof(text), "{\"ingress\": {\"rules\": [%s]}}", rules);
	policy = read_policy(text);
	assert_int_equal(rf_policy_reach(&policy, reach, NULL), 0);
	count = policy.ingress.rule_count;
	assert_int_equal(strlen(expected), count + 1);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(reach[RF_INGRESS].decides[i], expected[i] == '1');
	assert_int_equal(reach[RF_INGRESS].default_decides, expected[count] == '1');
	assert_true(reach[RF_EGRESS].default_decides);
	rf_policy_reach_free(reach);
	rf_policy_free(&policy);
}

#define RULE(id, action, more) "{\"id\": " #id ", \"action\": \"" action "\"" more "}"

static void a_rule_that_another_covers_never_decides(void **state)
{
	(void)state;
	check(RULE(1, "allow", ", \"protocol\": \"tcp\""), "11");
	check(RULE(1, "deny", "") "," RULE(2, "allow", ", \"protocol\": \"tcp\""), "100");
	check(RULE(1, "allow", ", \"priority\": 1, \"protocol\": \"tcp\"") "," RULE(
		      2, "deny", ", \"protocol\": \"tcp\", \"ports\": [\"80\"]"),
	      "101");
	check(RULE(1, "allow", ", \"peers\": [\"10.0.0.0/8\"]") "," RULE(
		      2, "deny", ", \"priority\": 1, \"peers\": [\"10.1.0.0/16\"]"),
	      "111");
	check(RULE(1, "allow", ", \"peers\": [\"10.1.0.0/16\"]") "," RULE(
		      2, "deny", ", \"priority\": 1, \"peers\": [\"10.0.0.0/8\"]"),
	      "011");
}

static void a_rule_that_several_cover_together_never_decides(void **state)
{
	(void)state;
	check(RULE(1, "deny", ", \"peers\": [\"10.0.0.0/9\"]") "," RULE(
		      2, "deny", ", \"peers\": [\"10.128.0.0/9\"]") "," RULE(3, "allow",
									     ", \"peers\": "
									     "[\"10.0.0.0/8\"]"),
	      "1101");
	check(RULE(1, "deny", ", \"protocol\": \"tcp\", \"ports\": [\"0-79\"]") "," RULE(
		      2, "deny",
		      ", \"protocol\": \"tcp\", \"ports\": [\"80-65535\"]") "," RULE(3, "allow",
										     ", "
										     "\"protocol\":"
										     " \"tcp\""),
	      "1101");
	check(RULE(1, "deny", ", \"peers\": [\"::/1\", \"0.0.0.0/0\"]") "," RULE(
		      2, "deny", ", \"peers\": [\"8000::/1\"]") "," RULE(3, "allow", ""),
	      "1100");
	/* One address, one port is left. */
	check(RULE(1, "deny", ", \"peers\": [\"10.0.0.0/8\"], \"except\": [\"10.0.0.1\"]") "," RULE(
		      2, "deny",
		      ", \"protocol\": \"tcp\", \"ports\": [\"0-79\", \"81-65535\"]") "," RULE(3,
											       "all"
											       "ow",
											       ", "
											       "\"p"
											       "eer"
											       "s\""
											       ": "
											       "[\""
											       "10."
											       "0."
											       "0."
											       "0/"
											       "8\""
											       "], "
											       "\"p"
											       "rot"
											       "oco"
											       "l\""
											       ": "
											       "\"t"
											       "cp"
											       "\""),
	      "1111");
}

/* Whoever decides a question can decide; and who cannot decides none. */
static void no_question_is_decided_by_a_rule_that_never_decides(void **state)
{
	struct prng prng = prng_from_environment();
	size_t shadowed = 0, deciding = 0, met = 0;

	(void)state;
	for (int i = 0; i < POLICIES; i++) {
		struct rf_policy_reach reach[RF_DIRECTIONS];
		struct rf_policy policy;
		bool *seen;

		random_policy(&prng, &policy);
		assert_int_equal(rf_policy_reach(&policy, reach, NULL), 0);
		seen = calloc(policy.ingress.rule_count + 1, sizeof(*seen));
		for (int j = 0; j < QUESTIONS; j++) {
			struct policy_question asked = random_question(&prng, &policy);
			const struct rf_policy_question question = {asked.direction, asked.peer,
								    asked.protocol, asked.service};
			const struct rf_rule *best = rf_policy_ask(&policy, &question).best.rule;
			const struct rf_ruleset *ruleset =
				asked.direction == RF_INGRESS ? &policy.ingress : &policy.egress;
			const struct rf_policy_reach *of = &reach[asked.direction];

			assert_true(best ? of->decides[best - ruleset->rules]
					 : of->default_decides);
			if (best && asked.direction == RF_INGRESS)
				seen[best - ruleset->rules] = true;
		}
		for (size_t j = 0; j < policy.ingress.rule_count; j++) {
			shadowed += !reach[RF_INGRESS].decides[j];
			deciding += reach[RF_INGRESS].decides[j];
			met += seen[j];
		}
		free(seen);
		rf_policy_reach_free(reach);
		rf_policy_free(&policy);
	}
	print_message("# %zu rules decide, of which %zu were met; %zu never do\n", deciding, met,
		      shadowed);
	assert_true(shadowed > POLICIES / 4);
	/* Most of what is said to decide does come up. */
	assert_true(met > deciding / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_that_another_covers_never_decides),
		cmocka_unit_test(a_rule_that_several_cover_together_never_decides),
		cmocka_unit_test(no_question_is_decided_by_a_rule_that_never_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
