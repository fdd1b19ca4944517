// SPDX-License-Identifier: Apache-2.0
/* Lists of plugins: a plugin is put into the text, and taken out, and nothing else changes. */
#include "netconf/conflist.h"

#include "test/unit/netconf_support.h"

#include <time.h>

#define LISTS 20000

static struct rf_conflist read_list(const char *text, size_t length)
{
	struct rf_conflist list = {0};
	struct rf_error error = {0};

	if (rf_conflist_read(text, length, &list, &error))
		fail_msg("%.*s: %s", (int)length, text, error.message);
	return list;
}

/* The text with the plugin; malloc()ed. */
static char *append(const char *text, size_t length, const char *entry, size_t *out_length)
{
	_cleanup_conflist_ struct rf_conflist list = read_list(text, length);
	_cleanup_json_ cJSON *json = parse_good_json(entry);
	char *out = NULL;

	assert_int_equal(rf_conflist_append(&list, json, &out, out_length), 0);
	return out;
}

static char *without(const char *text, size_t length, size_t *out_length)
{
	_cleanup_conflist_ struct rf_conflist list = read_list(text, length);
	char *out = NULL;

	assert_int_equal(rf_conflist_remove(&list, RF_PLUGIN_TYPE, &out, out_length), 0);
	return out;
}

static void assert_text(const char *wanted, const char *got, size_t length)
{
	if (length != strlen(wanted) || memcmp(got, wanted, length) != 0)
		fail_msg("expected:\n%s\ngot:\n%.*s", wanted, (int)length, got);
}

#define POLICY                                                                                     \
	"\"policy\":{\"ingress\":{\"rules\":[{\"id\":1,\"peers\":[\"10.0.0.0/8\",\"fd00::/"        \
	"8\"]}]},\"egress\":{}}"

static const struct {
	const char *text;
	const char *entry;
	const char *expected;
} layouts[] = {
	{"{\n  \"name\": \"n\",\n  \"plugins\": [\n    {\n      \"type\": \"bridge\"\n    }\n  "
	 "]\n}\n",
	 "{\"type\":\"ringfence\"," POLICY "}",
	 "{\n  \"name\": \"n\",\n  \"plugins\": [\n    {\n      \"type\": \"bridge\"\n    },\n"
	 "    {\n      \"type\": \"ringfence\",\n      \"policy\": {\n        \"ingress\": {\n"
	 "          \"rules\": [\n            {\n              \"id\": 1,\n"
	 "              \"peers\": [\"10.0.0.0/8\", \"fd00::/8\"]\n            }\n          ]\n"
	 "        },\n        \"egress\": {}\n      }\n    }\n  ]\n}\n"},
	{"{\"name\":\"n\",\"plugins\":[{\"type\":\"bridge\"}]}",
	 "{\"type\":\"ringfence\"," POLICY "}",
	 "{\"name\":\"n\",\"plugins\":[{\"type\":\"bridge\"},{\"type\":\"ringfence\"," POLICY
	 "}]}"},
	{"{\"name\": \"n\", \"plugins\": [{\"type\": \"bridge\"}]}",
	 "{\"type\":\"ringfence\",\"mode\":\"audit\"}",
	 "{\"name\": \"n\", \"plugins\": [{\"type\": \"bridge\"}, "
	 "{\"type\": \"ringfence\", \"mode\": \"audit\"}]}"},
	{"{ \"name\" : \"n\", \"plugins\" : [ { \"type\" : \"ptp\" } ] }",
	 "{\"type\":\"ringfence\",\"limits\":{\"sessions\":5}}",
	 "{ \"name\" : \"n\", \"plugins\" : [ { \"type\" : \"ptp\" }, "
	 "{ \"type\" : \"ringfence\", \"limits\" : { \"sessions\" : 5 } } ] }"},
	{"{\r\n\t\"name\": \"n\",\r\n\t\"plugins\": [\r\n\t\t{\r\n\t\t\t\"type\": "
	 "\"ptp\"\r\n\t\t}\r\n\t]\r\n}",
	 "{\"type\":\"ringfence\",\"limits\":{\"sessions\":5}}",
	 "{\r\n\t\"name\": \"n\",\r\n\t\"plugins\": [\r\n\t\t{\r\n\t\t\t\"type\": "
	 "\"ptp\"\r\n\t\t},\r\n\t\t{\r\n\t\t\t\"type\": \"ringfence\",\r\n\t\t\t\"limits\": {\r\n"
	 "\t\t\t\t\"sessions\": 5\r\n\t\t\t}\r\n\t\t}\r\n\t]\r\n}"},
	{"{\"name\": \"n\",\n \"plugins\": [{\n    \"type\": \"a\"\n  }, {\n    \"type\": "
	 "\"b\"\n  }]}\n",
	 "{\"type\":\"ringfence\",\"mode\":\"audit\"}",
	 "{\"name\": \"n\",\n \"plugins\": [{\n    \"type\": \"a\"\n  }, {\n    \"type\": "
	 "\"b\"\n  }, {\n    \"type\": \"ringfence\",\n    \"mode\": \"audit\"\n  }]}\n"},
	{"{\"name\": \"n\", \"plugins\": [\n\n  {\"type\": \"a\"}\n  ,\n\n  {\"type\": \"b\"}\n]}",
	 "{\"type\":\"ringfence\"}",
	 "{\"name\": \"n\", \"plugins\": [\n\n  {\"type\": \"a\"}\n  ,\n\n  {\"type\": \"b\"},\n"
	 "  {\"type\": \"ringfence\"}\n]}"},
};

static void what_is_appended_is_laid_out_as_the_rest(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(layouts); i++) {
		_cleanup_free_ char *out = NULL, *back = NULL;
		size_t length, back_length;

		out = append(layouts[i].text, strlen(layouts[i].text), layouts[i].entry, &length);
		assert_text(layouts[i].expected, out, length);
		back = without(out, length, &back_length);
		assert_text(layouts[i].text, back, back_length);
	}
}

#define A             "{\"type\": \"a\"}"
#define B             "{\"type\": \"b\"}"
#define R             "{\"type\": \"ringfence\", \"mode\": [{}, \"]\"]}"
#define LIST(plugins) "{\"name\": \"n\", \"plugins\": [" plugins "]}"

static void ringfence_goes_wherever_it_stands_and_however_often(void **state)
{
	static const char *const cases[][2] = {
		{LIST(A " , " R), LIST(A)},
		{LIST(A ",\n" R "\n"), LIST(A "\n")},
		{LIST(A " , " R " , " B), LIST(A " , " B)},
		{LIST(" " R " , " A ", " B), LIST(" " A ", " B)},
		{LIST(R "," R " , " A), LIST(A)},
		{LIST(R "," A "," R "," R " , " B "," R), LIST(A " , " B)},
		{LIST(A), LIST(A)},
		{"{\"name\": \"n\", \"x\": {\"plugins\": [1]}, \"plug\\u0069ns\": [" A "," R "]}",
		 "{\"name\": \"n\", \"x\": {\"plugins\": [1]}, \"plug\\u0069ns\": [" A "]}"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		_cleanup_free_ char *out = NULL;
		size_t length;

		out = without(cases[i][0], strlen(cases[i][0]), &length);
		assert_text(cases[i][1], out, length);
	}
}

static void a_list_of_ringfence_alone_keeps_it(void **state)
{
	static const char text[] = LIST(R ", " R);
	_cleanup_conflist_ struct rf_conflist list = read_list(text, strlen(text));
	char *out = NULL;
	size_t length;

	(void)state;
	assert_int_equal(rf_conflist_remove(&list, RF_PLUGIN_TYPE, &out, &length), -EINVAL);
	assert_null(out);
}

static void find_counts_and_gives_the_first(void **state)
{
	static const char text[] = LIST(A "," R "," B "," R);
	_cleanup_conflist_ struct rf_conflist list = read_list(text, strlen(text));
	size_t first = 9;

	(void)state;
	assert_int_equal(list.count, 4);
	assert_int_equal(rf_conflist_find(&list, "nobody", &first), 0);
	assert_int_equal(first, 9);
	assert_int_equal(rf_conflist_find(&list, RF_PLUGIN_TYPE, &first), 2);
	assert_int_equal(first, 1);
}

static void what_a_runtime_would_not_take_is_refused(void **state)
{
	static const struct refusal refusals[] = {
		{"{\"name\": \"n\", ", RF_CODE_DECODE, "not valid JSON: line 1"},
		{"// no\n{}", RF_CODE_DECODE, "not valid JSON: line 1, column 1"},
		{"[]", RF_CODE_CONFIG, "no JSON object"},
		{"{\"name\": \"n\"}", RF_CODE_CONFIG, "no array of plugins"},
		{LIST(""), RF_CODE_CONFIG, "it is empty"},
		{"{\"name\": \"n\", \"plugins\": {}}", RF_CODE_CONFIG, "no array of plugins"},
		{"{\"name\": \"n\", \"type\": \"bridge\"}", RF_CODE_CONFIG,
		 "one plugin's configuration (\"bridge\")"},
		{"{\"plugins\": [" A "]}", RF_CODE_CONFIG, "name: "},
		{"{\"name\": 5, \"plugins\": [" A "]}", RF_CODE_CONFIG, "name: "},
		{LIST(A ", {\"typ\": \"b\"}"), RF_CODE_CONFIG, "plugins[1]: "},
		{LIST(A ", 7"), RF_CODE_CONFIG, "plugins[1]: "},
		{LIST("{\"type\": \"\"}"), RF_CODE_CONFIG, "plugins[0]: "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(refusals); i++) {
		struct rf_conflist list = {0};
		struct rf_error error = {0};
		size_t length = strlen(refusals[i].text);
		_cleanup_free_ char *copy = copy_exactly(refusals[i].text, length);

		assert_int_not_equal(rf_conflist_read(copy, length, &list, &error), 0);
		assert_error(&error, refusals[i].text, refusals[i].code, refusals[i].message);
		assert_null(list.json);
	}
}

static int check(const char *before, const char *entry, struct rf_error *error)
{
	_cleanup_conflist_ struct rf_conflist list = {0};
	_cleanup_free_ char *text = NULL;

	assert_true(asprintf(&text, "{%s \"name\": \"n\", \"plugins\": [" A ", %s]}", before,
			     entry) > 0);
	list = read_list(text, strlen(text));
	return rf_conflist_check(&list, 1, error);
}

static void check_reads_the_entry_as_the_plugin_will(void **state)
{
	struct rf_error error = {0};

	(void)state;
	assert_int_equal(check("\"cniVersion\": \"1.0.0\",", R, &error), -EINVAL);
	assert_contains(error.message, "mode: ");
	assert_int_equal(check("\"cniVersion\": \"1.0.0\",", "{\"type\": \"ringfence\"}", &error),
			 0);
	assert_int_equal(check("", "{\"type\": \"ringfence\"}", &error), -EINVAL);
	assert_int_equal(error.code, RF_CODE_VERSION);
	/* The list's stand above what the plugin's own entry says. */
	assert_int_equal(check("", "{\"type\": \"ringfence\", \"cniVersion\": \"1.0.0\"}", &error),
			 -EINVAL);
	assert_int_equal(check("\"cniVersions\": [\"9.0.0\", \"0.1.0\", \"1.0.0\"],",
			       "{\"type\": \"ringfence\", \"name\": \"/\"}", &error),
			 0);
}

/* Random lists */

static const char *choose(uint64_t *random, const char *const *choices, size_t count)
{
	return choices[next_random(random) % count];
}

static void put_space(uint64_t *random, FILE *stream)
{
	static const char *const spaces[] = {"",     "",   "",       " ",     "\n",
					     "\r\n", "\t", "\n    ", "\n\t\t"};

	for (uint32_t count = next_random(random) % 3; count--;)
		fputs(choose(random, spaces, COUNT_OF(spaces)), stream);
}

static void put_random(uint64_t *random, unsigned int depth, FILE *stream)
{
	static const char *const scalars[] = {"1",    "-0.5e3",  "true",       "null",
					      "\"\"", "\"a b\"", "\"\\\"]}\"", "\"\xc3\xa9\"",
					      "{}",   "[]"};
	uint32_t count = next_random(random) % 4;
	bool is_object = next_random(random) % 2;

	if (!depth || !count) {
		fputs(choose(random, scalars, COUNT_OF(scalars)), stream);
		return;
	}
	fputc(is_object ? '{' : '[', stream);
	for (uint32_t i = 0; i < count; i++) {
		put_space(random, stream);
		if (is_object) {
			fprintf(stream, "\"k%u\"", i);
			put_space(random, stream);
			fputc(':', stream);
			put_space(random, stream);
		}
		put_random(random, depth - 1, stream);
		put_space(random, stream);
		if (i + 1 < count)
			fputc(',', stream);
	}
	fputc(is_object ? '}' : ']', stream);
}

static void put_members(uint64_t *random, FILE *stream)
{
	for (uint32_t i = 0, count = next_random(random) % 3; i < count; i++) {
		fprintf(stream, "\"m%u\":", i);
		put_space(random, stream);
		put_random(random, 3, stream);
		put_space(random, stream);
		fputc(',', stream);
		put_space(random, stream);
	}
}

static char *random_list(uint64_t *random, size_t *length)
{
	char *text = NULL;
	FILE *stream = open_memstream(&text, length);
	uint32_t count = 1 + next_random(random) % 4;

	put_space(random, stream);
	fputc('{', stream);
	put_space(random, stream);
	put_members(random, stream);
	fputs("\"name\":\"n\",", stream);
	put_space(random, stream);
	fputs("\"plugins\":", stream);
	put_space(random, stream);
	fputc('[', stream);
	for (uint32_t i = 0; i < count; i++) {
		put_space(random, stream);
		fputc('{', stream);
		put_space(random, stream);
		put_members(random, stream);
		fputs("\"type\"", stream);
		put_space(random, stream);
		fprintf(stream, ":\"p%u\"", i);
		put_space(random, stream);
		fputc('}', stream);
		put_space(random, stream);
		if (i + 1 < count)
			fputc(',', stream);
	}
	fputc(']', stream);
	put_space(random, stream);
	fputc('}', stream);
	put_space(random, stream);
	fclose(stream);
	return text;
}

/* The list has the entry as its last plugin, and is else as @text has it. */
static void assert_appended(const char *text, size_t length, const char *out, size_t out_length,
			    const cJSON *entry)
{
	_cleanup_conflist_ struct rf_conflist before = read_list(text, length);
	_cleanup_conflist_ struct rf_conflist after = read_list(out, out_length);
	cJSON *plugins = cJSON_GetObjectItemCaseSensitive(after.json, "plugins");
	cJSON *last = cJSON_DetachItemFromArray(plugins, (int)before.count);

	assert_int_equal(after.count, before.count + 1);
	assert_true(cJSON_Compare(last, entry, true));
	assert_true(cJSON_Compare(before.json, after.json, true));
	cJSON_Delete(last);
}

static void a_random_list_comes_back_byte_for_byte(void **state)
{
	const char *given = getenv("RINGFENCE_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	_cleanup_json_ cJSON *entry = parse_good_json("{\"type\":\"ringfence\"," POLICY "}");

	(void)state;
	print_message("RINGFENCE_SEED=%llu\n", (unsigned long long)seed);
	for (size_t i = 0; i < LISTS; i++) {
		_cleanup_free_ char *text = NULL, *out = NULL, *back = NULL, *exact = NULL;
		size_t length, out_length, back_length;

		text = random_list(&seed, &length);
		exact = copy_exactly(text, length);
		out = append(exact, length, "{\"type\":\"ringfence\"," POLICY "}", &out_length);
		assert_appended(exact, length, out, out_length, entry);
		back = without(out, out_length, &back_length);
		assert_text(text, back, back_length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_appended_is_laid_out_as_the_rest),
		cmocka_unit_test(ringfence_goes_wherever_it_stands_and_however_often),
		cmocka_unit_test(a_list_of_ringfence_alone_keeps_it),
		cmocka_unit_test(find_counts_and_gives_the_first),
		cmocka_unit_test(what_a_runtime_would_not_take_is_refused),
		cmocka_unit_test(check_reads_the_entry_as_the_plugin_will),
		cmocka_unit_test(a_random_list_comes_back_byte_for_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
