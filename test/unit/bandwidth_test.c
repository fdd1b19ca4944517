// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bandwidth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MEGABIT UINT64_C(1000000)

static void a_rate_is_in_whole_bytes_and_never_zero(void **state)
{
	(void)state;
	assert_int_equal(rf_bandwidth_rate(1), 1);
	assert_int_equal(rf_bandwidth_rate(8), 1);
	assert_int_equal(rf_bandwidth_rate(23), 2);
	assert_int_equal(rf_bandwidth_rate(100 * MEGABIT), 12500000);
	assert_int_equal(rf_bandwidth_rate(UINT64_MAX), UINT64_MAX / 8);
}

static void a_burst_is_300_ms_of_the_rate_if_none_is_asked_for(void **state)
{
	(void)state;
	assert_int_equal(rf_bandwidth_burst(10 * MEGABIT, 0), 375000);
	assert_int_equal(rf_bandwidth_burst(1000 * MEGABIT, 0), 37500000);
	assert_int_equal(rf_bandwidth_burst(100000 * MEGABIT, 0), UINT64_C(3750000000));
}

/* containerd asks for 2^32 - 1 bits, others for 2^31 - 1, whatever the rate. */
static void a_larger_burst_is_not_given(void **state)
{
	(void)state;
	assert_int_equal(rf_bandwidth_burst(10 * MEGABIT, UINT32_MAX), 375000);
	assert_int_equal(rf_bandwidth_burst(10 * MEGABIT, INT32_MAX), 375000);
	assert_int_equal(rf_bandwidth_burst(10 * MEGABIT, UINT64_MAX), 375000);
}

static void a_burst_with_which_tcp_would_starve_is_not_given(void **state)
{
	(void)state;
	assert_int_equal(rf_bandwidth_burst(10 * MEGABIT, 8), 312500);
	assert_int_equal(rf_bandwidth_burst(1000 * MEGABIT, 10 * MEGABIT), 31250000);
}

static void a_burst_between_is_given_as_asked_for(void **state)
{
	(void)state;
	assert_int_equal(rf_bandwidth_burst(100 * MEGABIT, 28 * MEGABIT), 3500000);
}

static void a_super_packet_always_fits(void **state)
{
	(void)state;
	assert_int_equal(rf_bandwidth_burst(MEGABIT, 0), 73728);
	assert_int_equal(rf_bandwidth_burst(MEGABIT, UINT32_MAX), 73728);
	assert_int_equal(rf_bandwidth_burst(1, 1), 73728);
}

/* The programs multiply by 10^9. */
static void no_burst_overflows_what_the_programs_compute(void **state)
{
	(void)state;
	assert_in_range(rf_bandwidth_burst(UINT64_MAX, UINT64_MAX), 1, UINT64_MAX / 1000000000);
	assert_in_range(rf_bandwidth_burst(UINT64_MAX, 1), 1, UINT64_MAX / 1000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rate_is_in_whole_bytes_and_never_zero),
		cmocka_unit_test(a_burst_is_300_ms_of_the_rate_if_none_is_asked_for),
		cmocka_unit_test(a_larger_burst_is_not_given),
		cmocka_unit_test(a_burst_with_which_tcp_would_starve_is_not_given),
		cmocka_unit_test(a_burst_between_is_given_as_asked_for),
		cmocka_unit_test(a_super_packet_always_fits),
		cmocka_unit_test(no_burst_overflows_what_the_programs_compute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
