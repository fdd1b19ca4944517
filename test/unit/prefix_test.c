/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/prefix.h"

#include "test/unit/netconf_support.h"

#include <arpa/inet.h>
#include <errno.h>

static struct rf_prefix prefix_of(const char *text)
{
	struct rf_prefix prefix;
	const char *why = NULL;

	if (rf_prefix_parse(text, &prefix, &why) < 0)
		fail_msg("%s: %s", text, why);
	return prefix;
}

static void prefixes_are_read_and_written(void **state)
{
	static const struct {
		const char *text;
		const char *written;
		uint8_t length;
		bool is_v4;
	} cases[] = {
		{"10.0.0.0/8", "10.0.0.0/8", 104, true},
		{"0.0.0.0/0", "0.0.0.0/0", 96, true},
		{"10.1.2.3", "10.1.2.3", 128, true},
		{"10.1.2.3/32", "10.1.2.3", 128, true},
		{"10.1.2.2/31", "10.1.2.2/31", 127, true},
		{"255.255.255.255", "255.255.255.255", 128, true},
		{"::/0", "::/0", 0, false},
		{"fd00::/8", "fd00::/8", 8, false},
		{"::1", "::1", 128, false},
		{"::1/128", "::1", 128, false},
		{"FE80::/10", "fe80::/10", 10, false},
		{"2001:db8:0:0::/64", "2001:db8::/64", 64, false},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127",
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", 127, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rf_prefix prefix = prefix_of(cases[i].text);
		char text[RF_PREFIX_TEXT];

		assert_int_equal(prefix.length, cases[i].length);
		assert_int_equal(prefix.is_v4, cases[i].is_v4);
		assert_ptr_equal(rf_prefix_format(&prefix, text), text);
		assert_string_equal(text, cases[i].written);
	}
}

static void ipv4_is_carried_mapped(void **state)
{
	struct rf_prefix prefix = prefix_of("10.1.2.0/24");
	struct in6_addr expected;

	(void)state;
	assert_int_equal(inet_pton(AF_INET6, "::ffff:10.1.2.0", &expected), 1);
	assert_memory_equal(&prefix.address, &expected, sizeof(expected));
}

static void bad_prefixes_are_refused_with_what_is_allowed(void **state)
{
	static const struct {
		const char *text;
		const char *why;
	} cases[] = {
		{"", "no address"},
		{"/8", "no address"},
		{"10.0.0", "no address"},
		{"10.0.0.256", "no address"},
		{"010.0.0.1", "no address"},
		{"0x0a.0.0.1", "no address"},
		{" 10.0.0.1", "no address"},
		{"10.0.0.1 ", "no address"},
		{"10.0.0.1\n", "no address"},
		{"host", "no address"},
		{":::", "no address"},
		{"1:2:3:4:5:6:7:8:9", "no address"},
		{"fd00::/8/8", "malformed length"},
		{"10.0.0.0/", "malformed length"},
		{"10.0.0.0/+8", "malformed length"},
		{"10.0.0.0/-8", "malformed length"},
		{"10.0.0.0/08", "malformed length"},
		{"10.0.0.0/ 8", "malformed length"},
		{"10.0.0.0/8 ", "malformed length"},
		{"10.0.0.0/0x8", "malformed length"},
		{"10.0.0.0/33", "0 to 32"},
		{"10.0.0.0/4294967304", "0 to 32"},
		{"10.0.0.0/18446744073709551624", "0 to 32"},
		{"fd00::/129", "0 to 128"},
		{"10.1.2.3/8", "host bits"},
		{"0.0.0.1/0", "host bits"},
		{"fd00::1/64", "host bits"},
		{"::1/0", "host bits"},
		{"::ffff:1.2.3.4", "write it as IPv4"},
		{"::ffff:0:0/96", "write it as IPv4"},
		{"::ffff:102:304/128", "write it as IPv4"},
		{"fe80::1%eth0", "zone"},
		{"fe80::1%eth0/64", "zone"},
	};
	struct rf_prefix untouched;
	struct rf_prefix prefix;

	(void)state;
	memset(&untouched, 0x5a, sizeof(untouched));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *why = NULL;

		memcpy(&prefix, &untouched, sizeof(prefix));
		if (rf_prefix_parse(cases[i].text, &prefix, &why) != -EINVAL)
			fail_msg("%s is taken", cases[i].text);
		assert_non_null(why);
		assert_contains(why, cases[i].why);
		assert_memory_equal(&prefix, &untouched, sizeof(prefix));
	}
}

static void host_bits_can_be_cleared(void **state)
{
	struct rf_prefix prefix;
	const char *why;
	char text[RF_PREFIX_TEXT];

	(void)state;
	assert_int_equal(rf_prefix_parse_masked("10.1.2.3/12", &prefix, &why), 0);
	assert_string_equal(rf_prefix_format(&prefix, text), "10.0.0.0/12");
	assert_int_equal(rf_prefix_parse_masked("fd01::1/7", &prefix, &why), 0);
	assert_string_equal(rf_prefix_format(&prefix, text), "fc00::/7");
	assert_int_equal(rf_prefix_parse_masked("10.1.2.3/33", &prefix, &why), -EINVAL);
}

static void interface_addresses_have_host_bits_and_a_length(void **state)
{
	static const char *const refused[] = {
		"10.1.2.3", "fd00::5", "10.1.2.3/", "10.1.2.3/33", "::ffff:10.1.2.3/120",
		"",         "x/24"};
	struct rf_prefix address;
	const char *why = NULL;
	char text[RF_PREFIX_TEXT];

	(void)state;
	assert_int_equal(rf_interface_address_parse("10.1.2.3/24", &address, &why), 0);
	assert_int_equal(address.length, 128);
	assert_true(address.is_v4);
	assert_string_equal(rf_prefix_format(&address, text), "10.1.2.3");
	assert_int_equal(rf_interface_address_parse("fd00::5/64", &address, &why), 0);
	assert_string_equal(rf_prefix_format(&address, text), "fd00::5");
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		why = NULL;
		assert_int_equal(rf_interface_address_parse(refused[i], &address, &why), -EINVAL);
		assert_non_null(why);
	}
}

static void containment_is_within_a_family(void **state)
{
	static const struct {
		const char *outer;
		const char *inner;
		bool expected;
	} cases[] = {
		{"10.0.0.0/8", "10.9.0.0/16", true},
		{"10.0.0.0/8", "10.0.0.0/8", true},
		{"10.9.0.0/16", "10.0.0.0/8", false},
		{"10.0.0.0/8", "11.0.0.0/16", false},
		{"0.0.0.0/0", "255.0.0.1", true},
		{"::/0", "fd00::1", true},
		{"::/0", "10.0.0.1", false},
		{"::/0", "0.0.0.0/0", false},
		{"0.0.0.0/0", "::1", false},
		{"10.0.0.0/9", "10.127.0.0/16", true},
		{"10.0.0.0/9", "10.128.0.0/16", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rf_prefix outer = prefix_of(cases[i].outer);
		struct rf_prefix inner = prefix_of(cases[i].inner);

		assert_int_equal(rf_prefix_contains(&outer, &inner), cases[i].expected);
	}
}

static void order_is_by_family_address_and_length(void **state)
{
	static const char *const ordered[] = {"0.0.0.0/0",  "9.0.0.0/8", "10.0.0.0/8", "10.0.0.0/9",
					      "10.0.0.0",   "10.0.0.1",  "::/0",       "::1",
					      "2001:db8::", "fd00::/8"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(ordered); i++) {
		for (size_t j = 0; j < COUNT_OF(ordered); j++) {
			struct rf_prefix a = prefix_of(ordered[i]);
			struct rf_prefix b = prefix_of(ordered[j]);
			int order = rf_prefix_compare(&a, &b);

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}

static void what_is_written_is_read_back_equal(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct rf_prefix prefix = {0};
		struct rf_prefix again;
		char masked[64];
		char text[RF_PREFIX_TEXT];
		char address[INET6_ADDRSTRLEN];
		unsigned char bytes[16];
		const char *why;
		bool is_v4 = next_random(&random) % 2;
		unsigned int length = next_random(&random) % (is_v4 ? 33 : 129);

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (unsigned char)(next_random(&random) % 3 ? next_random(&random)
									    : 0);
		inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes, address, sizeof(address));
		snprintf(masked, sizeof(masked), "%s/%u", address, length);
		if (rf_prefix_parse_masked(masked, &prefix, &why) < 0)
			continue; /* mapped by chance */
		rf_prefix_format(&prefix, text);
		again = prefix_of(text);
		assert_int_equal(rf_prefix_compare(&prefix, &again), 0);
		assert_int_equal(prefix.is_v4, is_v4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_are_read_and_written),
		cmocka_unit_test(ipv4_is_carried_mapped),
		cmocka_unit_test(bad_prefixes_are_refused_with_what_is_allowed),
		cmocka_unit_test(host_bits_can_be_cleared),
		cmocka_unit_test(interface_addresses_have_host_bits_and_a_length),
		cmocka_unit_test(containment_is_within_a_family),
		cmocka_unit_test(order_is_by_family_address_and_length),
		cmocka_unit_test(what_is_written_is_read_back_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
