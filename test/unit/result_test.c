/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/result.h"

#include "test/unit/netconf_support.h"

static int parse(const char *text, const char *cni_version, struct rf_result *out,
		 struct rf_error *error)
{
	_cleanup_json_ cJSON *json = parse_good_json(text);
	_cleanup_free_ char *copy = copy_exactly(text, strlen(text));

	return rf_result_parse(json, copy, strlen(text), cni_version, out, error);
}

static void parse_good_result(const char *text, const char *cni_version, struct rf_result *out)
{
	struct rf_error error = {0};

	if (parse(text, cni_version, out, &error) < 0)
		fail_msg("%s: %d %s", text, error.code, error.message);
}

static void assert_refused(const struct refusal *refusal, const char *cni_version)
{
	struct rf_result untouched;
	struct rf_result result;
	struct rf_error error = {0};

	memset(&untouched, 0x5a, sizeof(untouched));
	memcpy(&result, &untouched, sizeof(result));
	if (parse(refusal->text, cni_version, &result, &error) == 0)
		fail_msg("%s is taken", refusal->text);
	assert_error(&error, refusal->text, refusal->code, refusal->message);
	assert_memory_equal(&result, &untouched, sizeof(result));
}

static void assert_address(const struct rf_result *result, size_t index, const char *address,
			   const char *interface)
{
	char text[RF_PREFIX_TEXT];

	assert_true(index < result->address_count);
	assert_string_equal(rf_prefix_format(&result->addresses[index].address, text), address);
	assert_string_equal(result->addresses[index].interface, interface);
}

static void the_bridge_plugins_result_is_read(void **state)
{
	_cleanup_(rf_result_free) struct rf_result result = {0};

	(void)state;
	parse_good_result(
		"{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"cni0\"},"
		"{\"name\":\"veth12345678\",\"mac\":\"aa:bb:cc:dd:ee:ff\"},"
		"{\"name\":\"eth0\",\"sandbox\":\"/var/run/netns/x\"}],"
		"\"ips\":[{\"address\":\"10.0.0.5/16\",\"gateway\":\"10.0.0.1\",\"interface\":2},"
		"{\"address\":\"fd00::5/64\",\"interface\":2}],"
		"\"routes\":[{\"dst\":\"0.0.0.0/0\"}],\"dns\":{}}",
		"1.0.0", &result);
	assert_int_equal(result.address_count, 2);
	assert_address(&result, 0, "10.0.0.5", "eth0");
	assert_address(&result, 1, "fd00::5", "eth0");
}

static void addresses_of_the_host_are_left_out(void **state)
{
	_cleanup_(rf_result_free) struct rf_result result = {0};

	(void)state;
	parse_good_result(
		"{\"interfaces\":[{\"name\":\"a-name-longer-than-any-netdev\"},"
		"{\"name\":\"veth1\",\"sandbox\":\"\"},"
		"{\"name\":\"eth0\",\"sandbox\":\"/ns\"},{\"name\":\"br\",\"sandbox\":null}],"
		"\"ips\":[{\"address\":\"10.0.0.1/24\",\"interface\":0},"
		"{\"address\":\"10.0.0.2/24\",\"interface\":1},"
		"{\"address\":\"10.0.0.3/24\",\"interface\":2},"
		"{\"address\":\"10.0.0.4/24\",\"interface\":3}]}",
		"1.1.0", &result);
	assert_int_equal(result.address_count, 1);
	assert_address(&result, 0, "10.0.0.3", "eth0");
}

static void an_address_without_interface_is_the_pods(void **state)
{
	_cleanup_(rf_result_free) struct rf_result result = {0};

	(void)state;
	parse_good_result("{\"ips\":[{\"address\":\"10.0.0.3/24\"},"
			  "{\"address\":\"10.0.0.4/24\",\"interface\":null}]}",
			  "1.0.0", &result);
	assert_int_equal(result.address_count, 2);
	assert_address(&result, 0, "10.0.0.3", "");
	assert_address(&result, 1, "10.0.0.4", "");
}

static void the_dummy_of_aws_does_no_harm(void **state)
{
	_cleanup_(rf_result_free) struct rf_result result = {0};

	(void)state;
	parse_good_result(
		"{\"cniVersion\":\"0.4.0\",\"interfaces\":[{\"name\":\"eni1234\"},"
		"{\"name\":\"eth0\",\"sandbox\":\"/proc/1/ns/net\"},"
		"{\"name\":\"dummy1234\",\"mac\":\"0\",\"sandbox\":\"0\"}],"
		"\"ips\":[{\"version\":\"4\",\"interface\":1,\"address\":\"192.168.1.5/32\"}]}",
		"0.4.0", &result);
	assert_int_equal(result.address_count, 1);
	assert_address(&result, 0, "192.168.1.5", "eth0");
}

static void interfaces_alone_are_a_result(void **state)
{
	_cleanup_(rf_result_free) struct rf_result result = {0};

	(void)state;
	parse_good_result("{\"interfaces\":[{\"name\":\"eth0\",\"sandbox\":\"/ns\"}]}", "1.0.0",
			  &result);
	assert_int_equal(result.address_count, 0);
}

static void the_text_carries_the_configured_version(void **state)
{
	static const struct {
		const char *version;
		const char *text;
		const char *expected;
	} cases[] = {
		{"1.0.0", "{ \"cniVersion\" : \"1.0.0\" , \"ips\":[{\"address\":\"10.0.0.3/8\"}] }",
		 "{ \"cniVersion\" : \"1.0.0\" , \"ips\":[{\"address\":\"10.0.0.3/8\"}] }"},
		{"1.1.0", "{\"ips\":[{\"address\":\"10.0.0.3/8\"}],\"cniVersion\":\"1.0.0\"}",
		 "{\"ips\":[{\"address\":\"10.0.0.3/8\"}],\"cniVersion\":\"1.1.0\"}"},
		{"1.1.0", "{ \"ips\":[{\"address\":\"10.0.0.3/8\"}]}",
		 "{\"cniVersion\":\"1.1.0\", \"ips\":[{\"address\":\"10.0.0.3/8\"}]}"},
		{"0.3.1",
		 "{\"cniVersion\":\"0.4.0\",\"ips\":[{\"version\":\"4\",\"address\":\"10.0.0.3/"
		 "8\"}]}",
		 "{\"cniVersion\":\"0.3.1\",\"ips\":[{\"version\":\"4\",\"address\":\"10.0.0.3/"
		 "8\"}]}"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		_cleanup_(rf_result_free) struct rf_result result = {0};

		parse_good_result(cases[i].text, cases[i].version, &result);
		assert_string_equal(result.text, cases[i].expected);
	}
}

/* What a chain's earlier plugin writes that ignores the version it was asked for. */
static const struct {
	const char *version;
	const char *text;
	const char *expected;
} conversions[] = {
	/* from 1.0.0 on to below: each address says its family */
	{"0.4.0",
	 "{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.0.0.3/8\"},"
	 " { \"address\":\"fd00::3/64\" } ]}",
	 "{\"cniVersion\":\"0.4.0\",\"ips\":[{\"version\":\"4\",\"address\":\"10.0.0.3/"
	 "8\"},"
	 " {\"version\":\"6\", \"address\":\"fd00::3/64\" } ]}"},
	{"0.3.0", "{\"ips\":[{\"address\":\"10.0.0.3/8\"}],\"cniVersion\":\"1.1.0\"}",
	 "{\"ips\":[{\"version\":\"4\",\"address\":\"10.0.0.3/"
	 "8\"}],\"cniVersion\":\"0.3.0\"}"},
	/* also those of the host */
	{"0.3.1",
	 "{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"br\"}],"
	 "\"ips\":[{\"interface\":0,\"address\":\"fd00::1/8\"}]}",
	 "{\"cniVersion\":\"0.3.1\",\"interfaces\":[{\"name\":\"br\"}],"
	 "\"ips\":[{\"version\":\"6\",\"interface\":0,\"address\":\"fd00::1/8\"}]}"},
	/* one that is there and right stays as it is written, one that is wrong does not */
	{"0.4.0",
	 "{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.0.0.3/8\",\"versio\\u006e\" "
	 ": "
	 "\"\\u0034\"},{\"version\": 4 ,\"address\":\"fd00::3/8\"}]}",
	 "{\"cniVersion\":\"0.4.0\",\"ips\":[{\"address\":\"10.0.0.3/8\",\"versio\\u006e\" "
	 ": "
	 "\"\\u0034\"},{\"version\": \"6\" ,\"address\":\"fd00::3/8\"}]}"},
	/* from below to 1.0.0 on: none does */
	{"1.0.0",
	 "{\"cniVersion\":\"0.4.0\",\"ips\":[{\"version\":\"4\",\"address\":\"10.0.0.3/"
	 "8\"},"
	 "{ \"version\" : \"6\" , \"address\":\"fd00::3/8\" }]}",
	 "{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.0.0.3/8\"},"
	 "{ \"address\":\"fd00::3/8\" }]}"},
	{"1.1.0",
	 "{\"ips\":[{\"address\":\"10.0.0.3/8\" , \"version\":\"4\" },"
	 "{\"address\":\"fd00::3/8\",\n\t\"version\":\"6\",\n\t\"gateway\":\"fd00::1\"}],"
	 "\"cniVersion\":\"0.3.1\"}",
	 "{\"ips\":[{\"address\":\"10.0.0.3/8\"  },"
	 "{\"address\":\"fd00::3/8\",\n\t\"gateway\":\"fd00::1\"}],"
	 "\"cniVersion\":\"1.1.0\"}"},
	/* a plugin that says one version and writes the other's form */
	{"1.0.0",
	 "{\"cniVersion\":\"1.0.0\",\"ips\":[{\"version\":\"4\",\"address\":\"10.0.0.3/"
	 "8\"}]}",
	 "{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.0.0.3/8\"}]}"},
	/* \"version\" elsewhere is not the family */
	{"1.0.0",
	 "{\"cniVersion\":\"0.4.0\",\"version\":1,\"x\":{\"ips\":[{\"version\":\"4\"}]},"
	 "\"ips\":[{\"version\":\"4\",\"address\":\"10.0.0.3/"
	 "8\",\"x\":{\"version\":\"4\"}}]}",
	 "{\"cniVersion\":\"1.0.0\",\"version\":1,\"x\":{\"ips\":[{\"version\":\"4\"}]},"
	 "\"ips\":[{\"address\":\"10.0.0.3/8\",\"x\":{\"version\":\"4\"}}]}"},
	/* no addresses, nothing to convert */
	{"0.4.0", "{\"interfaces\":[{\"name\":\"a\"}],\"ips\":null,\"cniVersion\":\"1.0.0\"}",
	 "{\"interfaces\":[{\"name\":\"a\"}],\"ips\":null,\"cniVersion\":\"0.4.0\"}"},
	{"0.4.0", "{\"interfaces\":[{\"name\":\"a\"}],\"ips\":[ ],\"cniVersion\":\"1.0.0\"}",
	 "{\"interfaces\":[{\"name\":\"a\"}],\"ips\":[ ],\"cniVersion\":\"0.4.0\"}"},
};

static void a_result_of_another_form_is_converted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(conversions); i++) {
		_cleanup_(rf_result_free) struct rf_result result = {0};

		parse_good_result(conversions[i].text, conversions[i].version, &result);
		assert_string_equal(result.text, conversions[i].expected);
	}
}

static void keys_that_a_version_does_not_have_are_kept(void **state)
{
	static const char text[] =
		"{\"cniVersion\":\"0.4.0\",\"interfaces\":[{\"name\":\"eth0\",\"sandbox\":\"/"
		"ns\",\"mtu\":1.5e3,\"socketPath\":\"\\/x\",\"pciID\":\"0000:00\"}],"
		"\"ips\":[{\"version\":\"4\",\"address\":\"10.0.0.3/8\",\"interface\":0}],"
		"\"routes\":[{\"dst\":\"0.0.0.0/0\",\"mtu\":0,\"advmss\":1,\"priority\":0,"
		"\"table\":0,\"scope\":0}],\"dns\":{ },\"\\u00e9\":9007199254740993}";
	_cleanup_(rf_result_free) struct rf_result result = {0};

	(void)state;
	parse_good_result(text, "0.4.0", &result);
	assert_string_equal(result.text, text);
	assert_int_equal(result.address_count, 1);
	assert_address(&result, 0, "10.0.0.3", "eth0");
}

static void an_empty_version_is_the_configurations(void **state)
{
	static const char *const texts[] = {
		"{\"cniVersion\":\"\",\"ips\":[{\"address\":\"10.0.0.3/8\"}]}",
		"{\"cniVersion\":null,\"ips\":[{\"address\":\"10.0.0.3/8\"}]}",
		"{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.0.0.3/8\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		_cleanup_(rf_result_free) struct rf_result result = {0};

		parse_good_result(texts[i], "1.0.0", &result);
		assert_string_equal(result.text, texts[2]);
	}
}

static void an_address_that_is_given_twice_is_there_once(void **state)
{
	_cleanup_(rf_result_free) struct rf_result result = {0};

	(void)state;
	parse_good_result(
		"{\"interfaces\":[{\"name\":\"eth0\",\"sandbox\":\"/ns\"},{\"name\":\"net1\","
		"\"sandbox\":\"/ns\"}],\"ips\":[{\"address\":\"10.0.0.3/8\",\"interface\":0},"
		"{\"address\":\"10.0.0.3/32\",\"interface\":0},"
		"{\"address\":\"10.0.0.3/8\",\"interface\":1}]}",
		"1.0.0", &result);
	assert_int_equal(result.address_count, 2);
	assert_address(&result, 0, "10.0.0.3", "eth0");
	assert_address(&result, 1, "10.0.0.3", "net1");
}

static void addresses_that_no_pod_can_have_are_known(void **state)
{
	static const struct {
		const char *address;
		const char *fault;
	} cases[] = {
		{"0.0.0.0", "is the unspecified address"},
		{"255.255.255.255", "is the broadcast address"},
		{"127.0.0.1", "is a loopback address"},
		{"127.255.255.254", "is a loopback address"},
		{"224.0.0.1", "is a multicast address"},
		{"239.255.255.255", "is a multicast address"},
		{"::", "is the unspecified address"},
		{"::1", "is a loopback address"},
		{"ff02::1", "is a multicast address"},
		{"0.0.0.1", NULL},
		{"10.0.0.0", NULL},
		{"128.0.0.1", NULL},
		{"169.254.1.1", NULL},
		{"223.255.255.255", NULL},
		{"240.0.0.1", NULL},
		{"255.255.255.254", NULL},
		{"::2", NULL},
		{"fe80::1", NULL},
		{"fd00::", NULL},
		{"2000::e000:1", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rf_result_address address = {0};
		const char *fault;
		const char *why;

		assert_int_equal(rf_prefix_parse(cases[i].address, &address.address, &why), 0);
		fault = rf_result_address_fault(&address);
		if (!cases[i].fault)
			assert_null(fault);
		else
			assert_string_equal(fault, cases[i].fault);
	}
}

static void unusable_results_are_refused(void **state)
{
	static const struct refusal cases[] = {
		{"[]", RF_CODE_DECODE, "prevResult: expected an object, not an array"},
		{"\"x\"", RF_CODE_DECODE, "prevResult: expected an object"},
		{"{}", RF_CODE_DECODE, "prevResult: has neither interfaces nor ips"},
		{"{\"dns\":{}}", RF_CODE_DECODE, "has neither"},
		{"{\"interfaces\":[],\"ips\":[]}", RF_CODE_DECODE, "has neither"},
		{"{\"interfaces\":{}}", RF_CODE_DECODE, "prevResult.interfaces: expected an array"},
		{"{\"interfaces\":[[]]}", RF_CODE_DECODE,
		 "prevResult.interfaces[0]: expected an object"},
		{"{\"interfaces\":[{}]}", RF_CODE_DECODE, "prevResult.interfaces[0]: \"name\""},
		{"{\"interfaces\":[{\"name\":5}]}", RF_CODE_DECODE,
		 "\"name\" is missing or no string"},
		{"{\"interfaces\":[{\"name\":\"a\",\"sandbox\":5}]}", RF_CODE_DECODE,
		 "\"sandbox\""},
		{"{\"ips\":{}}", RF_CODE_DECODE, "prevResult.ips: expected an array"},
		{"{\"ips\":[5]}", RF_CODE_DECODE, "prevResult.ips[0]: expected an object"},
		{"{\"ips\":[{}]}", RF_CODE_DECODE, "prevResult.ips[0]: \"address\" is missing"},
		{"{\"ips\":[{\"address\":5}]}", RF_CODE_DECODE,
		 "\"address\" is missing or no string"},
		{"{\"ips\":[{\"address\":\"10.0.0.1/8\"},{\"address\":\"10.0.0.2\"}]}",
		 RF_CODE_DECODE, "prevResult.ips[1].address: \"10.0.0.2\" has no prefix length"},
		{"{\"ips\":[{\"address\":\"10.0.0/8\"}]}", RF_CODE_DECODE, "is no address"},
		{"{\"ips\":[{\"address\":\"10.0.0.1/8\",\"interface\":0}]}", RF_CODE_DECODE,
		 "prevResult.ips[0]: \"interface\" is 0, but there are 0 interfaces"},
		{"{\"interfaces\":[{\"name\":\"a\"}],\"ips\":[{\"address\":\"10.0.0.1/8\","
		 "\"interface\":1}]}",
		 RF_CODE_DECODE, "\"interface\" is 1, but there are 1"},
		{"{\"interfaces\":[{\"name\":\"a\"}],\"ips\":[{\"address\":\"10.0.0.1/8\","
		 "\"interface\":-1}]}",
		 RF_CODE_DECODE, "\"interface\" is -1"},
		{"{\"interfaces\":[{\"name\":\"a\"}],\"ips\":[{\"address\":\"10.0.0.1/8\","
		 "\"interface\":0.5}]}",
		 RF_CODE_DECODE, "\"interface\" is 0.5"},
		{"{\"ips\":[{\"address\":\"10.0.0.1/8\",\"interface\":\"0\"}]}", RF_CODE_DECODE,
		 "\"interface\" is no number"},
		{"{\"interfaces\":[{\"name\":\"sixteen-bytes-xx\",\"sandbox\":\"/ns\"}],"
		 "\"ips\":[{\"address\":\"10.0.0.1/8\",\"interface\":0}]}",
		 RF_CODE_DECODE, "called \"sixteen-bytes-xx\": expected 1 to 15 bytes"},
		{"{\"interfaces\":[{\"name\":\"\",\"sandbox\":\"/ns\"}],"
		 "\"ips\":[{\"address\":\"10.0.0.1/8\",\"interface\":0}]}",
		 RF_CODE_DECODE, "expected 1 to 15 bytes"},
		{"{\"cniVersion\":\"2.0.0\",\"ips\":[{\"address\":\"10.0.0.1/8\"}]}",
		 RF_CODE_DECODE,
		 "prevResult.cniVersion: \"2.0.0\" is not supported, and cannot be converted to "
		 "the "
		 "configuration's \"1.0.0\""},
		{"{\"cniVersion\":\"0.2.0\",\"ip4\":{\"ip\":\"10.0.0.1/8\"}}", RF_CODE_DECODE,
		 "prevResult.cniVersion: \"0.2.0\" is not supported"},
		{"{\"cniVersion\":1,\"ips\":[{\"address\":\"10.0.0.1/8\"}]}", RF_CODE_DECODE,
		 "prevResult.cniVersion: expected a string"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_refused(&cases[i], "1.0.0");
}

static void old_results_must_say_the_family(void **state)
{
	static const struct refusal cases[] = {
		{"{\"ips\":[{\"address\":\"10.0.0.1/8\"}]}", RF_CODE_DECODE, "expected \"4\""},
		{"{\"ips\":[{\"address\":\"10.0.0.1/8\",\"version\":\"6\"}]}", RF_CODE_DECODE,
		 "prevResult.ips[0]: \"version\" is missing or wrong: expected \"4\""},
		{"{\"ips\":[{\"address\":\"fd00::1/8\",\"version\":\"4\"}]}", RF_CODE_DECODE,
		 "expected \"6\""},
		{"{\"ips\":[{\"address\":\"10.0.0.1/8\",\"version\":4}]}", RF_CODE_DECODE,
		 "expected \"4\""},
	};
	static const char *const old[] = {"0.3.0", "0.3.1", "0.4.0"};

	(void)state;
	for (size_t v = 0; v < COUNT_OF(old); v++) {
		for (size_t i = 0; i < COUNT_OF(cases); i++)
			assert_refused(&cases[i], old[v]);
	}
}

/* A result has the form of its own version, whatever it is converted to. */
static void an_old_result_for_a_new_configuration_must_say_the_family_too(void **state)
{
	static const struct refusal cases[] = {
		{"{\"cniVersion\":\"0.4.0\",\"ips\":[{\"address\":\"10.0.0.1/8\"}]}",
		 RF_CODE_DECODE, "expected \"4\""},
		{"{\"cniVersion\":\"0.3.0\",\"ips\":[{\"address\":\"fd00::1/"
		 "8\",\"version\":\"4\"}]}",
		 RF_CODE_DECODE, "prevResult.ips[0]: \"version\" is missing or wrong"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_refused(&cases[i], "1.1.0");
}

static char *many_addresses(int count)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	fputs("{\"ips\":[", stream);
	for (int i = 0; i < count; i++)
		fprintf(stream, "%s{\"address\":\"10.0.0.%d/8\"}", i ? "," : "", i);
	fputs("]}", stream);
	fclose(stream);
	return text;
}

static void a_pod_has_sixteen_addresses_at_most(void **state)
{
	_cleanup_(rf_result_free) struct rf_result result = {0};
	_cleanup_free_ char *most = many_addresses(16);
	_cleanup_free_ char *too_many = many_addresses(17);
	struct refusal refusal = {too_many, RF_CODE_CONFIG, "(of 17): at most 16 are supported"};

	(void)state;
	parse_good_result(most, "1.0.0", &result);
	assert_int_equal(result.address_count, 16);
	assert_address(&result, 15, "10.0.0.15", "");
	assert_refused(&refusal, "1.0.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bridge_plugins_result_is_read),
		cmocka_unit_test(addresses_of_the_host_are_left_out),
		cmocka_unit_test(an_address_without_interface_is_the_pods),
		cmocka_unit_test(the_dummy_of_aws_does_no_harm),
		cmocka_unit_test(interfaces_alone_are_a_result),
		cmocka_unit_test(the_text_carries_the_configured_version),
		cmocka_unit_test(a_result_of_another_form_is_converted),
		cmocka_unit_test(keys_that_a_version_does_not_have_are_kept),
		cmocka_unit_test(an_empty_version_is_the_configurations),
		cmocka_unit_test(an_address_that_is_given_twice_is_there_once),
		cmocka_unit_test(addresses_that_no_pod_can_have_are_known),
		cmocka_unit_test(unusable_results_are_refused),
		cmocka_unit_test(old_results_must_say_the_family),
		cmocka_unit_test(an_old_result_for_a_new_configuration_must_say_the_family_too),
		cmocka_unit_test(a_pod_has_sixteen_addresses_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
