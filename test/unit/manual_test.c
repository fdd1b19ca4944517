// SPDX-License-Identifier: Apache-2.0
/*
 * The pages in man/ against the code: what one has and the other has not is a failure. The keys of
 * configuration and documents are those that the readers themselves say that they know.
 */
#include "cni-plugin/call.h"
#include "bpf/abi.h"
#include "ctl/command.h"
#include "dataplane/settings.h"
#include "netconf/version.h"

#include "test/unit/netconf_support.h"

#define LINES_MAX 2000
#define NAMES_MAX 64

static char *lines[LINES_MAX];
static size_t line_count;
static bool is_visited[LINES_MAX]; /* of the lists' items */

/* To be run where the sources are, as all tests. */
static int read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	memset(is_visited, 0, sizeof(is_visited));
	if (!file)
		return -1;
	while ((length = getline(&line, &size, file)) > 0 && line_count < LINES_MAX) {
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		lines[line_count++] = line;
		line = NULL;
		size = 0;
	}
	free(line);
	fclose(file);
	return 0;
}

static int read_page(void **state)
{
	(void)state;
	return read_file("man/ringfence.8");
}

static int read_ctl_page(void **state)
{
	(void)state;
	return read_file("man/ringfencectl.8");
}

static int free_page(void **state)
{
	(void)state;
	while (line_count)
		free(lines[--line_count]);
	return 0;
}

static bool has_line(const char *wanted)
{
	for (size_t i = 0; i < line_count; i++)
		if (!strcmp(lines[i], wanted))
			return true;
	return false;
}

static bool is_title(const char *line)
{
	return !strncmp(line, ".Sh ", 4) || !strncmp(line, ".Ss ", 4);
}

/* The first line of what the section or subsection of that title has. */
static size_t find_section(const char *title)
{
	for (size_t i = 0; i < line_count; i++)
		if (is_title(lines[i]) && !strcmp(lines[i] + 4, title))
			return i + 1;
	fail_msg("the page has no section \"%s\"", title);
	return 0;
}

/*
 * The line of the section's item @macro (such as "Ic") that is called @name; 0 if it has none. With
 * NULL the next one at or behind @from.
 */
static size_t find_item(const char *title, const char *macro, const char *name, size_t from)
{
	char start[16];
	size_t i = find_section(title);

	snprintf(start, sizeof(start), ".It %s ", macro);
	for (i = i > from ? i : from; i < line_count && !is_title(lines[i]); i++) {
		const char *item = lines[i] + strlen(start);

		if (strncmp(lines[i], start, strlen(start)) != 0)
			continue;
		if (!name || (!strncmp(item, name, strlen(name)) &&
			      (!item[strlen(name)] || item[strlen(name)] == ' ')))
			return i;
	}
	return 0;
}

/* The section has an item for each of @names, and no other, and none twice. */
static void assert_items(const char *title, const char *macro, const char *const *names,
			 size_t count)
{
	size_t items = 0;

	for (size_t i = 0; i < count; i++) {
		size_t line = find_item(title, macro, names[i], 0);

		if (!line)
			fail_msg("section \"%s\" does not have %s", title, names[i]);
		is_visited[line] = true;
	}
	for (size_t line = 0; (line = find_item(title, macro, NULL, line)); line++) {
		if (!is_visited[line])
			fail_msg("section \"%s\" has what the code has not: %s", title,
				 lines[line]);
		items++;
	}
	assert_int_equal(items, count);
}

static void the_page_is_of_this_version(void **state)
{
	(void)state;
	assert_true(has_line(".Os ringfence " RF_VERSION));
}

static void the_page_names_the_supported_versions(void **state)
{
	char sentence[256] = "The supported versions are ";
	size_t used = strlen(sentence);

	(void)state;
	for (size_t i = 0; rf_cni_versions[i]; i++) {
		const char *before = !i ? "" : rf_cni_versions[i + 1] ? ", " : " and ";

		used += (size_t)snprintf(sentence + used, sizeof(sentence) - used, "%s%s", before,
					 rf_cni_versions[i]);
	}
	snprintf(sentence + used, sizeof(sentence) - used, ".");
	if (!has_line(sentence))
		fail_msg("the page has no line \"%s\"", sentence);
}

static void the_page_has_every_verb_and_since_when_it_is_there(void **state)
{
	const char *names[NAMES_MAX] = {NULL};
	size_t count = 0;

	(void)state;
	for (const struct verb *verb = verbs; verb->name; verb++) {
		char item[64];

		names[count++] = verb->name;
		snprintf(item, sizeof(item), verb->since ? ".It Cm %s No (since %s)" : ".It Cm %s",
			 verb->name, verb->since);
		if (!has_line(item))
			fail_msg("the page has no line \"%s\"", item);
	}
	assert_items("VERBS", "Cm", names, count);
}

static void the_page_has_every_variable(void **state)
{
	(void)state;
	assert_items("ENVIRONMENT", "Ev", environment_variables, VARIABLES);
}

static void the_page_has_every_error_code_with_its_meaning(void **state)
{
	char numbers[NAMES_MAX][8];
	const char *names[NAMES_MAX] = {NULL};
	size_t count = 0;

	(void)state;
	for (; rf_code_texts[count].code; count++) {
		snprintf(numbers[count], sizeof(numbers[count]), "%d", rf_code_texts[count].code);
		names[count] = numbers[count];
	}
	assert_items("DIAGNOSTICS", "Sy", names, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(lines[find_item("DIAGNOSTICS", "Sy", names[i], 0) + 1],
				    rf_code_texts[i].meaning);
}

/* Keys */

/* A document with a hole for members of one of its objects, and who reads it. */
struct probe {
	char before[512];
	char after[64];
	bool is_policy; /* a document of policyDir; else a network configuration */
};

static int read_document(const struct probe *probe, const char *member, struct rf_error *error)
{
	_cleanup_free_ char *text = NULL;
	int result;

	assert_true(asprintf(&text, "%s%s%s", probe->before, member, probe->after) > 0);
	if (probe->is_policy) {
		_cleanup_json_ cJSON *json = parse_good_json(text);
		struct rf_policy policy = {0};

		result = rf_policy_parse(json, "", true, &policy, error);
		rf_policy_free(&policy);
	} else {
		struct rf_netconf netconf = {0};

		result = rf_netconf_parse(text, strlen(text), RF_NETCONF_WHOLE, &netconf, error);
		rf_netconf_free(&netconf);
	}
	return result;
}

/* The keys that the object knows, in @text; 0 if there is no object with keys of its own. */
static size_t known_keys(const struct probe *probe, char text[RF_DETAILS_SIZE],
			 const char *names[NAMES_MAX])
{
	static const char start[] = "known keys are ";
	struct rf_error error = {0};
	size_t count = 0;

	if (!read_document(probe, "\"?\":0", &error) || !strstr(error.message, "?: unknown key"))
		return 0;
	assert_int_equal(strncmp(error.details, start, strlen(start)), 0);
	/* A hint that was cut would hide some. */
	assert_true(strlen(error.details) < 250);
	memcpy(text, error.details + strlen(start), strlen(error.details) - strlen(start) + 1);
	for (char *rest = text, *name; (name = strsep(&rest, ", "));)
		if (*name) {
			assert_true(count < NAMES_MAX);
			names[count++] = name;
		}
	return count;
}

static const char *title_of(const char *key)
{
	return !strcmp(key, "ingress") || !strcmp(key, "egress") ? "ingress, egress" : key;
}

static struct probe within(const struct probe *outer, const char *key, const char *open,
			   const char *close)
{
	struct probe inner = {.is_policy = outer->is_policy};

	assert_in_range(snprintf(inner.before, sizeof(inner.before), "%s\"%s\":%s", outer->before,
				 key, open),
			1, sizeof(inner.before) - 1);
	assert_in_range(snprintf(inner.after, sizeof(inner.after), "%s%s", close, outer->after), 1,
			sizeof(inner.after) - 1);
	return inner;
}

/* The object's keys are the section's, and so are those of every object in it. */
static size_t assert_keys(const struct probe *probe, const char *title)
{
	const char *names[NAMES_MAX];
	char text[RF_DETAILS_SIZE];
	size_t count = known_keys(probe, text, names);

	if (!count)
		return 0;
	assert_items(title, "Ic", names, count);
	for (size_t i = 0; i < count; i++) {
		struct probe object = within(probe, names[i], "{", "}");
		struct probe list = within(probe, names[i], "[{", "}]");

		/* A policy has a section, and a test, of its own. */
		if (strcmp(names[i], "policy") != 0 && !assert_keys(&object, title_of(names[i])))
			assert_keys(&list, title_of(names[i]));
	}
	return count;
}

static void the_page_has_every_key_and_no_other(void **state)
{
	const struct probe configuration = {
		.before = "{\"cniVersion\":\"1.1.0\",\"name\":\"n\",",
		.after = "}",
	};
	const struct probe policy = {.before = "{", .after = "}", .is_policy = true};
	const struct probe runtime = within(&configuration, "runtimeConfig", "{", "}");
	const struct probe bandwidth = within(&runtime, "bandwidth", "{", "}");

	(void)state;
	assert_true(assert_keys(&configuration, "NETWORK CONFIGURATION") > 5);
	assert_true(assert_keys(&policy, "POLICY DOCUMENTS") > 3);
	/* What else is in there is other plugins'. */
	assert_true(assert_keys(&bandwidth, "runtimeConfig.bandwidth") > 3);
	for (size_t i = 0; i < line_count; i++)
		if (!strncmp(lines[i], ".It Ic ", 7) && !is_visited[i])
			fail_msg("the page has a key that the code has not: %s", lines[i]);
}

/* ringfencectl.8 */

static void command_item(const struct command *command, char item[256])
{
	snprintf(item, 256, ".It Cm %s%s%s%s%s", command->noun, command->verb ? " " : "",
		 command->verb ? command->verb : "", *command->arguments ? " Ar " : "",
		 command->arguments);
}

static void option_item(const struct command_option *option, char item[256])
{
	snprintf(item, 256, ".It Fl -%s%s%s", option->name, option->argument ? " Ar " : "",
		 option->argument ? option->argument : "");
}

/* The line of @item in [@from, @to); 0 if it is not there. */
static size_t find_line(const char *item, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (!strcmp(lines[i], item))
			return i;
	return 0;
}

static size_t count_lines(const char *start, size_t from, size_t to)
{
	size_t count = 0;

	for (size_t i = from; i < to; i++)
		count += !strncmp(lines[i], start, strlen(start));
	return count;
}

static size_t section_end(size_t from)
{
	while (from < line_count && strncmp(lines[from], ".Sh ", 4) != 0)
		from++;
	return from;
}

/* Between @from and @to is an item for each of @options, and no other. */
static void assert_options(const char *where, const struct command_option *options, size_t from,
			   size_t to)
{
	size_t count = 0;

	for (; options && options[count].name; count++) {
		char item[256];

		option_item(&options[count], item);
		if (!find_line(item, from, to))
			fail_msg("behind \"%s\" the page has no line \"%s\"", where, item);
	}
	if (count_lines(".It Fl", from, to) != count)
		fail_msg("behind \"%s\" the page has an option that the code has not", where);
}

static void the_page_has_every_command_with_every_option_and_no_other(void **state)
{
	size_t from = find_section("COMMANDS"), end = section_end(from), shown = 0;

	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		char item[256];
		size_t line, next;

		if (commands[i]->is_hidden)
			continue;
		shown++;
		command_item(commands[i], item);
		line = find_line(item, from, end);
		if (!line)
			fail_msg("the page has no line \"%s\"", item);
		next = line + 1;
		while (next < end && strncmp(lines[next], ".It Cm ", 7) != 0)
			next++;
		assert_options(item, commands[i]->options, line, next);
	}
	if (count_lines(".It Cm ", from, end) != shown)
		fail_msg("the page has a command that the code has not");
	from = find_section("DESCRIPTION");
	assert_options("DESCRIPTION", common_options, from, section_end(from));
}

#define EXIT_STATUS_TEXT(name, number, meaning) {#number, meaning},

static void the_page_has_every_exit_status_with_its_meaning(void **state)
{
	static const struct {
		const char *number;
		const char *meaning;
	} statuses[] = {EXIT_STATUSES(EXIT_STATUS_TEXT)};
	const char *names[COUNT_OF(statuses)];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(statuses); i++)
		names[i] = statuses[i].number;
	assert_items("EXIT STATUS", "Sy", names, COUNT_OF(statuses));
	for (size_t i = 0; i < COUNT_OF(statuses); i++)
		assert_string_equal(lines[find_item("EXIT STATUS", "Sy", names[i], 0) + 1],
				    statuses[i].meaning);
}

static void the_page_has_every_setting_with_its_meaning_range_and_default(void **state)
{
	const char *names[NAMES_MAX];

	(void)state;
	assert_in_range(rf_setting_count, 1, NAMES_MAX);
	for (size_t i = 0; i < rf_setting_count; i++)
		names[i] = rf_setting_table[i].name;
	assert_items("SETTINGS", "Va", names, rf_setting_count);
	for (size_t i = 0; i < rf_setting_count; i++) {
		const struct rf_setting *setting = &rf_setting_table[i];
		size_t line = find_item("SETTINGS", "Va", setting->name, 0);
		char range[96], value[16], expected[160];

		snprintf(expected, sizeof(expected), "(%s; default: %s).",
			 rf_setting_range(setting, range, sizeof(range)),
			 rf_setting_text(setting, setting->initial, value));
		assert_string_equal(lines[line + 1], setting->meaning);
		assert_string_equal(lines[line + 2], expected);
	}
}

#define REASON_ITEM(name, verdict, text)                                                           \
	{text, (verdict) == RF_ALLOW ? ".It Li " text " No (allow)" : ".It Li " text " No (deny)"},

static void the_page_has_every_reason_with_its_verdict(void **state)
{
	static const struct {
		const char *name;
		const char *item;
	} reasons[] = {RF_REASONS(REASON_ITEM)};
	const char *names[COUNT_OF(reasons)];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(reasons); i++) {
		names[i] = reasons[i].name;
		if (!has_line(reasons[i].item))
			fail_msg("the page has no line \"%s\"", reasons[i].item);
	}
	assert_items("REASONS", "Li", names, COUNT_OF(reasons));
}

static int begin_ctl_page(void **state)
{
	return free_page(state) ? -1 : read_ctl_page(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_is_of_this_version),
		cmocka_unit_test(the_page_names_the_supported_versions),
		cmocka_unit_test(the_page_has_every_verb_and_since_when_it_is_there),
		cmocka_unit_test(the_page_has_every_variable),
		cmocka_unit_test(the_page_has_every_error_code_with_its_meaning),
		cmocka_unit_test(the_page_has_every_key_and_no_other),
		cmocka_unit_test_setup(the_page_is_of_this_version, begin_ctl_page),
		cmocka_unit_test(the_page_has_every_command_with_every_option_and_no_other),
		cmocka_unit_test(the_page_has_every_exit_status_with_its_meaning),
		cmocka_unit_test(the_page_has_every_setting_with_its_meaning_range_and_default),
		cmocka_unit_test(the_page_has_every_reason_with_its_verdict),
	};

	return cmocka_run_group_tests(tests, read_page, free_page);
}
