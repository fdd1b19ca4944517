/* SPDX-License-Identifier: Apache-2.0 */
/* The documents of a directory: which are read, for whom, and what an error says of them. */
#include "dataplane/policy/directory.h"
#include "dataplane/policy/documents.h"
#include "test/unit/policy_support.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

/* A directory of the test's own. */
static char directory[] = "/tmp/ringfence-policies-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	memcpy(strrchr(directory, '-') + 1, "XXXXXX", 6);
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status, (void)type, (void)where;
	return remove(path);
}

static int remove_directory(void **state)
{
	(void)state;
	return nftw(directory, remove_entry, 4, FTW_DEPTH | FTW_PHYS);
}

static void write_file(const char *name, const char *text)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_file_ FILE *file = NULL;

	assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
}

/* For pod shop/web-1. */
static int join(struct rf_policy *policy, struct rf_error *error)
{
	char *own;
	int ret = rf_policy_directory_join(directory, "shop", "web-1", policy, &own, error);

	free(own);
	return ret;
}

/* The name of what it is judged by, which says which documents were joined. */
static void assert_joined(const char *expected)
{
	struct rf_policy policy = {0};
	struct rf_error error = {0};

	if (join(&policy, &error) < 0)
		fail_msg("%s", error.message);
	if (expected)
		assert_string_equal(policy.name, expected);
	else
		assert_null(policy.name);
	rf_policy_free(&policy);
}

static void assert_refused(enum rf_code code, const char *message)
{
	struct rf_policy policy = {0};
	struct rf_error error = {0};

	assert_true(join(&policy, &error) < 0);
	assert_error(&error, directory, code, message);
	assert_contains(error.message, directory);
	rf_policy_free(&policy);
}

static void documents_are_taken_in_the_order_of_their_names(void **state)
{
	(void)state;
	write_file("20-b.json", "{\"name\":\"b\"}");
	write_file("10-a.json", "{\"name\":\"a\"}");
	write_file("Z.json", "{\"name\":\"z\"}");
	assert_joined("a+b+z");
}

static void documents_for_other_pods_are_left_out(void **state)
{
	(void)state;
	write_file("1.json", "{\"name\":\"shop\",\"selector\":{\"namespace\":\"shop\"}}");
	write_file("2.json", "{\"name\":\"bank\",\"selector\":{\"namespace\":\"bank\"}}");
	write_file("3.json", "{\"name\":\"web\",\"selector\":{\"pod\":\"web-*\"}}");
	write_file("4.json", "{\"name\":\"db\",\"selector\":{\"pod\":\"db-*\"}}");
	write_file("5.json", "{\"name\":\"all\"}");
	assert_joined("shop+web+all");
}

static void a_document_without_name_is_called_after_its_file(void **state)
{
	(void)state;
	write_file("10-base.json", "{\"ingress\":{}}");
	assert_joined("10-base");
}

static void other_files_are_passed_over(void **state)
{
	(void)state;
	write_file("README", "x");
	write_file(".json", "x");
	write_file(".web.json", "x");
	write_file("web.json.swp", "x");
	write_file("web.jsonc", "x");
	assert_joined(NULL);
}

static void a_document_is_found_through_a_link(void **state)
{
	_cleanup_free_ char *link = NULL;

	(void)state;
	write_file(".data", "{\"name\":\"linked\"}");
	assert_true(asprintf(&link, "%s/web.json", directory) > 0);
	assert_int_equal(symlink(".data", link), 0);
	assert_joined("linked");
}

static void the_configurations_policy_is_one_of_the_documents(void **state)
{
	struct rf_policy policy =
		parse_good_policy("{\"name\":\"own\",\"ingress\":{\"default\":\"allow\"}}");
	struct rf_error error = {0};

	(void)state;
	write_file("1.json", "{\"ingress\":{\"rules\":[{\"id\":1,\"action\":\"allow\"}]}}");
	assert_int_equal(join(&policy, &error), 0);
	assert_string_equal(policy.name, "own+1");
	assert_int_equal(policy.ingress.default_action, RF_ACTION_DENY);
	assert_int_equal(policy.ingress.rule_count, 1);
	rf_policy_free(&policy);
}

static void without_a_document_the_configurations_policy_stays(void **state)
{
	struct rf_policy policy = parse_good_policy("{\"name\":\"own\",\"ingress\":{}}");
	struct rf_error error = {0};

	(void)state;
	write_file("1.json", "{\"selector\":{\"namespace\":\"bank\"},\"egress\":{}}");
	assert_int_equal(join(&policy, &error), 0);
	assert_string_equal(policy.name, "own");
	assert_true(policy.ingress.restricted);
	assert_false(policy.egress.restricted);
	rf_policy_free(&policy);
}

static void a_fault_is_named_with_file_line_and_place(void **state)
{
	(void)state;
	write_file("10-web.json", "{\n \"ingress\": {\"rules\": [\n  {\"id\": 1, \"action\": "
				  "\"allow\"},\n  {\"id\": 2, \"action\": \"allow\",\n"
				  "   \"peers\": [\"fd00::/8\",\n\"10.0.0.1/8\"]}]}}");
	assert_refused(RF_CODE_CONFIG,
		       "/10-web.json: line 6: ingress.rules[1].peers[1]: \"10.0.0.1/8\"");
	write_file("10-web.json", "{\n \"ingress\": {},\n \"egres\": {}}");
	assert_refused(RF_CODE_UNSUPPORTED, "/10-web.json: line 3: egres: unknown key");
	write_file("10-web.json", "{\n \"ingress\": {}\n \"egress\": {}}");
	assert_refused(RF_CODE_DECODE, "/10-web.json: not valid JSON: line 3, column 2");
	write_file("10-web.json", "[]");
	assert_refused(RF_CODE_DECODE, "/10-web.json: line 1: expected an object");
}

static void a_document_for_another_pod_has_to_be_right_too(void **state)
{
	(void)state;
	write_file("1.json", "{\"selector\":{\"namespace\":\"bank\"},\"ingress\":5}");
	assert_refused(RF_CODE_DECODE, "/1.json: line 1: ingress: expected an object");
}

static void what_cannot_be_read_is_refused(void **state)
{
	_cleanup_free_ char *path = NULL;

	(void)state;
	assert_true(asprintf(&path, "%s/1.json", directory) > 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused(RF_CODE_CONFIG, "/1.json is no regular file");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused(RF_CODE_CONFIG, "/1.json is no regular file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_refused(RF_CODE_CONFIG, "/1.json: No such file or directory");
}

static void a_file_name_that_is_no_utf8_cannot_be_a_policys(void **state)
{
	struct rf_policy policy = {0};
	struct rf_error error = {0};

	(void)state;
	write_file("w\xff.json", "{\"ingress\":{}}");
	assert_true(join(&policy, &error) < 0);
	assert_error(&error, directory, RF_CODE_CONFIG, "is no UTF-8");
	write_file("w\xff.json", "{\"name\":\"w\"}");
	assert_joined("w");
}

static void what_the_configuration_says_itself_is_told_apart_from_what_is_joined(void **state)
{
	struct rf_policy policy = parse_good_policy("{\"name\":\"own\",\"ingress\":{}}");
	struct rf_error error = {0};
	char *own;

	(void)state;
	write_file("1.json", "{\"selector\":{\"pod\":\"web-*\"},\"egress\":{}}");
	assert_int_equal(rf_policy_directory_join(directory, "shop", "db-1", &policy, &own, &error),
			 0);
	assert_null(own);
	assert_string_equal(policy.name, "own");
	assert_int_equal(
		rf_policy_directory_join(directory, "shop", "web-1", &policy, &own, &error), 0);
	assert_string_equal(own,
			    "{\"name\":\"own\",\"ingress\":{\"default\":\"deny\",\"rules\":[]}}");
	assert_string_equal(policy.name, "own+1");
	free(own);
	rf_policy_free(&policy);
}

static void documents_that_were_read_once_serve_many_pods(void **state)
{
	struct rf_policy_documents documents = {0};
	struct rf_error error = {0};
	bool chosen[4];

	(void)state;
	write_file("1.json",
		   "{\"ingress\":{\"rules\":[{\"id\":1,\"action\":\"allow\","
		   "\"peers\":[\"10.0.0.0/8\"],\"ports\":[\"80\"],\"protocol\":\"tcp\"}]}}");
	write_file("2.json", "{\"selector\":{\"pod\":\"web-*\"},\"egress\":{}}");
	assert_int_equal(rf_policy_documents_read(directory, &documents, &error), 0);
	assert_int_equal(documents.count, 2);
	for (int round = 0; round < 2; round++) {
		struct rf_policy policy = {0};

		assert_int_equal(rf_policy_documents_select(&documents, "shop",
							    round ? "web" : "web-1", chosen),
				 round ? 1 : 2);
		assert_int_equal(rf_policy_documents_join(&documents, chosen, &policy, &error), 0);
		assert_string_equal(policy.name, round ? "1" : "1+2");
		assert_int_equal(policy.ingress.rule_count, 1);
		assert_int_equal(policy.ingress.rules[0].peer_count, 1);
		rf_policy_free(&policy);
	}
	rf_policy_documents_free(&documents);
}

/* What it is told of, one fault a line. */
static void note_fault(const struct rf_error *fault, void *context)
{
	fprintf(context, "%s\n", strrchr(fault->message, '/') + 1);
}

static void each_document_that_would_be_refused_is_told(void **state)
{
	_cleanup_free_ char *told = NULL;
	_cleanup_free_ char *path = NULL;
	struct rf_error error = {0};
	FILE *stream;
	size_t size;

	(void)state;
	write_file("1.json", "[");
	write_file("2.json", "{\"ingress\":{}}");
	write_file("3.json", "{\"ingres\":{}}");
	assert_true(asprintf(&path, "%s/4.json", directory) > 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	write_file("5.txt", "[");
	stream = open_memstream(&told, &size);
	assert_non_null(stream);
	assert_int_equal(rf_policy_documents_check(directory, note_fault, stream, &error), 0);
	fclose(stream);
	assert_string_equal(
		told, "1.json: not valid JSON: line 1, column 2: expected a value, not the end\n"
		      "3.json: line 1: ingres: unknown key, with value {}\n"
		      "4.json is no regular file\n");
	assert_true(rf_policy_documents_check("/nonexistent/policies", note_fault, NULL, &error) <
		    0);
	assert_error(&error, "/nonexistent/policies", RF_CODE_CONFIG,
		     "policyDir: read directory /nonexistent/policies: No such file or directory");
}

static void a_directory_that_was_asked_for_must_be_there(void **state)
{
	struct rf_policy_documents documents = {0};
	struct rf_error error = {0};

	(void)state;
	assert_true(rf_policy_documents_read("/nonexistent/policies", &documents, &error) < 0);
	assert_error(&error, "/nonexistent/policies", RF_CODE_CONFIG,
		     "policyDir: read directory /nonexistent/policies: No such file or directory");
	assert_contains(error.details, "make the directory");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(documents_are_taken_in_the_order_of_their_names),
		TEST(documents_for_other_pods_are_left_out),
		TEST(a_document_without_name_is_called_after_its_file),
		TEST(other_files_are_passed_over),
		TEST(a_document_is_found_through_a_link),
		TEST(the_configurations_policy_is_one_of_the_documents),
		TEST(without_a_document_the_configurations_policy_stays),
		TEST(a_fault_is_named_with_file_line_and_place),
		TEST(a_document_for_another_pod_has_to_be_right_too),
		TEST(what_cannot_be_read_is_refused),
		TEST(a_file_name_that_is_no_utf8_cannot_be_a_policys),
		TEST(what_the_configuration_says_itself_is_told_apart_from_what_is_joined),
		TEST(documents_that_were_read_once_serve_many_pods),
		TEST(each_document_that_would_be_refused_is_told),
		cmocka_unit_test(a_directory_that_was_asked_for_must_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
