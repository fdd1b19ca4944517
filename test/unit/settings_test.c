// SPDX-License-Identifier: Apache-2.0
/* The settings by name: what they may be, and what is refused. */
#include "dataplane/settings.h"
#include "dataplane/constants.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static int assign(const char *assignment, struct rf_settings *settings, struct rf_error *error)
{
	const struct rf_setting *setting;

	*error = (struct rf_error){};
	return rf_setting_assign(assignment, settings, &setting, error);
}

/* By their names, which are an interface. */
static void the_settings_begin_with_their_defaults(void **state)
{
	static const struct {
		const char *name, *value;
	} defaults[] = {
		{"verbosity", "flows"},
		{"audit", "pods"},
		{"deny-events-per-second", "1000"},
		{"flow-events-per-second", "1000"},
		{"rejects-per-second", "1000"},
		{"timeout-syn", "20"},
		{"timeout-established", "7200"},
		{"timeout-fin", "60"},
		{"timeout-time-wait", "120"},
		{"timeout-closed", "10"},
		{"timeout-one-way", "30"},
		{"timeout-replied", "180"},
		{"timeout-echo", "30"},
	};
	const struct rf_settings settings = rf_settings_default();

	(void)state;
	assert_int_equal(rf_setting_count, COUNT_OF(defaults));
	for (size_t i = 0; i < rf_setting_count; i++) {
		const struct rf_setting *setting = &rf_setting_table[i];
		char text[16];

		assert_string_equal(setting->name, defaults[i].name);
		assert_string_equal(
			rf_setting_text(setting, rf_setting_value(setting, &settings), text),
			defaults[i].value);
		assert_ptr_equal(rf_setting_find(setting->name, NULL), setting);
	}
}

/* What is read is what is shown, and each setting has a word of its own. */
static void each_setting_can_be_its_least_and_its_greatest_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < rf_setting_count; i++) {
		const struct rf_setting *setting = &rf_setting_table[i];
		const uint32_t values[] = {setting->min, setting->max};

		for (int k = 0; k < 2; k++) {
			struct rf_settings settings = rf_settings_default(), expected = settings;
			char assignment[64], text[16];
			struct rf_error error;

			snprintf(assignment, sizeof(assignment), "%s=%s", setting->name,
				 rf_setting_text(setting, values[k], text));
			assert_int_equal(assign(assignment, &settings, &error), 0);
			assert_int_equal(rf_setting_value(setting, &settings), values[k]);
			*(uint32_t *)((char *)&expected + setting->offset) = values[k];
			assert_memory_equal(&settings, &expected, sizeof(settings));
		}
	}
}

static void other_values_are_refused_with_what_is_allowed(void **state)
{
	static const struct {
		const char *assignment, *message;
	} cases[] = {
		{"verbosity=loud", "verbosity=loud: verbosity can be none, denies, flows, all"},
		{"verbosity=", "verbosity=: verbosity can be none, denies, flows, all"},
		{"verbosity=2", "verbosity=2: verbosity can be none, denies, flows, all"},
		{"audit=on", "audit=on: audit can be pods, all"},
		{"timeout-syn=0", "timeout-syn=0: timeout-syn can be 1 to 7800 seconds"},
		{"timeout-syn=7801", "timeout-syn=7801: timeout-syn can be 1 to 7800 seconds"},
		{"timeout-syn=20s", "timeout-syn=20s: timeout-syn can be 1 to 7800 seconds"},
		{"timeout-syn=020", "timeout-syn=020: timeout-syn can be 1 to 7800 seconds"},
		{"timeout-syn=-1", "timeout-syn=-1: timeout-syn can be 1 to 7800 seconds"},
		{"timeout-syn= 20", "timeout-syn= 20: timeout-syn can be 1 to 7800 seconds"},
		{"timeout-syn=", "timeout-syn=: timeout-syn can be 1 to 7800 seconds"},
		{"timeout-syn=4294967316",
		 "timeout-syn=4294967316: timeout-syn can be 1 to 7800 seconds"},
		{"timeout-syn=18446744073709551636",
		 "timeout-syn=18446744073709551636: timeout-syn can be 1 to 7800 seconds"},
		{"rejects-per-second=1000001",
		 "rejects-per-second=1000001: rejects-per-second can be 0 to 1000000 a second"},
		{"timeout=20", "timeout=20: no setting of that name"},
		{"=20", "=20: no setting of that name"},
		{"Verbosity=all", "Verbosity=all: no setting of that name"},
		{"verbosity all", "verbosity all is no NAME=VALUE"},
		{"", " is no NAME=VALUE"},
	};
	const struct rf_settings before = rf_settings_default();
	struct rf_settings settings = before;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rf_error error;

		assert_int_equal(assign(cases[i].assignment, &settings, &error), -EINVAL);
		assert_int_equal(error.code, RF_CODE_CONFIG);
		assert_string_equal(error.message, cases[i].message);
		assert_memory_equal(&settings, &before, sizeof(settings));
	}
}

static void a_name_that_is_not_known_is_answered_with_all_names(void **state)
{
	struct rf_error error = {};

	(void)state;
	assert_null(rf_setting_find("timeout", &error));
	assert_string_equal(error.message, "no setting timeout");
	for (size_t i = 0; i < rf_setting_count; i++)
		assert_non_null(strstr(error.details, rf_setting_table[i].name));
}

/* Whatever the kernel's HZ is: the census has no slice for a time farther ahead. */
static void the_longest_timeout_fits_into_the_census(void **state)
{
	static const uint32_t rates[] = {100, 250, 300, 1000};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rates); i++) {
		uint64_t slices = (uint64_t)RF_TIMEOUT_MAX * rates[i] >> rf_slice_shift(rates[i]);

		assert_true(slices + 2 < RF_CENSUS_SLICES);
	}
	/* Slices are no longer than they have to be for the default. */
	assert_int_equal(rf_slice_shift(250), 11);
	assert_int_equal(rf_slice_shift(1000), 13);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_settings_begin_with_their_defaults),
		cmocka_unit_test(each_setting_can_be_its_least_and_its_greatest_value),
		cmocka_unit_test(other_values_are_refused_with_what_is_allowed),
		cmocka_unit_test(a_name_that_is_not_known_is_answered_with_all_names),
		cmocka_unit_test(the_longest_timeout_fits_into_the_census),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
