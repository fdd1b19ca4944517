// SPDX-License-Identifier: Apache-2.0
/*
 * A policy is flipped a thousand times under new flows, each of which has to be answered as one of
 * the two says that was in force meanwhile: in verdict, counted reason, rule and what else the rule
 * asks for, by the policy whose word its session or event has. What was made of both, or while one
 * of them was not whole, would be a third answer.
 */
#include "dataplane/counters.h"
#include "netconf/json.h"
#include "test/lib/ask.h"
#include "test/lib/flip.h"
#include "test/lib/random_policy.h"
#include "test/lib/run_directory.h"
#include "test/lib/running_pod.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FLIPS     1000
#define PACE      4 /* packets at least between two flips */
#define QUESTIONS 512
#define PAIRS     20 /* of random policies */

#define WIDE                                                                                       \
	", \"peers\": [\"10.1.0.0/16\", \"fd01::/16\"], "                                          \
	"\"except\": [\"10.1.9.0/24\", \"fd01:9::/32\"]"
#define NARROW     ", \"peers\": [\"10.1.2.0/24\", \"fd01:2::/32\"]"
#define HALF       ", \"peers\": [\"10.1.2.128/25\", \"fd01:2:8000::/33\"]"
#define TCP(ports) ", \"protocol\": \"tcp\", \"ports\": [\"" ports "\"]"
#define UDP(ports) ", \"protocol\": \"udp\", \"ports\": [\"" ports "\"]"
#define PING       ", \"protocol\": \"icmp\", \"ports\": [\"8\"]"

/*
 * Rules for every peer and rules for some take turns in precedence, so that nearly each answer
 * needs both classes of a peer.
 */
static const struct {
	int id; /* the first of the direction's ids is added */
	int priority;
	const char *reach;
} rules[] = {
	{5, 5, HALF TCP("88")}, {1, 10, WIDE TCP("80-90")}, {2, 20, TCP("85-443")},
	{3, 30, NARROW},        {4, 40, UDP("53")},         {6, 50, PING},
	{7, 60, TCP("9000")},
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

#define ACTION(action) "\"action\": \"" action "\""
#define DSCP           ", \"qos\": {\"dscp\": \"EF\"}"
#define CLASS          ", \"qos\": {\"priorityClass\": \"1:10\"}"
#define LOG            ", \"log\": true"

/* What each of them does. What A allows B denies, in all of them but the last. */
static const char *const a[RULES] = {
	ACTION("reject"),   ACTION("allow"), ACTION("deny"),  ACTION("allow"),
	ACTION("log") DSCP, ACTION("allow"), ACTION("allow"),
};
static const char *const b[RULES] = {
	ACTION("allow"), ACTION("deny"),   ACTION("allow"),       ACTION("deny") LOG,
	ACTION("deny"),  ACTION("reject"), ACTION("allow") CLASS,
};
/* A, but for one rule: all classes that it is not in are equal. */
static const char *const a_changed[RULES] = {
	ACTION("reject"),   ACTION("deny"),  ACTION("deny"),  ACTION("allow"),
	ACTION("log") DSCP, ACTION("allow"), ACTION("allow"),
};

/* A direction's rules, with ids of their own. */
struct side {
	int first_id;
	const char *const *does; /* of RULES */
};

static void add_side(FILE *text, const char *direction, const char *otherwise, struct side side)
{
	fprintf(text, "\"%s\": {\"default\": \"%s\", \"rules\": [", direction, otherwise);
	for (size_t i = 0; i < RULES; i++)
		fprintf(text, "%s{\"id\": %d, \"priority\": %d, %s%s}", i ? ", " : "",
			side.first_id + rules[i].id, rules[i].priority, side.does[i],
			rules[i].reach);
	fputs("]}", text);
}

static void make_policy(struct side ingress, struct side egress, struct rf_policy *policy)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	fputc('{', stream);
	add_side(stream, "ingress", "deny", ingress);
	fputs(", ", stream);
	add_side(stream, "egress", "allow", egress);
	fputc('}', stream);
	assert_int_equal(fclose(stream), 0);
	running_pod_parse(text, policy);
	free(text);
}

static const char *const addresses[] = {ASK_POD_4, ASK_POD_6, NULL};

/* What the thread asks. */
struct questions {
	struct policy_question list[QUESTIONS];
	uint64_t answers[RF_REASON_COUNT][2]; /* by reason and policy */
};

static int setup(void **state)
{
	const struct rf_map_sizes sizes = {.sessions = 1024, .half_open = 4096};

	*state = programs_load(&sizes);
	return 0;
}

static int teardown(void **state)
{
	programs_free(*state);
	return 0;
}

/*
 * That a flow is judged under one policy is seen by its session or its event: not without either.
 * And each packet has to begin a flow: without ports it would belong to that of the one before.
 */
static bool is_seen(const struct policy_question *question)
{
	switch (question->protocol) {
	case IPPROTO_ICMP:
		return question->service == 8 << 8;
	case IPPROTO_ICMPV6:
		return question->service == 128 << 8;
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		return true;
	}
	return false;
}

static void draw_questions(struct prng *prng, const struct rf_policy policies[2],
			   struct questions *questions)
{
	for (size_t i = 0; i < QUESTIONS; i++)
		do
			questions->list[i] = random_question(prng, &policies[i % 2]);
		while (!is_seen(&questions->list[i]));
}

static bool ask_one(struct flip *flip, uint64_t number, void *context)
{
	struct questions *questions = context;
	const struct policy_question *question = &questions->list[number % QUESTIONS];
	uint64_t before = flip_word(flip), word = 0;
	struct policy_answer answer, expected;
	char text[POLICY_QUESTION_TEXT];
	bool rule_known;

	answer = ask_under(flip->programs, flip->pod, question, (uint16_t)number, &rule_known,
			   &word);
	if (!flip_expect(flip, rule_known, "no rule is known") ||
	    !flip_expect_word(flip, before, word, flip_word(flip)))
		return false;
	expected = policy_model(flip_policy(flip, word), question);
	questions->answers[answer.reason][flip_policy(flip, word) == &flip->policies[1]]++;
	return flip_expect(flip, ask_is_same(&answer, &expected),
			   "%s under word %#lx: %s, rule %u; its policy says %s, rule %u",
			   policy_question_format(question, text), word,
			   rf_reason_name(answer.reason), answer.rule,
			   rf_reason_name(expected.reason), expected.rule);
}

/* Each of @reasons has come up under both policies. */
static void assert_came_up(const struct questions *questions, const enum rf_reason *reasons,
			   size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (int side = 0; side < 2; side++)
			assert_true(questions->answers[reasons[i]][side] > 0);
}

static void flip_between(struct programs *programs, const struct rf_policy policies[2],
			 struct questions *questions)
{
	struct prng prng = prng_from_environment();
	struct flip *flip = malloc(sizeof(*flip));

	assert_non_null(flip);
	draw_questions(&prng, policies, questions);
	flip_begin(flip, programs, addresses, policies);
	flip_run(flip, FLIPS, PACE, ask_one, questions);
	flip_end(flip);
	free(flip);
}

static void policies_that_have_nothing_in_common(void **state)
{
	static const enum rf_reason reasons[] = {RF_REASON_RULE_ALLOW, RF_REASON_RULE_DENY,
						 RF_REASON_RULE_REJECT, RF_REASON_DEFAULT_ALLOW,
						 RF_REASON_DEFAULT_DENY};
	struct questions questions = {};
	struct rf_policy policies[2];

	make_policy((struct side){10, a}, (struct side){20, b}, &policies[0]);
	make_policy((struct side){30, b}, (struct side){40, a}, &policies[1]);
	flip_between(*state, policies, &questions);
	assert_came_up(&questions, reasons, sizeof(reasons) / sizeof(reasons[0]));
}

/* Equal classes may be the same ones in both policies. */
static void policies_that_differ_in_one_rule(void **state)
{
	static const enum rf_reason reasons[] = {RF_REASON_RULE_ALLOW, RF_REASON_RULE_DENY,
						 RF_REASON_RULE_REJECT};
	struct questions questions = {};
	struct rf_policy policies[2];

	make_policy((struct side){10, a}, (struct side){20, a}, &policies[0]);
	make_policy((struct side){10, a_changed}, (struct side){20, a}, &policies[1]);
	flip_between(*state, policies, &questions);
	assert_came_up(&questions, reasons, sizeof(reasons) / sizeof(reasons[0]));
}

/* Of these a document can say all. Ids are unlike those of the other policy. */
static void draw_policy(struct prng *prng, uint32_t first_id, struct rf_policy *policy)
{
	struct rf_policy drawn;
	int ret;

	do {
		cJSON *json;

		random_policy(prng, &drawn);
		for (size_t i = 0; i < drawn.ingress.rule_count; i++)
			drawn.ingress.rules[i].id = first_id + (uint32_t)i;
		for (size_t i = 0; i < drawn.egress.rule_count; i++)
			drawn.egress.rules[i].id =
				first_id + (uint32_t)(drawn.ingress.rule_count + i);
		json = rf_policy_to_json(&drawn);
		assert_non_null(json);
		ret = rf_policy_parse(json, "policy", true, policy, NULL);
		cJSON_Delete(json);
		rf_policy_free(&drawn);
	} while (ret);
}

/* Equal ones are one policy, between which nothing flips: those without rules can be. */
static bool are_equal(const struct rf_policy policies[2])
{
	char *texts[] = {rf_policy_text(&policies[0]), rf_policy_text(&policies[1])};
	bool equal;

	assert_true(texts[0] && texts[1]);
	equal = !strcmp(texts[0], texts[1]);
	free(texts[0]);
	free(texts[1]);
	return equal;
}

static void draw_two(struct prng *prng, struct rf_policy policies[2])
{
	draw_policy(prng, 1000, &policies[0]);
	draw_policy(prng, 2000, &policies[1]);
	while (are_equal(policies)) {
		rf_policy_free(&policies[1]);
		draw_policy(prng, 2000, &policies[1]);
	}
}

static void random_policies(void **state)
{
	struct prng prng = prng_from_environment();
	struct flip *flip = malloc(sizeof(*flip));
	struct questions questions = {};

	assert_non_null(flip);
	for (int pair = 0; pair < PAIRS; pair++) {
		struct rf_policy policies[2];

		draw_two(&prng, policies);
		draw_questions(&prng, policies, &questions);
		flip_begin(flip, *state, addresses, policies);
		flip_run(flip, FLIPS / PAIRS, PACE, ask_one, &questions);
		flip_end(flip);
	}
	free(flip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(policies_that_have_nothing_in_common, setup,
						teardown),
		cmocka_unit_test_setup_teardown(policies_that_differ_in_one_rule, setup, teardown),
		cmocka_unit_test_setup_teardown(random_policies, setup, teardown),
	};

	run_directory_own();
	return cmocka_run_group_tests_name("flip", tests, NULL, NULL);
}
