// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/conflist/conflist_apply.h"
#include "ctl/conflist/plugin_place.h"
#include "dataplane/files.h"
#include "dataplane/policy/documents.h"
#include "netconf/cleanup.h"
#include "netconf/json.h"
#include "netconf/treatment.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int add_policy(const char *path, cJSON *entry, struct rf_error *error)
{
	_cleanup_free_ char *text = NULL;
	cJSON *policy = NULL;
	size_t length;
	int ret = rf_read_file(path, &text, &length);

	if (ret)
		return rf_fail_system(error, RF_CODE_CONFIG, ret, "read %s", path);
	ret = rf_json_parse(text, length, &policy, error);
	if (ret)
		rf_error_context(error, "%s", path);
	else
		cJSON_AddItemToObject(entry, "policy", policy);
	return ret;
}

/* What the options ask for. */
static int make_entry(const struct invocation *invocation, cJSON *entry, struct rf_error *error)
{
	static const struct {
		const char *option, *key;
	} texts[] = {{"mode", "mode"}, {"policy-dir", "policyDir"}};
	const char *policy = invocation_option(invocation, "policy");

	cJSON_AddStringToObject(entry, "type", RF_PLUGIN_TYPE);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *value = invocation_option(invocation, texts[i].option);

		if (value)
			cJSON_AddStringToObject(entry, texts[i].key, value);
	}
	return policy ? add_policy(policy, entry, error) : 0;
}

/* What holds where the key is not there. */
static bool is_default(const cJSON *item)
{
	return !strcmp(item->string, "mode") &&
	       !strcmp(item->valuestring, rf_mode_names[RF_MODE_ENFORCE]);
}

/* Whether every key of @entry is in @there, with the same value, or need not be. */
static bool is_part_of(const cJSON *entry, const cJSON *there, const char **other)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, entry) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(there, item->string);

		*other = item->string;
		if (value ? !cJSON_Compare(item, value, true) : !is_default(item))
			return false;
	}
	return true;
}

static int accept_present(const struct conflist_file *file, size_t count, size_t index,
			  const cJSON *entry, struct rf_error *error)
{
	const cJSON *plugins = cJSON_GetObjectItemCaseSensitive(file->list.json, "plugins");
	const char *other;
	int ret;

	rf_error_hint(error, "remove what is there first: ringfencectl uninstall %s", file->path);
	if (count > 1)
		return rf_fail(
			error, RF_CODE_CONFIG, -EEXIST,
			"%s: ringfence is in it %zu times, and would judge each pod as often",
			file->path, count);
	if (!is_part_of(entry, cJSON_GetArrayItem(plugins, (int)index), &other))
		return rf_fail(error, RF_CODE_CONFIG, -EEXIST,
			       "%s: ringfence is there already, with another value of \"%s\"",
			       file->path, other);
	ret = rf_conflist_check(&file->list, index, error);
	if (ret)
		rf_error_context(error, "%s: ringfence is there already, but plugins[%zu]",
				 file->path, index);
	return ret;
}

/* What is said of a list that has it: its policy may only be watched. */
static const char *present_sentence(const struct conflist_file *file, size_t index)
{
	const cJSON *plugins = cJSON_GetObjectItemCaseSensitive(file->list.json, "plugins");
	const cJSON *entry = cJSON_GetArrayItem(plugins, (int)index);
	const char *mode = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "mode"));

	return mode && !strcmp(mode, "audit") ? "ringfence is in it already, in mode audit"
					      : "ringfence is in it already";
}

/* What is about to be written, as the plugin will read it. */
static int check_result(const struct conflist_file *file, const char *text, size_t length,
			struct rf_error *error)
{
	_cleanup_conflist_ struct rf_conflist list = {};
	int ret = rf_conflist_read(text, length, &list, error);

	if (!ret)
		ret = rf_conflist_check(&list, list.count - 1, error);
	if (ret)
		rf_error_context(error, "%s would be refused by ringfence, and stays as it is",
				 file->path);
	return ret;
}

/* Documents that are broken would make every ADD fail from now on. */
static int check_directory(const struct invocation *invocation, struct rf_error *error)
{
	_cleanup_documents_ struct rf_policy_documents documents = {};

	return rf_policy_documents_read(invocation_option(invocation, "policy-dir"), &documents,
					error);
}

static void warn(cJSON *warnings, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void warn(cJSON *warnings, const char *format, ...)
{
	char text[PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	cJSON_AddItemToArray(warnings, cJSON_CreateString(text));
}

static cJSON *look_around(const struct invocation *invocation, const struct conflist_file *file)
{
	const char *directory = invocation_option(invocation, "bin-dir");
	const char *dot = strrchr(file->path, '.');
	cJSON *warnings = cJSON_CreateArray();
	bool has_veth = false;
	char path[PATH_MAX];

	if (!plugin_find(directory, path))
		warn(warnings,
		     "the plugin is not in %s: pods cannot be added before `make install` has put "
		     "it there (or say where with --bin-dir)",
		     directory ? directory : "/opt/cni/bin, /usr/lib/cni or /usr/libexec/cni");
	for (size_t i = 0; i < file->list.count; i++)
		has_veth |= plugin_makes_veth(file->list.plugins[i].type);
	if (!has_veth)
		warn(warnings,
		     "no plugin of %s is known to give pods a veth (such as bridge, ptp or "
		     "flannel): if none does, pods cannot be added",
		     file->path);
	if (dot && (!strcmp(dot, ".conf") || !strcmp(dot, ".json")))
		warn(warnings,
		     "runtimes take %s for one plugin's configuration: call it *.conflist",
		     file->path);
	return warnings;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_conflist_file_ struct conflist_file file = CONFLIST_FILE_NONE;
	_cleanup_json_ cJSON *entry = cJSON_CreateObject();
	_cleanup_free_ char *text = NULL;
	size_t length = 0, count, index;
	int ret = make_entry(invocation, entry, error);

	if (!ret)
		ret = conflist_open_asked(invocation, &file, error);
	if (!ret)
		ret = check_directory(invocation, error);
	if (ret)
		return ret;
	count = rf_conflist_find(&file.list, RF_PLUGIN_TYPE, &index);
	if (count) {
		ret = accept_present(&file, count, index, entry, error);
		return ret ? ret
			   : conflist_apply(invocation, &file, NULL, 0,
					    present_sentence(&file, index),
					    look_around(invocation, &file), error);
	}
	if (rf_conflist_append(&file.list, entry, &text, &length))
		return rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
	ret = check_result(&file, text, length, error);
	return ret ? ret
		   : conflist_apply(invocation, &file, text, length,
				    "ringfence is in it; pods that are added from now on are "
				    "under their policy",
				    look_around(invocation, &file), error);
}

static const struct command_option options[] = {
	{"policy", "FILE", "a policy document for every pod of the network"},
	{"mode", "MODE", "enforce, or audit: what would be denied is reported, and passes"},
	{"policy-dir", "DIR",
	 "the directory of the node's policy documents (/etc/ringfence/policy.d)"},
	{"directory", "DIR", "where the runtime's files are (/etc/cni/net.d)"},
	{"bin-dir", "DIR", "where the runtime's plugins are (/opt/cni/bin, /usr/lib/cni)"},
	{"dry-run", NULL, "print the change as a diff, and do not make it"},
	{},
};

const struct command command_install = {
	.noun = "install",
	.arguments = "[CONFLIST]",
	.help = "add ringfence to the runtime's list of plugins",
	.details = "Without CONFLIST it is the one that runtimes use: the first in the "
		   "directory, by name.\n"
		   "Nothing else in the file changes, and uninstall gives it back as it was.",
	.options = options,
	.arguments_max = 1,
	.needs_no_maps = true,
	.run = run,
};
