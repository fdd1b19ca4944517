/* SPDX-License-Identifier: Apache-2.0 */
#include "test/unit/netconf_support.h"

#include <errno.h>

static void failing_fills_code_and_message_and_returns_errnum(void **state)
{
	struct rf_error error = {0};

	(void)state;
	assert_int_equal(rf_fail(&error, RF_CODE_CONFIG, -EINVAL, "rule %d: %s", 3, "bad"),
			 -EINVAL);
	assert_int_equal(error.code, RF_CODE_CONFIG);
	assert_string_equal(error.message, "rule 3: bad");
	assert_string_equal(error.details, "");
}

static void failing_with_errno_appends_its_text(void **state)
{
	struct rf_error error = {0};

	(void)state;
	assert_int_equal(rf_fail_system(&error, RF_CODE_IO, -ENOENT, "open %s", "/x"), -ENOENT);
	assert_string_equal(error.message, "open /x: No such file or directory");
}

static void a_transient_answer_of_the_kernel_is_to_be_tried_again(void **state)
{
	static const struct {
		int errnum;
		enum rf_code code;
	} cases[] = {
		{-EAGAIN, RF_CODE_TRY_AGAIN},    {-EINTR, RF_CODE_TRY_AGAIN},
		{-ENOBUFS, RF_CODE_TRY_AGAIN},   {-ETIMEDOUT, RF_CODE_TRY_AGAIN},
		{-ENOMEM, RF_CODE_NOT_IN_FORCE}, {-EPERM, RF_CODE_NOT_IN_FORCE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rf_error error = {0};

		assert_int_equal(
			rf_fail_system(&error, RF_CODE_NOT_IN_FORCE, cases[i].errnum, "look"),
			cases[i].errnum);
		assert_int_equal(error.code, cases[i].code);
	}
}

static void context_goes_before_the_message(void **state)
{
	struct rf_error error = {0};

	(void)state;
	rf_fail(&error, RF_CODE_CONFIG, -EINVAL, "inner");
	rf_error_hint(&error, "mend it");
	rf_error_context(&error, "outer %d", 1);
	assert_string_equal(error.message, "outer 1: inner");
	assert_string_equal(error.details, "mend it");
	assert_int_equal(error.code, RF_CODE_CONFIG);
}

static void arguments_may_point_into_the_error(void **state)
{
	struct rf_error error = {0};

	(void)state;
	rf_fail(&error, RF_CODE_CONFIG, -EINVAL, "cause");
	rf_error_hint(&error, "hint for %s", error.message);
	rf_error_hint(&error, "<%s>", error.details);
	assert_string_equal(error.details, "<hint for cause>");
	rf_error_context(&error, "[%s]", error.message);
	assert_string_equal(error.message, "[cause]: cause");
	rf_fail(&error, RF_CODE_CONFIG, -EINVAL, "%s, %s", error.message, error.details);
	assert_string_equal(error.message, "[cause]: cause, <hint for cause>");
	rf_fail_system(&error, RF_CODE_CONFIG, -EIO, "%s", error.message);
	assert_contains(error.message, "<hint for cause>: Input/output error");
}

static void a_hint_may_come_before_the_failure(void **state)
{
	struct rf_error error = {0};

	(void)state;
	rf_error_hint(&error, "mend it");
	rf_fail(&error, RF_CODE_CONFIG, -EINVAL, "broken");
	assert_string_equal(error.message, "broken");
	assert_string_equal(error.details, "mend it");
}

static void no_error_object_is_fine(void **state)
{
	(void)state;
	assert_int_equal(rf_fail(NULL, RF_CODE_CONFIG, -EINVAL, "x"), -EINVAL);
	assert_int_equal(rf_fail_system(NULL, RF_CODE_IO, -EIO, "x"), -EIO);
	rf_error_context(NULL, "x");
	rf_error_hint(NULL, "x");
}

static void too_long_a_text_is_cut_between_characters(void **state)
{
	struct rf_error error = {0};
	char text[3 * RF_MESSAGE_SIZE + 1];

	(void)state;
	for (size_t offset = 0; offset < 3; offset++) {
		memset(text, 'x', offset);
		for (size_t i = offset; i + 3 <= sizeof(text) - 1; i += 3)
			memcpy(text + i, "\xe2\x82\xac", 4);
		rf_fail(&error, RF_CODE_CONFIG, -EINVAL, "%s", text);
		assert_in_range(strlen(error.message), RF_MESSAGE_SIZE - 4, RF_MESSAGE_SIZE - 1);
		assert_null(strchr(error.message, '?'));
		assert_string_equal(error.message + strlen(error.message) - 3, "...");
		rf_error_context(&error, "%s", text);
		rf_error_hint(&error, "%s", text);
		assert_null(strchr(error.details, '?'));
	}
}

static void what_cannot_be_printed_is_replaced(void **state)
{
	static const struct {
		const char *text;
		const char *expected;
	} cases[] = {
		{"a\nb\tc", "a?b?c"},    {"\x1b[31m", "?[31m"},
		{"\x7f", "?"},           {"\xc3\xa4\xff", "\xc3\xa4?"},
		{"\xc2\x9b", "??"},      {"\xc0\xaf", "??"},
		{"\xed\xa0\x80", "???"}, {"\xf0\x9f\x90\x9d", "\xf0\x9f\x90\x9d"},
	};
	struct rf_error error = {0};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		rf_fail(&error, RF_CODE_CONFIG, -EINVAL, "%s", cases[i].text);
		assert_string_equal(error.message, cases[i].expected);
	}
}

/* 3 tells a runtime that nothing is to be cleaned up; 12 to 49 and the rest below 100 are not ours
 * to use. */
static void codes_are_those_of_the_specification_and_our_own(void **state)
{
	static const int specified[] = {1, 2, 4, 5, 6, 7, 8, 11, 50, 51};
	size_t i = 0;

	(void)state;
	for (; rf_code_texts[i].code && rf_code_texts[i].code < 100; i++) {
		assert_true(i < COUNT_OF(specified));
		assert_int_equal(rf_code_texts[i].code, specified[i]);
	}
	assert_int_equal(i, COUNT_OF(specified));
	for (; rf_code_texts[i].code; i++) {
		assert_true(rf_code_texts[i].code > rf_code_texts[i - 1].code);
		assert_true(*rf_code_texts[i].meaning);
	}
	assert_int_equal(rf_code_texts[i - 1].code, 999);
}

static void json_is_one_line_with_all_keys(void **state)
{
	struct rf_error error = {.code = RF_CODE_DECODE, .message = "say \"x\"", .details = "d"};
	_cleanup_free_ char *text = rf_error_to_json(&error, "0.4.0");

	(void)state;
	assert_string_equal(text, "{\"cniVersion\":\"0.4.0\",\"code\":6,\"msg\":\"say \\\"x\\\"\","
				  "\"details\":\"d\"}");
}

static void json_without_a_version_carries_the_newest(void **state)
{
	struct rf_error error = {.code = RF_CODE_INTERNAL, .message = "m"};
	_cleanup_free_ char *text = rf_error_to_json(&error, NULL);

	(void)state;
	assert_string_equal(text, "{\"cniVersion\":\"1.1.0\",\"code\":999,\"msg\":\"m\","
				  "\"details\":\"\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failing_fills_code_and_message_and_returns_errnum),
		cmocka_unit_test(failing_with_errno_appends_its_text),
		cmocka_unit_test(a_transient_answer_of_the_kernel_is_to_be_tried_again),
		cmocka_unit_test(context_goes_before_the_message),
		cmocka_unit_test(arguments_may_point_into_the_error),
		cmocka_unit_test(a_hint_may_come_before_the_failure),
		cmocka_unit_test(no_error_object_is_fine),
		cmocka_unit_test(too_long_a_text_is_cut_between_characters),
		cmocka_unit_test(what_cannot_be_printed_is_replaced),
		cmocka_unit_test(codes_are_those_of_the_specification_and_our_own),
		cmocka_unit_test(json_is_one_line_with_all_keys),
		cmocka_unit_test(json_without_a_version_carries_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
