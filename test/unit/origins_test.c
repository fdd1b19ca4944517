/* SPDX-License-Identifier: Apache-2.0 */
/* Which document ringfencectl says that a rule is from. */
#include "ctl/policy/origins.h"
#include "ctl/policy/rule_text.h"
#include "test/unit/policy_support.h"

static struct origins origins_of(const char *text)
{
	struct rf_policy policy = parse_good_policy(text);
	struct origins origins;

	origins_take(&policy, &origins);
	rf_policy_free(&policy);
	return origins;
}

static void assert_origin(const struct origins *origins, enum rf_direction direction, uint32_t rule,
			  const char *expected)
{
	const char *document = origins_find(origins, direction, rule);

	if (expected)
		assert_string_equal(document, expected);
	else
		assert_null(document);
}

static void what_says_nothing_is_of_the_policys_document(void **state)
{
	struct origins named = origins_of(
		"{\"name\":\"web\",\"ingress\":{\"rules\":[{\"id\":7,\"action\":\"deny\"}]}}");
	struct origins nameless = origins_of(RULES("{\"id\":7,\"action\":\"deny\"}"));

	(void)state;
	assert_origin(&named, RF_INGRESS, 7, "web");
	assert_origin(&named, RF_INGRESS, 0, "web");
	assert_origin(&named, RF_EGRESS, 0, "web");
	assert_origin(&nameless, RF_INGRESS, 7, NULL);
	assert_origin(&nameless, RF_EGRESS, 0, NULL);
	origins_free(&named);
	origins_free(&nameless);
}

static void rules_of_both_directions_are_found_by_their_ids(void **state)
{
	struct origins origins =
		origins_of("{\"name\":\"a+b\",\"ingress\":{\"document\":\"a\",\"rules\":["
			   "{\"id\":4294967295,\"action\":\"deny\",\"document\":\"b\"},"
			   "{\"id\":3,\"action\":\"deny\",\"document\":\"a\"},"
			   "{\"id\":4,\"action\":\"deny\"}]},"
			   "\"egress\":{\"document\":\"\",\"rules\":["
			   "{\"id\":1,\"action\":\"deny\",\"document\":\"\"},"
			   "{\"id\":2147483648,\"action\":\"deny\",\"document\":\"a+b\"}]}}");

	(void)state;
	assert_origin(&origins, RF_INGRESS, 0, "a");
	assert_origin(&origins, RF_INGRESS, 3, "a");
	assert_origin(&origins, RF_INGRESS, 4, "a+b");
	assert_origin(&origins, RF_INGRESS, 4294967295, "b");
	assert_origin(&origins, RF_EGRESS, 0, "");
	assert_origin(&origins, RF_EGRESS, 1, "");
	assert_origin(&origins, RF_EGRESS, 2147483648, "a+b");
	/* Of another policy. */
	assert_origin(&origins, RF_INGRESS, 99, "a+b");
	origins_free(&origins);
}

static void the_document_is_told_where_it_is_not_what_the_policy_is_called_after(void **state)
{
	static const struct {
		const char *policy;
		const char *own;
		const char *text;
	} cases[] = {
		{NULL, NULL, ""},
		{"web", NULL, ""},
		{"web", "web", ""},
		{"web+base", "base", " (base)"},
		{"base", "", " (no name)"},
		{NULL, "base", " (base)"},
		{"web", "\x1b[1m", " (?[1m)"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		_cleanup_free_ char *text = rule_origin(cases[i].policy, cases[i].own);

		assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_says_nothing_is_of_the_policys_document),
		cmocka_unit_test(rules_of_both_directions_are_found_by_their_ids),
		cmocka_unit_test(
			the_document_is_told_where_it_is_not_what_the_policy_is_called_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
