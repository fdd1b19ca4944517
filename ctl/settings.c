// SPDX-License-Identifier: Apache-2.0
#include "dataplane/settings.h"
#include "ctl/command.h"
#include "ctl/output/table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct column columns[] = {
	{.title = "SETTING", .key = "name"},    {.title = "VALUE", .key = "value"},
	{.title = "DEFAULT", .key = "default"}, {.title = "ALLOWED", .key = "allowed"},
	{.title = "MEANING", .key = "meaning"},
};

/* A name as text, a number as number. */
static void add_value(cJSON *row, const char *key, const struct rf_setting *setting, uint32_t value)
{
	char text[16];

	if (setting->names)
		cJSON_AddStringToObject(row, key, rf_setting_text(setting, value, text));
	else
		row_add_number(row, key, value);
}

static cJSON *row_of(const struct rf_setting *setting, const struct rf_settings *settings)
{
	cJSON *row = cJSON_CreateObject();
	char range[96];

	cJSON_AddStringToObject(row, "name", setting->name);
	add_value(row, "value", setting, rf_setting_value(setting, settings));
	add_value(row, "default", setting, setting->initial);
	cJSON_AddStringToObject(row, "allowed", rf_setting_range(setting, range, sizeof(range)));
	cJSON_AddStringToObject(row, "meaning", setting->meaning);
	return row;
}

static void list(bool json, const struct rf_settings *settings)
{
	struct table *table = table_begin(json, columns, sizeof(columns) / sizeof(columns[0]));

	for (size_t i = 0; i < rf_setting_count; i++)
		table_row(table, row_of(&rf_setting_table[i], settings));
	table_end(table);
}

/* The value alone, for scripts. */
static int show(struct invocation *invocation, const struct rf_settings *settings,
		struct rf_error *error)
{
	const struct rf_setting *setting = rf_setting_find(invocation->arguments[0], error);
	char text[16];

	if (!setting) {
		invocation->status = STATUS_USAGE;
		return -EINVAL;
	}
	if (invocation->json)
		json_print(row_of(setting, settings));
	else
		printf("%s\n", rf_setting_text(setting, rf_setting_value(setting, settings), text));
	return 0;
}

/* Each with what it was and is, or, with --json, as it is now. */
static void print_changes(bool json, const struct rf_settings *before,
			  const struct rf_settings *after)
{
	cJSON *rows = json ? cJSON_CreateArray() : NULL;

	for (size_t i = 0; i < rf_setting_count; i++) {
		const struct rf_setting *setting = &rf_setting_table[i];
		uint32_t was = rf_setting_value(setting, before);
		uint32_t is = rf_setting_value(setting, after);
		char was_text[16], is_text[16];

		if (was == is)
			continue;
		if (json)
			cJSON_AddItemToArray(rows, row_of(setting, after));
		else
			printf("%s: %s, was %s\n", setting->name,
			       rf_setting_text(setting, is, is_text),
			       rf_setting_text(setting, was, was_text));
	}
	if (json)
		json_print(rows);
}

static int change(struct invocation *invocation, const struct rf_settings *before,
		  struct rf_error *error)
{
	struct rf_settings after;
	int ret = rf_settings_change(invocation->objects, invocation->arguments,
				     (size_t)invocation->argument_count, error);

	if (ret == -EINVAL)
		invocation->status = STATUS_USAGE;
	if (!ret)
		ret = rf_settings_read(invocation->objects, &after, error);
	if (!ret)
		print_changes(invocation->json, before, &after);
	return ret;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	char **arguments = invocation->arguments;
	struct rf_settings settings;
	int ret = rf_settings_read(invocation->objects, &settings, error);

	if (ret)
		return ret;
	if (!arguments[0]) {
		list(invocation->json, &settings);
		return 0;
	}
	if (!arguments[1] && !strchr(arguments[0], '='))
		return show(invocation, &settings, error);
	return change(invocation, &settings, error);
}

const struct command command_settings = {
	.noun = "settings",
	.arguments = "[NAME | NAME=VALUE...]",
	.help = "what can be changed at run time: events, audit, timeouts",
	.details = "Without arguments all settings are listed; with NAME its value is printed. "
		   "What is given a VALUE\nis changed, all of it or nothing, from the next packet "
		   "on. Changes are of the node, and gone\nwith the maps (at a reboot).",
	.arguments_max = -1,
	.run = run,
};
