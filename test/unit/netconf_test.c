/* SPDX-License-Identifier: Apache-2.0 */
#include "test/unit/configuration_support.h"

#include <time.h>

static void what_is_absent_has_its_default(void **state)
{
	_cleanup_(rf_netconf_free) struct rf_netconf netconf = {0};
	struct rf_map_sizes defaults = {0};

	(void)state;
	parse_good_netconf("{\"cniVersion\":\"0.4.0\",\"name\":\"n\"}", RF_NETCONF_WHOLE, &netconf);
	assert_string_equal(netconf.cni_version, "0.4.0");
	assert_string_equal(netconf.name, "n");
	assert_false(netconf.policy.ingress.restricted || netconf.policy.egress.restricted);
	assert_null(netconf.policy_directory);
	assert_int_equal(netconf.attach, RF_ATTACH_AUTO);
	assert_true(netconf.anti_spoof);
	assert_false(netconf.host_access_by_policy);
	assert_int_equal(netconf.ether_type_count, 1);
	assert_int_equal(netconf.ether_types[0], 0x0806);
	assert_memory_equal(&netconf.maps, &defaults, sizeof(defaults));
	assert_false(netconf.has_previous_result);
}

static void every_key_of_ours_is_read(void **state)
{
	_cleanup_(rf_netconf_free) struct rf_netconf netconf = {0};

	(void)state;
	parse_good_netconf(
		CONF("\"policy\":{\"ingress\":{}},\"policyDir\":\"/etc/"
		     "x\",\"mode\":\"enforce\",\"attach\":\"clsact\","
		     "\"antiSpoof\":false,\"hostAccess\":\"policy\",\"limits\":{},"
		     "\"etherTypes\":[\"arp\",\"lldp\",\"eapol\",\"0x8847\",\"0xFFFF\"],"
		     "\"maps\":{\"sessions\":1,\"halfOpen\":2,\"pods\":3,\"pinholes\":4,\"peers\":"
		     "5,"
		     "\"services\":16777216,\"rules\":6,\"denies\":65536}"),
		RF_NETCONF_WHOLE, &netconf);
	assert_true(netconf.policy.ingress.restricted);
	assert_string_equal(netconf.policy_directory, "/etc/x");
	assert_int_equal(netconf.attach, RF_ATTACH_CLSACT);
	assert_false(netconf.anti_spoof);
	assert_true(netconf.host_access_by_policy);
	assert_int_equal(netconf.ether_type_count, 5);
	assert_int_equal(netconf.ether_types[1], 0x88cc);
	assert_int_equal(netconf.ether_types[2], 0x888e);
	assert_int_equal(netconf.ether_types[3], 0x8847);
	assert_int_equal(netconf.ether_types[4], 0xffff);
	assert_int_equal(netconf.maps.sessions, 1);
	assert_int_equal(netconf.maps.half_open, 2);
	assert_int_equal(netconf.maps.pods, 3);
	assert_int_equal(netconf.maps.pinholes, 4);
	assert_int_equal(netconf.maps.peers, 5);
	assert_int_equal(netconf.maps.services, 16777216);
	assert_int_equal(netconf.maps.rules, 6);
	assert_int_equal(netconf.maps.denies, 65536);
}

static void no_ether_types_means_none(void **state)
{
	_cleanup_(rf_netconf_free) struct rf_netconf netconf = {0};

	(void)state;
	parse_good_netconf(CONF("\"etherTypes\":[]"), RF_NETCONF_WHOLE, &netconf);
	assert_int_equal(netconf.ether_type_count, 0);
	assert_int_equal(netconf.ether_types[0], 0);
}

static void keys_of_the_specification_are_ignored(void **state)
{
	_cleanup_(rf_netconf_free) struct rf_netconf netconf = {0};

	(void)state;
	parse_good_netconf(
		CONF("\"args\":{\"x\":1},\"capabilities\":{\"bandwidth\":true},\"dns\":{},"
		     "\"ipam\":{},\"ipMasq\":true,\"prevResult\":null,\"disableCheck\":true,"
		     "\"disableGC\":false,\"loadOnlyInlinedPlugins\":true,\"cniVersions\":[\"1.0."
		     "0\"],"
		     "\"cni.dev/valid-attachments\":[],\"cni.dev/anything\":5,"
		     "\"runtimeConfig\":{\"portMappings\":[1],\"bandwidth\":{\"ingressRate\":0,"
		     "\"ingressBurst\":0,\"egressRate\":0,\"egressBurst\":0}}"),
		RF_NETCONF_WHOLE, &netconf);
	assert_false(netconf.has_previous_result);
}

static void what_is_no_configuration_is_refused(void **state)
{
	static const struct refusal cases[] = {
		{"", RF_CODE_DECODE, "is empty"},
		{" ", RF_CODE_DECODE, "line 1, column 2"},
		{"{", RF_CODE_DECODE, "network configuration: not valid JSON: line 1, column 2"},
		{"{} x", RF_CODE_DECODE, "text behind"},
		{"[]", RF_CODE_DECODE, "expected an object"},
		{"5", RF_CODE_DECODE, "expected an object"},
		{"\"x\"", RF_CODE_DECODE, "expected an object"},
		{"null", RF_CODE_CONFIG, "name"},
		{CONF("\"policy\":{},\"policy\":{}"), RF_CODE_DECODE,
		 "key is given twice: \"policy\""},
	};

	(void)state;
	assert_all_refused(cases, COUNT_OF(cases));
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_refused(&cases[i], RF_NETCONF_IDENTITY);
}

static void version_and_name_are_checked_in_every_scope(void **state)
{
	static const struct refusal cases[] = {
		{"{\"name\":\"n\"}", RF_CODE_VERSION, "0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0"},
		{"{}", RF_CODE_VERSION, "cniVersion: missing, which means 0.1.0"},
		{"{\"cniVersion\":\"\",\"name\":\"n\"}", RF_CODE_VERSION, "missing"},
		{"{\"cniVersion\":\"9.9.9\",\"name\":\"n\"}", RF_CODE_VERSION,
		 "\"9.9.9\" is not supported"},
		{"{\"cniVersion\":\"0.2.0\",\"name\":\"n\"}", RF_CODE_VERSION, "\"0.2.0\""},
		{"{\"cniVersion\":\"1.0\",\"name\":\"n\"}", RF_CODE_VERSION, "\"1.0\""},
		{"{\"cniVersion\":\"1.1\\u002e0 \",\"name\":\"n\"}", RF_CODE_DECODE, "no version"},
		{"{\"cniVersion\":\"1.1.0.0\",\"name\":\"n\"}", RF_CODE_DECODE, "no version"},
		{"{\"cniVersion\":\"v1.0.0\",\"name\":\"n\"}", RF_CODE_DECODE, "no version"},
		{"{\"cniVersion\":\"1..0\",\"name\":\"n\"}", RF_CODE_DECODE, "no version"},
		{"{\"cniVersion\":1,\"name\":\"n\"}", RF_CODE_DECODE,
		 "cniVersion: expected a string"},
		{"{\"cniVersion\":null,\"name\":\"n\"}", RF_CODE_DECODE,
		 "expected a string, not null"},
		{"{\"cniVersion\":\"1.0.0\"}", RF_CODE_CONFIG,
		 "name: the network's name is missing"},
		{"{\"cniVersion\":\"1.0.0\",\"name\":null}", RF_CODE_CONFIG, "missing"},
		{"{\"cniVersion\":\"1.0.0\",\"name\":\"\"}", RF_CODE_CONFIG,
		 "no valid network name"},
		{"{\"cniVersion\":\"1.0.0\",\"name\":\"a/b\"}", RF_CODE_CONFIG,
		 "\"a/b\" is no valid"},
		{"{\"cniVersion\":\"1.0.0\",\"name\":5}", RF_CODE_DECODE,
		 "name: expected a string"},
	};

	(void)state;
	assert_all_refused(cases, COUNT_OF(cases));
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_refused(&cases[i], RF_NETCONF_IDENTITY);
}

static void identity_needs_nothing_else(void **state)
{
	static const char text[] =
		CONF("\"policy\":{\"polcy\":1},\"mode\":5,\"unknown\":true,\"prevResult\":{},"
		     "\"runtimeConfig\":7");
	_cleanup_(rf_netconf_free) struct rf_netconf netconf = {0};

	(void)state;
	parse_good_netconf(text, RF_NETCONF_IDENTITY, &netconf);
	assert_string_equal(netconf.name, "net");
	assert_string_equal(netconf.cni_version, "1.1.0");
	assert_false(netconf.has_previous_result);
}

static void the_version_is_known_even_if_the_rest_is_refused(void **state)
{
	static const char text[] = "{\"name\":5,\"cniVersion\":\"0.3.1\"}";
	static const char unsupported[] = "{\"name\":\"n\",\"cniVersion\":\"9.9.9\"}";
	_cleanup_(rf_netconf_free) struct rf_netconf netconf = {0};

	(void)state;
	assert_true(rf_netconf_parse(unsupported, strlen(unsupported), RF_NETCONF_WHOLE, &netconf,
				     NULL) < 0);
	assert_null(netconf.cni_version);
	assert_true(rf_netconf_parse(text, strlen(text), RF_NETCONF_WHOLE, &netconf, NULL) < 0);
	assert_string_equal(netconf.cni_version, "0.3.1");
}

static void unknown_keys_are_refused_with_key_and_value(void **state)
{
	static const struct refusal cases[] = {
		{CONF("\"polcy\":{\"a\":1}"), RF_CODE_UNSUPPORTED,
		 "polcy: unknown key, with value {\"a\":1}"},
		{CONF("\"Policy\":{}"), RF_CODE_UNSUPPORTED, "Policy: unknown key"},
		{CONF("\"qos\":5"), RF_CODE_UNSUPPORTED, "qos: unknown key, with value 5"},
		{CONF("\"cni.devices\":5"), RF_CODE_UNSUPPORTED, "cni.devices: unknown key"},
		{CONF("\"maps\":{\"session\":1}"), RF_CODE_UNSUPPORTED,
		 "maps.session: unknown key"},
		{CONF("\"limits\":{\"session\":1}"), RF_CODE_UNSUPPORTED,
		 "limits.session: unknown key"},
		{CONF("\"agent\":{\"path\":1}"), RF_CODE_UNSUPPORTED, "agent.path: unknown key"},
		{CONF("\"policy\":{\"ingres\":{}}"), RF_CODE_UNSUPPORTED,
		 "policy.ingres: unknown key, with value {}"},
		{CONF("\"policy\":{\"selector\":{}}"), RF_CODE_UNSUPPORTED, "policy.selector"},
		{CONF("\"runtimeConfig\":{\"bandwidth\":{\"rate\":1}}"), RF_CODE_UNSUPPORTED,
		 "runtimeConfig.bandwidth.rate: unknown key"},
	};

	(void)state;
	assert_all_refused(cases, COUNT_OF(cases));
}

static void features_of_later_are_refused_now(void **state)
{
	static const struct refusal cases[] = {
		{CONF("\"agent\":{\"socket\":\"/run/a\",\"fallback\":\"deny\"}"),
		 RF_CODE_UNSUPPORTED,
		 "agent: {\"socket\":\"/run/a\",\"fallback\":\"deny\"} is not supported yet"},
	};

	(void)state;
	assert_all_refused(cases, COUNT_OF(cases));
}

static void wrong_types_are_refused(void **state)
{
	static const struct refusal cases[] = {
		{CONF("\"policy\":[]"), RF_CODE_DECODE, "policy: expected an object, not an array"},
		{CONF("\"policy\":null"), RF_CODE_DECODE, "policy: expected an object, not null"},
		{CONF("\"policyDir\":5"), RF_CODE_DECODE, "policyDir: expected a string"},
		{CONF("\"mode\":true"), RF_CODE_DECODE, "mode: expected a string"},
		{CONF("\"attach\":1"), RF_CODE_DECODE, "attach: expected a string"},
		{CONF("\"antiSpoof\":\"false\""), RF_CODE_DECODE,
		 "antiSpoof: expected true or false"},
		{CONF("\"antiSpoof\":0"), RF_CODE_DECODE, "antiSpoof: expected true or false"},
		{CONF("\"hostAccess\":null"), RF_CODE_DECODE, "hostAccess: expected a string"},
		{CONF("\"etherTypes\":\"arp\""), RF_CODE_DECODE, "etherTypes: expected an array"},
		{CONF("\"etherTypes\":[2054]"), RF_CODE_DECODE, "etherTypes[0]: expected a string"},
		{CONF("\"limits\":[]"), RF_CODE_DECODE, "limits: expected an object"},
		{CONF("\"limits\":{\"sessions\":\"1\"}"), RF_CODE_DECODE,
		 "limits.sessions: expected"},
		{CONF("\"maps\":5"), RF_CODE_DECODE, "maps: expected an object"},
		{CONF("\"maps\":{\"pods\":\"1\"}"), RF_CODE_DECODE, "maps.pods: expected a number"},
		{CONF("\"agent\":\"/run/a\""), RF_CODE_DECODE, "agent: expected an object"},
		{CONF("\"agent\":{\"socket\":1}"), RF_CODE_DECODE,
		 "agent.socket: expected a string"},
		{CONF("\"runtimeConfig\":[]"), RF_CODE_DECODE, "runtimeConfig: expected an object"},
		{CONF("\"runtimeConfig\":{\"bandwidth\":5}"), RF_CODE_DECODE,
		 "runtimeConfig.bandwidth: expected an object"},
		{CONF("\"runtimeConfig\":{\"bandwidth\":{\"egressRate\":\"1M\"}}"), RF_CODE_DECODE,
		 "runtimeConfig.bandwidth.egressRate: expected a number"},
		{CONF("\"prevResult\":[]"), RF_CODE_DECODE, "prevResult: expected an object"},
		{CONF("\"prevResult\":{}"), RF_CODE_DECODE, "prevResult: has neither"},
	};

	(void)state;
	assert_all_refused(cases, COUNT_OF(cases));
}

static void invalid_values_are_refused(void **state)
{
	static const struct refusal cases[] = {
		{CONF("\"policyDir\":\"etc\""), RF_CODE_CONFIG,
		 "policyDir: \"etc\" is no absolute path"},
		{CONF("\"policyDir\":\"\""), RF_CODE_CONFIG, "policyDir: is empty"},
		{CONF("\"mode\":\"off\""), RF_CODE_CONFIG,
		 "mode: \"off\" is not allowed: expected one of"},
		{CONF("\"attach\":\"xdp\""), RF_CODE_CONFIG, "expected one of auto, tcx, clsact"},
		{CONF("\"hostAccess\":\"deny\""), RF_CODE_CONFIG, "expected one of allow, policy"},
		{CONF("\"etherTypes\":[\"ARP\"]"), RF_CODE_CONFIG,
		 "etherTypes[0]: \"ARP\" is no EtherType"},
		{CONF("\"etherTypes\":[\"0x806\"]"), RF_CODE_CONFIG, "no EtherType"},
		{CONF("\"etherTypes\":[\"0x00806\"]"), RF_CODE_CONFIG, "no EtherType"},
		{CONF("\"etherTypes\":[\"0806\"]"), RF_CODE_CONFIG, "no EtherType"},
		{CONF("\"etherTypes\":[\"0x05ff\"]"), RF_CODE_CONFIG, "no EtherType"},
		{CONF("\"etherTypes\":[\"0x+806\"]"), RF_CODE_CONFIG, "no EtherType"},
		{CONF("\"etherTypes\":[\"0x0800\"]"), RF_CODE_CONFIG, "it is IPv4"},
		{CONF("\"etherTypes\":[\"0x86DD\"]"), RF_CODE_CONFIG, "it is IPv6"},
		{CONF("\"etherTypes\":[\"0x8100\"]"), RF_CODE_CONFIG, "VLAN"},
		{CONF("\"etherTypes\":[\"0x88a8\"]"), RF_CODE_CONFIG, "VLAN"},
		{CONF("\"etherTypes\":[\"arp\",\"0x0806\"]"), RF_CODE_CONFIG,
		 "etherTypes[1]: 0x0806 is given twice"},
		{CONF("\"etherTypes\":[\"0x0601\",\"0x0602\",\"0x0603\",\"0x0604\",\"0x0605\","
		      "\"0x0606\",\"0x0607\",\"0x0608\",\"0x0609\"]"),
		 RF_CODE_CONFIG, "etherTypes: has 9 entries: at most 8 are allowed"},
		{CONF("\"maps\":{\"sessions\":0}"), RF_CODE_CONFIG, "from 1 to 16777216, not 0"},
		{CONF("\"maps\":{\"pods\":16777217}"), RF_CODE_CONFIG, "maps.pods: expected"},
		{CONF("\"maps\":{\"denies\":5000}"), RF_CODE_CONFIG,
		 "maps.denies: expected a power of"},
		{CONF("\"maps\":{\"denies\":2048}"), RF_CODE_CONFIG,
		 "from 4096 to 67108864, not 2048"},
		{CONF("\"maps\":{\"denies\":134217728}"), RF_CODE_CONFIG, "maps.denies: expected"},
		{CONF("\"agent\":{\"socket\":\"a\"}"), RF_CODE_CONFIG,
		 "agent.socket: \"a\" is no absolute"},
		{CONF("\"agent\":{\"fallback\":\"x\"}"), RF_CODE_CONFIG, "deny, allow, policy"},
		{CONF("\"policy\":{\"ingress\":{\"rules\":[{\"id\":1,\"action\":\"allow\","
		      "\"peers\":[\"10.1.2.3/8\"]}]}}"),
		 RF_CODE_CONFIG,
		 "policy.ingress.rules[0].peers[0]: \"10.1.2.3/8\" has host bits set"},
	};

	(void)state;
	assert_all_refused(cases, COUNT_OF(cases));
}

static void the_previous_result_is_kept_to_the_byte(void **state)
{
	static const char result[] =
		"{ \"cniVersion\" : \"1.1.0\",\"x\":{\"big\":9007199254740993, \"f\":1.50},\n"
		"\"interfaces\":[{\"name\":\"eth0\",\"sandbox\":\"/ns\",\"mtu\":0}],"
		"\"ips\":[{\"address\":\"10.0.0.2/24\",\"interface\":0,\"\\u0061\":\"\\/\"}] }";
	_cleanup_(rf_netconf_free) struct rf_netconf netconf = {0};
	char text[1024];

	(void)state;
	snprintf(text, sizeof(text), CONF("\"prevResult\":%s ,\"mode\":\"enforce\""), result);
	parse_good_netconf(text, RF_NETCONF_WHOLE, &netconf);
	assert_true(netconf.has_previous_result);
	assert_string_equal(netconf.previous_result.text, result);
	assert_int_equal(netconf.previous_result.address_count, 1);
	assert_string_equal(netconf.previous_result.addresses[0].interface, "eth0");
}

static void two_mebibytes_are_read_quickly(void **state)
{
	_cleanup_(rf_netconf_free) struct rf_netconf netconf = {0};
	_cleanup_free_ char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	clock_t start;

	(void)state;
	assert_non_null(stream);
	fputs("{\"cniVersion\":\"1.1.0\",\"name\":\"n\",\"args\":{\"x\":\"", stream);
	for (int i = 0; i < 1 << 20; i++)
		fputc('x', stream);
	fputs("\"},\"policy\":{\"ingress\":{\"rules\":[", stream);
	for (int i = 0; ftell(stream) < 2 << 20; i++)
		fprintf(stream, "%s{\"id\":%d,\"action\":\"deny\",\"peers\":[\"10.0.%d.%d\"]}",
			i ? "," : "", i + 1, i >> 8 & 255, i & 255);
	fputs("]}}}", stream);
	fclose(stream);

	start = clock();
	parse_good_netconf(text, RF_NETCONF_WHOLE, &netconf);
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 5);
	assert_in_range(netconf.policy.ingress.rule_count, 15000, 30000);
}

static void versions_are_compared_by_age(void **state)
{
	(void)state;
	for (int i = 0; rf_cni_versions[i]; i++) {
		for (int j = 0; rf_cni_versions[j]; j++) {
			int order = rf_cni_version_compare(rf_cni_versions[i], rf_cni_versions[j]);

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
	assert_string_equal(rf_cni_version_newest(), "1.1.0");
}

static void identifiers_are_as_the_specification_says(void **state)
{
	static const char *const good[] = {"a", "0", "a.b-c_D9", "A", "9-"};
	static const char *const bad[] = {"",    "-a",  ".a", "_a",       "a/b",      "../x",
					  "a b", "a\n", "\n", "\xc3\xa4", "some-%%x", "a:b"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_true(rf_is_identifier(good[i]));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(rf_is_identifier(bad[i]));
}

static void interface_names_are_as_the_kernel_takes_them(void **state)
{
	static const char *const good[] = {"eth0", "a", "fifteen-bytes-x", "...", "net.1", "-"};
	static const char *const bad[] = {
		"", ".", "..", "sixteen-bytes-xx", "a/b", "a b", "a:b", "a\tb", "a\n", "a\v"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(good); i++)
		assert_true(rf_is_interface_name(good[i]));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(rf_is_interface_name(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_absent_has_its_default),
		cmocka_unit_test(every_key_of_ours_is_read),
		cmocka_unit_test(no_ether_types_means_none),
		cmocka_unit_test(keys_of_the_specification_are_ignored),
		cmocka_unit_test(what_is_no_configuration_is_refused),
		cmocka_unit_test(version_and_name_are_checked_in_every_scope),
		cmocka_unit_test(identity_needs_nothing_else),
		cmocka_unit_test(the_version_is_known_even_if_the_rest_is_refused),
		cmocka_unit_test(unknown_keys_are_refused_with_key_and_value),
		cmocka_unit_test(features_of_later_are_refused_now),
		cmocka_unit_test(wrong_types_are_refused),
		cmocka_unit_test(invalid_values_are_refused),
		cmocka_unit_test(the_previous_result_is_kept_to_the_byte),
		cmocka_unit_test(two_mebibytes_are_read_quickly),
		cmocka_unit_test(versions_are_compared_by_age),
		cmocka_unit_test(identifiers_are_as_the_specification_says),
		cmocka_unit_test(interface_names_are_as_the_kernel_takes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
