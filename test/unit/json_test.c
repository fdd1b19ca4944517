/* SPDX-License-Identifier: Apache-2.0 */
#include "test/unit/netconf_support.h"

#include <errno.h>
#include <time.h>

struct text {
	const char *bytes;
	size_t length;
};

#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

static void valid_documents_are_taken(void **state)
{
	static const struct text valid[] = {
		TEXT("null"),
		TEXT("true"),
		TEXT(" \t\r\n{} \n"),
		TEXT("[]"),
		TEXT("[[],{}]"),
		TEXT("0"),
		TEXT("-0"),
		TEXT("-0.5e-3"),
		TEXT("1E+2"),
		TEXT("0e-400"),
		TEXT("0.00"),
		TEXT("1.00"),
		TEXT("1.50e1"),
		TEXT("120e-1"),
		TEXT("0.1"),
		TEXT("1e22"),
		TEXT("9007199254740993"),
		TEXT("12345678901234567890.5"),
		TEXT("\"\""),
		TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\""),
		TEXT("\"\\ud83d\\udC1d\""),
		TEXT("\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x9d\x7f\""),
		TEXT("\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\""),
		TEXT("{\"a\":{\"a\":1},\"A\":[{\"a\":1},{\"a\":2}],\"\":0}"),
		TEXT("{\"a\" : [1 , 2 , {\"b\" : null}]}"),
		TEXT("1234567890123456789012345678901234567890123456789012345678901.3"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(valid); i++) {
		_cleanup_free_ char *copy = copy_exactly(valid[i].bytes, valid[i].length);
		_cleanup_json_ cJSON *json = NULL;
		struct rf_error error = {0};

		if (rf_json_parse(copy, valid[i].length, &json, &error) < 0)
			fail_msg("%s: %s", valid[i].bytes, error.message);
		assert_non_null(json);
	}
}

static const struct {
	struct text text;
	const char *message;
} invalid[] = {
	{TEXT(""), "line 1, column 1: expected a value, not the end"},
	{TEXT("  "), "line 1, column 3: expected a value, not the end"},
	{TEXT("{"), "line 1, column 2: expected a key"},
	{TEXT("{} x"), "line 1, column 4: text behind the value"},
	{TEXT("{}\0"), "line 1, column 3: text behind the value"},
	{TEXT("{}{}"), "text behind"},
	{TEXT("\xef\xbb\xbf{}"), "line 1, column 1: expected a value, without a byte order"},
	{TEXT("{\n \"a\": 01}"), "line 2, column 8: number with a leading zero"},
	{TEXT("-01"), "leading zero"},
	{TEXT("-"), "without digits"},
	{TEXT("+1"), "expected a value"},
	{TEXT(".5"), "expected a value"},
	{TEXT("1."), "decimal point"},
	{TEXT("1.e5"), "decimal point"},
	{TEXT("1e"), "exponent"},
	{TEXT("1e+"), "exponent"},
	{TEXT("0x10"), "text behind"},
	{TEXT("1e400"), "line 1, column 1: number too large"},
	{TEXT("[-1e999]"), "line 1, column 2: number too large"},
	{TEXT("1234567890123456789012345678901234567890123456789012345678901234"),
	 "more than 63 characters"},
	{TEXT("1e-400"), "line 1, column 1: fraction too fine"},
	{TEXT("[1.00000000000000000001]"), "line 1, column 2: fraction too fine"},
	{TEXT("0.99999999999999999999"), "fraction too fine"},
	{TEXT("-4503599627370497.25"), "fraction too fine"},
	{TEXT("45035996273704972500001e-7"), "fraction too fine"},
	{TEXT("NaN"), "expected a value"},
	{TEXT("nan"), "expected a value"},
	{TEXT("Infinity"), "expected a value"},
	{TEXT("True"), "expected a value"},
	{TEXT("tru"), "expected a value"},
	{TEXT("nullx"), "text behind"},
	{TEXT("'a'"), "expected a value"},
	{TEXT("[1,]"), "line 1, column 4: expected a value"},
	{TEXT("[1 2]"), "line 1, column 4: expected ',' or ']'"},
	{TEXT("[1"), "expected ',' or ']'"},
	{TEXT("[1}"), "expected ',' or ']'"},
	{TEXT("{\"a\":1,}"), "line 1, column 8: expected a key"},
	{TEXT("{\"a\":1"), "expected ',' or '}'"},
	{TEXT("{\"a\":1]"), "expected ',' or '}'"},
	{TEXT("{\"a\" 1}"), "expected ':'"},
	{TEXT("{\"a\":}"), "expected a value"},
	{TEXT("{a:1}"), "expected a key"},
	{TEXT("{1:1}"), "expected a key"},
	{TEXT("/* c */ {}"), "expected a value"},
	{TEXT("{} // c"), "text behind"},
	{TEXT("\"abc"), "line 1, column 1: string without an end"},
	{TEXT("\"abc\\"), "unknown escape"},
	{TEXT("\"abc\\\""), "string without an end"},
	{TEXT("\"a\\x\""), "line 1, column 3: unknown escape"},
	{TEXT("\"\\u12\""), "four hexadecimal"},
	{TEXT("\"\\u12g4\""), "four hexadecimal"},
	{TEXT("\"\\u"), "four hexadecimal"},
	{TEXT("\"a\\u0000b\""), "line 1, column 3: \\u0000"},
	{TEXT("{\"\\u0000\":1}"), "\\u0000"},
	{TEXT("\"\\ud800\""), "surrogate"},
	{TEXT("\"\\udc00\""), "surrogate"},
	{TEXT("\"\\ud800\\ud800\""), "surrogate"},
	{TEXT("\"\\ud800\\n\""), "surrogate"},
	{TEXT("\"\\ud800x\""), "surrogate"},
	{TEXT("\"\\ud800\\u00e4\""), "surrogate"},
	{TEXT("\"\\ud83d\\"), "surrogate"},
	{TEXT("\"a\tb\""), "line 1, column 3: control character"},
	{TEXT("\"a\nb\""), "control character"},
	{TEXT("\"a\0b\""), "control character"},
	{TEXT("\"\x1f\""), "control character"},
	{TEXT("\"\xff\""), "no UTF-8"},
	{TEXT("\"\x80\""), "no UTF-8"},
	{TEXT("\"\xc3\""), "no UTF-8"},
	{TEXT("\"\xc3"), "no UTF-8"},
	{TEXT("\"\xe2\x82"), "no UTF-8"},
	{TEXT("\"\xc0\xaf\""), "no UTF-8"},
	{TEXT("\"\xc1\xbf\""), "no UTF-8"},
	{TEXT("\"\xe0\x9f\xbf\""), "no UTF-8"},
	{TEXT("\"\xf0\x8f\xbf\xbf\""), "no UTF-8"},
	{TEXT("\"\xed\xa0\x80\""), "no UTF-8"},
	{TEXT("\"\xf4\x90\x80\x80\""), "no UTF-8"},
	{TEXT("\"\xf5\x80\x80\x80\""), "no UTF-8"},
	{TEXT("[\"\xc3\xa4\", x]"), "line 1, column 7: expected a value"},
	{TEXT("\"\xc3\xa4\xff\""), "line 1, column 3: bytes that are no UTF-8"},
};

static void invalid_documents_are_refused_with_line_and_column(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(invalid); i++) {
		const struct text *text = &invalid[i].text;
		_cleanup_free_ char *copy = copy_exactly(text->bytes, text->length);
		struct rf_error error = {0};
		cJSON *json = NULL;

		if (rf_json_parse(copy, text->length, &json, &error) == 0)
			fail_msg("%s is taken", text->bytes);
		assert_null(json);
		assert_error(&error, text->bytes, RF_CODE_DECODE, invalid[i].message);
	}
}

static void duplicate_keys_are_refused_with_their_place(void **state)
{
	static const struct refusal cases[] = {
		{"{\"a\":1,\"a\":2}", RF_CODE_DECODE,
		 "line 1, column 8: key is given twice: \"a\""},
		{"{\"a\":1,\"b\":{\"c\":0},\n\"\\u0061\":2}", RF_CODE_DECODE,
		 "line 2, column 1: key is given twice: \"a\""},
		{"{\"a\":1,\"b\":[0,{\"x\":{\"y\":1,\"y\":1}}],\"a\":1}", RF_CODE_DECODE,
		 "line 1, column 27: key is given twice: \"y\""},
		{"{\"\":1,\"\":2}", RF_CODE_DECODE, "column 7: key is given twice: \"\""},
		{"{\"z\":1,\"y\":1,\"z\":1,\"y\":1}", RF_CODE_DECODE,
		 "column 14: key is given twice"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rf_error error = {0};
		cJSON *json = NULL;

		assert_true(rf_json_parse(cases[i].text, strlen(cases[i].text), &json, &error) < 0);
		assert_error(&error, cases[i].text, cases[i].code, cases[i].message);
		assert_true(rf_json_parse(cases[i].text, strlen(cases[i].text), &json, NULL) < 0);
		assert_null(json);
	}
}

static char *nested(size_t depth, char open, char close)
{
	char *text = malloc(2 * depth + 1);

	assert_non_null(text);
	memset(text, open, depth);
	memset(text + depth, close, depth);
	text[2 * depth] = '\0';
	return text;
}

static void nesting_is_bounded(void **state)
{
	_cleanup_free_ char *deepest = nested(512, '[', ']');
	_cleanup_free_ char *too_deep = nested(513, '[', ']');
	_cleanup_free_ char *absurd = nested(1000000, '[', ']');
	_cleanup_json_ cJSON *json = parse_good_json(deepest);
	struct rf_error error = {0};
	cJSON *none = NULL;

	(void)state;
	assert_non_null(json);
	assert_true(rf_json_parse(too_deep, strlen(too_deep), &none, &error) < 0);
	assert_error(&error, "513 levels", RF_CODE_DECODE, "column 513: nested deeper than 512");
	assert_true(rf_json_parse(absurd, strlen(absurd), &none, &error) < 0);
	assert_error(&error, "a million levels", RF_CODE_DECODE, "nested deeper");
}

/* About 2 MiB, one object of 150,000 keys: quadratic work would take minutes. */
static void a_huge_object_is_read_quickly(void **state)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_json_ cJSON *json = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	clock_t start;

	(void)state;
	assert_non_null(stream);
	fputc('{', stream);
	for (int i = 0; i < 150000; i++)
		fprintf(stream, "%s\"key%d\":[]", i ? "," : "", i);
	fputc('}', stream);
	fclose(stream);

	start = clock();
	json = parse_good_json(text);
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 5);
	assert_int_equal(cJSON_GetArraySize(json), 150000);
}

static void value_text_is_exact(void **state)
{
	static const struct {
		const char *text;
		const char *key;
		const char *value;
	} cases[] = {
		{"{\"a\":1}", "a", "1"},
		{" { \"a\" : 1.50 , \"b\" : { \"x\" : [ 1,  2 ] } } ", "b",
		 "{ \"x\" : [ 1,  2 ] }"},
		{"{\"a\":9007199254740993}", "a", "9007199254740993"},
		{"{\"x\":{\"a\":1},\"a\":\"}\\\"\"}", "a", "\"}\\\"\""},
		{"{\"prev\\u0052esult\":null}", "prevResult", "null"},
		{"{\"a\":1}", "b", NULL},
		{"{\"x\":{\"b\":1}}", "b", NULL},
		{"{}", "b", NULL},
		{"[\"b\"]", "b", NULL},
		{"null", "b", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t text_length = strlen(cases[i].text);
		_cleanup_free_ char *copy = copy_exactly(cases[i].text, text_length);
		size_t length = 0;
		const char *value = rf_json_value_text(copy, text_length, cases[i].key, &length);

		if (!cases[i].value) {
			assert_null(value);
			continue;
		}
		assert_non_null(value);
		assert_int_equal(length, strlen(cases[i].value));
		assert_memory_equal(value, cases[i].value, length);
	}
}

static void integers_are_exact_or_refused(void **state)
{
	static const struct {
		const char *text;
		int64_t min;
		int64_t max;
		int result;
		int64_t value;
	} cases[] = {
		{"0", 0, 10, 0, 0},
		{"-5", -5, 5, 0, -5},
		{"4294967295", 1, UINT32_MAX, 0, UINT32_MAX},
		{"4294967296", 1, UINT32_MAX, -ERANGE, 0},
		{"0", 1, 10, -ERANGE, 0},
		{"1.5", 0, 10, -ERANGE, 0},
		{"9007199254740991.5", 0, INT64_MAX, -ERANGE, 0},
		{"120e-1", 0, 100, 0, 12},
		{"-0", 0, 10, 0, 0},
		{"1e3", 0, 1000, 0, 1000},
		{"2.0", 0, 10, 0, 2},
		{"9007199254740991", 0, INT64_MAX, 0, 9007199254740991},
		{"9007199254740992", 0, INT64_MAX, -ERANGE, 0},
		{"9007199254740993", 0, INT64_MAX, -ERANGE, 0},
		{"-9007199254740993", INT64_MIN, INT64_MAX, -ERANGE, 0},
		{"1e300", INT64_MIN, INT64_MAX, -ERANGE, 0},
		{"\"1\"", 0, 10, -EINVAL, 0},
		{"null", 0, 10, -EINVAL, 0},
		{"true", 0, 10, -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		_cleanup_json_ cJSON *json = parse_good_json(cases[i].text);
		int64_t value = -77;

		assert_int_equal(rf_json_integer(json, cases[i].min, cases[i].max, &value),
				 cases[i].result);
		assert_int_equal(value, cases[i].result ? -77 : cases[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_documents_are_taken),
		cmocka_unit_test(invalid_documents_are_refused_with_line_and_column),
		cmocka_unit_test(duplicate_keys_are_refused_with_their_place),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(a_huge_object_is_read_quickly),
		cmocka_unit_test(value_text_is_exact),
		cmocka_unit_test(integers_are_exact_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
