/* SPDX-License-Identifier: Apache-2.0 */
/* Several documents for a pod, joined into one policy. */
#include "test/unit/policy_support.h"

#define DOCUMENTS_MAX 3

struct joining {
	const char *documents[DOCUMENTS_MAX];
	const char *joined; /* NULL: refused */
	const char *message;
};

static struct rf_policy_part make_part(const char *text, size_t number)
{
	struct rf_policy_part part = {.policy = parse_good_policy(text)};

	assert_true(asprintf(&part.path, "%zu.json", number) > 0);
	return part;
}

static char *canonical_text(const struct rf_policy *policy)
{
	_cleanup_json_ cJSON *json = rf_policy_to_json(policy);
	char *text = cJSON_PrintUnformatted(json);

	assert_non_null(text);
	return text;
}

static void forget_origin(struct rf_ruleset *ruleset)
{
	free(ruleset->document);
	ruleset->document = NULL;
	for (size_t i = 0; i < ruleset->rule_count; i++) {
		free(ruleset->rules[i].document);
		ruleset->rules[i].document = NULL;
	}
}

static void assert_joined(const struct joining *joining, bool with_origin, struct rf_policy *policy)
{
	struct rf_policy expected = parse_good_policy(joining->joined);
	_cleanup_free_ char *expected_text = canonical_text(&expected);
	_cleanup_free_ char *text = NULL;

	if (!with_origin) {
		forget_origin(&policy->ingress);
		forget_origin(&policy->egress);
	}
	text = canonical_text(policy);
	assert_string_equal(text, expected_text);
	rf_policy_free(&expected);
}

static void join_and_check(const struct joining *joining, bool with_origin)
{
	struct rf_policy_part parts[DOCUMENTS_MAX];
	struct rf_policy policy = {0};
	struct rf_error error = {0};
	size_t count = 0;
	int result;

	for (; count < DOCUMENTS_MAX && joining->documents[count]; count++)
		parts[count] = make_part(joining->documents[count], count);
	result = rf_policy_join(parts, count, &policy, &error);
	if (joining->joined) {
		if (result < 0)
			fail_msg("%s: %s", joining->documents[0], error.message);
		assert_joined(joining, with_origin, &policy);
	} else {
		assert_int_equal(result, -EINVAL);
		assert_error(&error, joining->documents[0], RF_CODE_CONFIG, joining->message);
	}
	for (size_t i = 0; i < count; i++) {
		free(parts[i].path);
		rf_policy_free(&parts[i].policy);
	}
	rf_policy_free(&policy);
}

/* But for which documents the rules are from. */
static void join_all(const struct joining *joinings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		join_and_check(&joinings[i], false);
}

static void join_all_with_origin(const struct joining *joinings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		join_and_check(&joinings[i], true);
}

#define ALLOW(id, port)                                                                            \
	"{\"id\":" #id ",\"action\":\"allow\",\"protocol\":\"tcp\",\"ports\":[\"" #port "\"]}"

static void rules_of_all_documents_hold(void **state)
{
	static const struct joining joinings[] = {
		{{"{\"ingress\":{\"rules\":[" ALLOW(2, 80) "]}}",
		  "{\"ingress\":{\"rules\":[" ALLOW(1, 443) "]},\"egress\":{\"rules\":[" ALLOW(
			  3, 53) "]}}"},
		 "{\"ingress\":{\"rules\":[" ALLOW(1, 443) "," ALLOW(
			 2, 80) "]},"
				"\"egress\":{\"rules\":[" ALLOW(3, 53) "]}}",
		 NULL},
		{{"{\"ingress\":{\"rules\":[" ALLOW(1, 80) "]}}"},
		 "{\"ingress\":{\"rules\":[" ALLOW(1, 80) "]}}",
		 NULL},
		{{"{}", "{}"}, "{}", NULL},
	};

	(void)state;
	join_all(joinings, COUNT_OF(joinings));
}

static void a_direction_denies_by_default_if_one_document_says_so(void **state)
{
	static const struct joining joinings[] = {
		{{"{\"ingress\":{\"default\":\"allow\"}}", "{\"ingress\":{}}"},
		 "{\"ingress\":{\"default\":\"deny\"}}",
		 NULL},
		{{"{\"ingress\":{}}", "{\"ingress\":{\"default\":\"allow\"}}"},
		 "{\"ingress\":{\"default\":\"deny\"}}",
		 NULL},
		{{"{\"ingress\":{\"default\":\"allow\"}}", "{\"egress\":{}}",
		  "{\"ingress\":{\"default\":\"allow\"}}"},
		 "{\"ingress\":{\"default\":\"allow\"},\"egress\":{\"default\":\"deny\"}}",
		 NULL},
	};

	(void)state;
	join_all(joinings, COUNT_OF(joinings));
}

static void names_are_joined(void **state)
{
	static const struct joining joinings[] = {
		{{"{\"name\":\"base\"}", "{}", "{\"name\":\"web\"}"},
		 "{\"name\":\"base+web\"}",
		 NULL},
	};

	(void)state;
	join_all(joinings, COUNT_OF(joinings));
}

static void a_rule_that_documents_have_alike_is_there_once(void **state)
{
	static const struct joining joinings[] = {
		{{"{\"ingress\":{\"rules\":[" ALLOW(7, 80) "]}}",
		  "{\"ingress\":{\"rules\":[" ALLOW(7, 80) "," ALLOW(8, 81) "]}}",
		  "{\"ingress\":{\"rules\":[" ALLOW(7, 80) "]}}"},
		 "{\"ingress\":{\"rules\":[" ALLOW(7, 80) "," ALLOW(8, 81) "]}}",
		 NULL},
		{{"{\"ingress\":{\"rules\":[{\"id\":7,\"action\":\"log\","
		  "\"qos\":{\"dscp\":\"EF\",\"priorityClass\":\"1:10\"}}]}}",
		  "{\"ingress\":{\"rules\":[{\"id\":7,\"action\":\"log\",\"log\":false,"
		  "\"qos\":{\"dscp\":46,\"priorityClass\":65552}}]}}"},
		 "{\"ingress\":{\"rules\":[{\"id\":7,\"action\":\"log\",\"log\":true,"
		 "\"qos\":{\"dscp\":46,\"priorityClass\":65552}}]}}",
		 NULL},
		/* What is listed in another order, or left to its default, is alike. */
		{{"{\"egress\":{\"rules\":[{\"id\":7,\"action\":\"deny\",\"protocol\":\"udp\","
		  "\"peers\":[\"10.2.0.0/16\",\"10.1.0.0/16\"],"
		  "\"except\":[\"10.1.2.3\",\"10.1.2.2\"],\"ports\":[\"53\",\"123\"]}]}}",
		  "{\"egress\":{\"rules\":[{\"id\":7,\"action\":\"deny\",\"protocol\":17,"
		  "\"priority\":1000,\"peers\":[\"10.1.0.0/16\",\"10.2.0.0/16\"],"
		  "\"except\":[\"10.1.2.2\",\"10.1.2.3\"],\"ports\":[\"123\",\"53-53\"]}]}}"},
		 "{\"egress\":{\"rules\":[{\"id\":7,\"action\":\"deny\",\"protocol\":\"udp\","
		 "\"peers\":[\"10.1.0.0/16\",\"10.2.0.0/16\"],"
		 "\"except\":[\"10.1.2.2\",\"10.1.2.3\"],\"ports\":[\"53\",\"123\"]}]}}",
		 NULL},
	};

	(void)state;
	join_all(joinings, COUNT_OF(joinings));
}

#define DIFFERENT(a, b)                                                                            \
	{                                                                                          \
		{"{\"ingress\":{\"rules\":[" a "]}}", "{\"ingress\":{\"rules\":[" b "]}}"}, NULL,  \
			"rule id 7 stands for different rules in 0.json and in 1.json"             \
	}

static void an_id_for_different_rules_is_refused(void **state)
{
	static const struct joining joinings[] = {
		DIFFERENT(ALLOW(7, 80), ALLOW(7, 81)),
		DIFFERENT(ALLOW(7, 80), "{\"id\":7,\"action\":\"allow\",\"protocol\":\"tcp\"}"),
		DIFFERENT(ALLOW(7, 80), "{\"id\":7,\"action\":\"allow\",\"protocol\":\"udp\","
					"\"ports\":[\"80\"]}"),
		DIFFERENT("{\"id\":7,\"action\":\"allow\"}", "{\"id\":7,\"action\":\"deny\"}"),
		DIFFERENT("{\"id\":7,\"action\":\"deny\"}", "{\"id\":7,\"action\":\"reject\"}"),
		DIFFERENT("{\"id\":7,\"action\":\"allow\",\"log\":true}",
			  "{\"id\":7,\"action\":\"log\"}"),
		DIFFERENT("{\"id\":7,\"action\":\"deny\"}",
			  "{\"id\":7,\"action\":\"deny\",\"log\":true}"),
		DIFFERENT("{\"id\":7,\"action\":\"allow\"}",
			  "{\"id\":7,\"action\":\"allow\",\"qos\":{\"dscp\":0}}"),
		DIFFERENT("{\"id\":7,\"action\":\"allow\",\"qos\":{\"dscp\":1}}",
			  "{\"id\":7,\"action\":\"allow\",\"qos\":{\"dscp\":2}}"),
		DIFFERENT("{\"id\":7,\"action\":\"allow\",\"qos\":{\"dscp\":1}}",
			  "{\"id\":7,\"action\":\"allow\",\"qos\":{\"dscp\":1,"
			  "\"priorityClass\":0}}"),
		DIFFERENT("{\"id\":7,\"action\":\"allow\",\"qos\":{\"priorityClass\":1}}",
			  "{\"id\":7,\"action\":\"allow\",\"qos\":{\"priorityClass\":2}}"),
		DIFFERENT("{\"id\":7,\"action\":\"allow\"}",
			  "{\"id\":7,\"action\":\"allow\",\"priority\":1}"),
		DIFFERENT("{\"id\":7,\"action\":\"allow\",\"peers\":[\"10.0.0.0/8\"]}",
			  "{\"id\":7,\"action\":\"allow\",\"peers\":[\"10.0.0.0/9\"]}"),
		DIFFERENT("{\"id\":7,\"action\":\"allow\",\"peers\":[\"10.0.0.0/8\"]}",
			  "{\"id\":7,\"action\":\"allow\",\"peers\":[\"10.0.0.0/8\"],"
			  "\"except\":[\"10.0.0.1\"]}"),
		{{"{\"ingress\":{\"rules\":[" ALLOW(7, 80) "]}}",
		  "{\"egress\":{\"rules\":[" ALLOW(7, 80) "]}}"},
		 NULL,
		 "rule id 7 stands for different rules in 0.json and in 1.json"},
	};

	(void)state;
	join_all(joinings, COUNT_OF(joinings));
}

#define FROM(id, document) "{\"id\":" #id ",\"action\":\"deny\",\"document\":\"" document "\"}"
#define DENY(id)           "{\"id\":" #id ",\"action\":\"deny\"}"

static void each_rule_is_of_its_document(void **state)
{
	static const struct joining joinings[] = {
		{{"{\"name\":\"own\",\"ingress\":{\"rules\":[" DENY(2) "]}}",
		  "{\"name\":\"web\",\"ingress\":{\"default\":\"allow\",\"rules\":[" DENY(
			  1) "]},"
			     "\"egress\":{\"rules\":[" DENY(3) "]}}"},
		 "{\"name\":\"own+web\",\"ingress\":{\"document\":\"own\",\"rules\":[" FROM(
			 1, "web") "," FROM(2, "own") "]},\"egress\":{\"document\":\"web\","
						      "\"rules\":[" FROM(3, "web") "]}}",
		 NULL},
		/* Also beside a document that restricts nothing: the joined name has its, too. */
		{{"{\"name\":\"a\"}", "{\"name\":\"b\",\"egress\":{\"rules\":[" DENY(1) "]}}"},
		 "{\"name\":\"a+b\",\"egress\":{\"document\":\"b\",\"rules\":[" FROM(1, "b") "]}}",
		 NULL},
		/* Of one without a name. */
		{{"{\"ingress\":{\"rules\":[" DENY(1) "]}}",
		  "{\"name\":\"b\",\"ingress\":{\"default\":\"allow\",\"rules\":[" DENY(2) "]}}"},
		 "{\"name\":\"b\",\"ingress\":{\"document\":\"\",\"rules\":[" FROM(1, "") "," FROM(
			 2, "b") "]}}",
		 NULL},
		/* What a document says itself stays. */
		{{"{\"name\":\"a\",\"ingress\":{\"document\":\"x\",\"rules\":[" FROM(
			  1, "y") "," DENY(2) "]}}",
		  "{\"name\":\"b\"}"},
		 "{\"name\":\"a+b\",\"ingress\":{\"document\":\"x\",\"rules\":[" FROM(
			 1, "y") "," FROM(2, "a") "]}}",
		 NULL},
	};

	(void)state;
	join_all_with_origin(joinings, COUNT_OF(joinings));
}

static void a_rule_or_default_of_several_documents_is_of_all_of_them(void **state)
{
	static const struct joining joinings[] = {
		/* In the order of the documents, whatever is alike beside it. */
		{{"{\"name\":\"c\",\"ingress\":{\"rules\":[" DENY(7) "]}}",
		  "{\"name\":\"b\",\"ingress\":{\"rules\":[" DENY(8) "]}}",
		  "{\"name\":\"a\",\"ingress\":{\"rules\":[" DENY(8) "," DENY(7) "]}}"},
		 "{\"name\":\"c+b+a\",\"ingress\":{\"document\":\"c+b+a\",\"rules\":[" FROM(
			 7, "c+a") "," FROM(8, "b+a") "]}}",
		 NULL},
		/* The default of those that say what holds; what says nothing of a direction gives
		 * none. */
		{{"{\"name\":\"a\",\"ingress\":{\"default\":\"allow\"}}",
		  "{\"name\":\"b\",\"ingress\":{}}", "{\"name\":\"c\",\"ingress\":{}}"},
		 "{\"name\":\"a+b+c\",\"ingress\":{\"document\":\"b+c\"}}",
		 NULL},
		{{"{\"name\":\"a\",\"ingress\":{\"default\":\"allow\"}}", "{\"name\":\"b\"}",
		  "{\"name\":\"c\",\"ingress\":{\"default\":\"allow\"}}"},
		 "{\"name\":\"a+b+c\",\"ingress\":{\"default\":\"allow\",\"document\":\"a+c\"}}",
		 NULL},
		/* One without a name has none to add. */
		{{"{\"ingress\":{\"rules\":[" DENY(7) "]}}",
		  "{\"name\":\"b\",\"ingress\":{\"rules\":[" DENY(7) "]}}"},
		 "{\"name\":\"b\",\"ingress\":{\"document\":\"b\",\"rules\":[" FROM(7, "b") "]}}",
		 NULL},
		/* Rules are alike whatever they are said to be from. */
		{{"{\"name\":\"a\",\"egress\":{\"rules\":[" FROM(7, "x") "]}}",
		  "{\"name\":\"b\",\"egress\":{\"rules\":[" DENY(7) "]}}"},
		 "{\"name\":\"a+b\",\"egress\":{\"document\":\"a+b\",\"rules\":[" FROM(7,
										       "x+b") "]}}",
		 NULL},
	};

	(void)state;
	join_all_with_origin(joinings, COUNT_OF(joinings));
}

static void what_is_of_one_document_stays_as_it_is(void **state)
{
	static const struct joining joinings[] = {
		{{"{\"name\":\"a\",\"ingress\":{\"rules\":[" DENY(1) "]},\"egress\":{}}"},
		 "{\"name\":\"a\",\"ingress\":{\"rules\":[" DENY(1) "]},\"egress\":{}}",
		 NULL},
		{{"{\"name\":\"a\",\"ingress\":{\"rules\":[" DENY(1) "," FROM(
			 2, "x") "]},\"egress\":{\"document\":\"y\"}}"},
		 "{\"name\":\"a\",\"ingress\":{\"rules\":[" DENY(1) "," FROM(
			 2, "x") "]},\"egress\":{\"document\":\"y\"}}",
		 NULL},
	};

	(void)state;
	join_all_with_origin(joinings, COUNT_OF(joinings));
}

/* A document with a name of 1 MiB, which denies by default, and @rule_count rules. */
static char *with_long_name(size_t rule_count)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	fprintf(stream, "{\"name\":\"");
	for (size_t i = 0; i < 1 << 20; i++)
		fputc('n', stream);
	fprintf(stream, "\",\"ingress\":{\"rules\":[");
	for (size_t i = 0; i < rule_count; i++)
		fprintf(stream, "%s{\"id\":%zu,\"action\":\"deny\"}", i ? "," : "", i + 1);
	fprintf(stream, "]}}");
	assert_int_equal(fclose(stream), 0);
	return text;
}

static int join_long_name(size_t rule_count, const char *other, struct rf_error *error)
{
	_cleanup_free_ char *text = with_long_name(rule_count);
	struct rf_policy_part parts[2] = {make_part(text, 0)};
	struct rf_policy policy = {0};
	int result;

	if (other)
		parts[1] = make_part(other, 1);
	result = rf_policy_join(parts, other ? 2 : 1, &policy, error);
	for (size_t i = 0; i < 2; i++) {
		free(parts[i].path);
		rf_policy_free(&parts[i].policy);
	}
	rf_policy_free(&policy);
	return result;
}

/* Each rule has the name of its document: a long one would take gigabytes. */
static void more_names_than_fit_are_refused(void **state)
{
	static const char message[] = "the 2 documents for this pod take 34603008 bytes for the "
				      "names of their rules' documents: at most 33554432 are "
				      "allowed";
	struct rf_error error = {0};

	(void)state;
	/* With that of the default. */
	assert_int_equal(join_long_name(31, "{}", &error), 0);
	assert_int_equal(join_long_name(32, "{}", &error), -EINVAL);
	assert_error(&error, "a long name", RF_CODE_CONFIG, message);
	error = (struct rf_error){0};
	assert_int_equal(join_long_name(30, "{\"name\":\"b\",\"egress\":{}}", &error), 0);
	assert_int_equal(join_long_name(31, "{\"name\":\"b\",\"egress\":{}}", &error), -EINVAL);
	/* Alone, it has its name once. */
	assert_int_equal(join_long_name(100, NULL, &error), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_all_documents_hold),
		cmocka_unit_test(a_direction_denies_by_default_if_one_document_says_so),
		cmocka_unit_test(names_are_joined),
		cmocka_unit_test(a_rule_that_documents_have_alike_is_there_once),
		cmocka_unit_test(an_id_for_different_rules_is_refused),
		cmocka_unit_test(each_rule_is_of_its_document),
		cmocka_unit_test(a_rule_or_default_of_several_documents_is_of_all_of_them),
		cmocka_unit_test(what_is_of_one_document_stays_as_it_is),
		cmocka_unit_test(more_names_than_fit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
