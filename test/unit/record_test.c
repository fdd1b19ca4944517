/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a record: what is written is read back, and what another version wrote. */
#include "dataplane/record_json.h"
#include "test/unit/netconf_support.h"

#include <stdio.h>

static struct rf_record some_record(void)
{
	return (struct rf_record){
		.network = strdup("net"),
		.container = strdup("web"),
		.interface = strdup("eth0"),
		.pod_namespace = strdup("shop"),
		.pod_name = strdup(""),
		.host_interface = strdup("v1"),
		.pod_id = 1,
		.policy_id = 2,
		.incarnation = 3,
		.configured =
			{
				.is_known = true,
				.policy = strdup("0123456789abcdef-0"),
				.policy_directory = strdup("/etc/policies"),
				.anti_spoof = true,
				.host_access_by_policy = true,
				.ether_types = {0x0806, 0x88cc},
				.ether_type_count = 2,
			},
		.point = {.ifindex = 4, .owner = 5, .mode = RF_ATTACH_CLSACT},
	};
}

/* What is read back from the text of @record, changed by @edit. */
static int round_trip(const struct rf_record *record, void (*edit)(cJSON *json),
		      struct rf_record *out)
{
	_cleanup_free_ char *text = rf_record_format(record);
	_cleanup_free_ char *edited = NULL;
	_cleanup_json_ cJSON *json = NULL;

	assert_non_null(text);
	json = parse_good_json(text);
	if (edit)
		edit(json);
	edited = cJSON_PrintUnformatted(json);
	return rf_record_parse(edited, strlen(edited), out, NULL);
}

static void what_the_configuration_said_is_read_back(void **state)
{
	_cleanup_record_ struct rf_record record = some_record(), read = {0};

	(void)state;
	assert_int_equal(round_trip(&record, NULL, &read), 0);
	assert_true(read.configured.is_known);
	assert_string_equal(read.configured.policy, "0123456789abcdef-0");
	assert_string_equal(read.configured.policy_directory, "/etc/policies");
	assert_true(read.configured.anti_spoof);
	assert_true(read.configured.host_access_by_policy);
	assert_int_equal(read.configured.ether_type_count, 2);
	assert_memory_equal(read.configured.ether_types, record.configured.ether_types,
			    sizeof(read.configured.ether_types));
}

static void the_usual_directory_is_none(void **state)
{
	_cleanup_record_ struct rf_record record = some_record(), read = {0};

	(void)state;
	free(record.configured.policy_directory);
	record.configured.policy_directory = NULL;
	record.configured.anti_spoof = record.configured.host_access_by_policy = false;
	record.configured.ether_type_count = 0;
	assert_int_equal(round_trip(&record, NULL, &read), 0);
	assert_true(read.configured.is_known);
	assert_null(read.configured.policy_directory);
	assert_false(read.configured.anti_spoof);
	assert_false(read.configured.host_access_by_policy);
	assert_int_equal(read.configured.ether_type_count, 0);
}

static void make_earlier(cJSON *json)
{
	static const char *const keys[] = {"policy", "policyDir", "antiSpoof", "hostAccess",
					   "etherTypes"};

	for (size_t i = 0; i < COUNT_OF(keys); i++)
		cJSON_DeleteItemFromObject(json, keys[i]);
}

static void an_earlier_versions_record_does_not_know_it(void **state)
{
	_cleanup_record_ struct rf_record record = some_record(), read = {0}, again = {0};

	(void)state;
	assert_int_equal(round_trip(&record, make_earlier, &read), 0);
	assert_false(read.configured.is_known);
	assert_string_equal(read.network, "net");
	/* And does not learn it when it is written again, under another policy. */
	assert_int_equal(round_trip(&read, NULL, &again), 0);
	assert_false(again.configured.is_known);
}

static void lose_policy(cJSON *json)
{
	cJSON_DeleteItemFromObject(json, "policy");
}

static void spoil_host_access(cJSON *json)
{
	cJSON_ReplaceItemInObject(json, "hostAccess", cJSON_CreateString("deny"));
}

static void spoil_anti_spoof(cJSON *json)
{
	cJSON_ReplaceItemInObject(json, "antiSpoof", cJSON_CreateNumber(1));
}

static void spoil_ether_types(cJSON *json)
{
	cJSON_ReplaceItemInObject(json, "etherTypes", parse_good_json("[\"0x12345\"]"));
}

static void spoil_directory(cJSON *json)
{
	cJSON_ReplaceItemInObject(json, "policyDir", cJSON_CreateNull());
}

static void a_record_that_knows_a_part_is_broken(void **state)
{
	static void (*const edits[])(cJSON *) = {lose_policy, spoil_host_access, spoil_anti_spoof,
						 spoil_ether_types, spoil_directory};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(edits); i++) {
		_cleanup_record_ struct rf_record record = some_record(), read = {0};

		if (round_trip(&record, edits[i], &read) != -EINVAL)
			fail_msg("edit %zu is taken", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_configuration_said_is_read_back),
		cmocka_unit_test(the_usual_directory_is_none),
		cmocka_unit_test(an_earlier_versions_record_does_not_know_it),
		cmocka_unit_test(a_record_that_knows_a_part_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
