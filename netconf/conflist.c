/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/conflist.h"

#include "netconf/cleanup.h"
#include "netconf/cni_version.h"
#include "netconf/json.h"
#include "netconf/json_text.h"
#include "netconf/netconf.h"

#include <errno.h>
#include <string.h>

static const cJSON *member(const cJSON *json, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(json, key);
}

static const char *string(const cJSON *json, const char *key)
{
	const char *text = cJSON_GetStringValue(member(json, key));

	return text && *text ? text : NULL;
}

static int refuse_no_list(const cJSON *json, struct rf_error *error)
{
	if (string(json, "type")) {
		rf_error_hint(error,
			      "make a list of it, and remove this file: jq '{cniVersion, name, "
			      "plugins: [del(.cniVersion, .name)]}' FILE >NAME.conflist");
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "it is one plugin's configuration (\"%s\"), not a list that another "
			       "plugin can be added to",
			       string(json, "type"));
	}
	return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
		       "plugins: there is no array of plugins, or it is empty");
}

static int check_plugins(const cJSON *json, struct rf_error *error)
{
	const cJSON *plugins = member(json, "plugins"), *plugin;
	size_t index = 0;

	if (!cJSON_IsObject(json))
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "it is no JSON object");
	if (!cJSON_IsArray(plugins) || !plugins->child)
		return refuse_no_list(json, error);
	if (!string(json, "name"))
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "name: the network's name is missing, or no string");
	cJSON_ArrayForEach (plugin, plugins) {
		if (!cJSON_IsObject(plugin) || !string(plugin, "type"))
			return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
				       "plugins[%zu]: it is no object with a \"type\"", index);
		index++;
	}
	return 0;
}

static int find_places(struct rf_conflist *list)
{
	const cJSON *plugins = member(list->json, "plugins"), *plugin = plugins->child;
	struct rf_json_member array;
	size_t at;

	list->plugins = calloc((size_t)cJSON_GetArraySize(plugins), sizeof(*list->plugins));
	if (!list->plugins || !rf_json_find_member(list->text, list->length, 0, "plugins", &array))
		return -ENOMEM;
	at = array.value;
	for (; plugin; plugin = plugin->next) {
		struct rf_conflist_plugin *place = &list->plugins[list->count++];

		rf_json_next_element(list->text, list->length, &at, &place->start);
		place->end = at;
		place->type = string(plugin, "type");
	}
	return 0;
}

int rf_conflist_read(const char *text, size_t length, struct rf_conflist *out,
		     struct rf_error *error)
{
	struct rf_conflist list = {.text = text, .length = length};
	int result = rf_json_parse(text, length, &list.json, error);

	if (!result)
		result = check_plugins(list.json, error);
	if (!result && find_places(&list))
		result = rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
	if (result) {
		rf_conflist_free(&list);
		return result;
	}
	*out = list;
	return 0;
}

void rf_conflist_free(struct rf_conflist *list)
{
	cJSON_Delete(list->json);
	free(list->plugins);
	*list = (struct rf_conflist){0};
}

size_t rf_conflist_find(const struct rf_conflist *list, const char *type, size_t *first)
{
	size_t count = 0;

	for (size_t i = list->count; i-- > 0;)
		if (!strcmp(list->plugins[i].type, type)) {
			count++;
			if (first)
				*first = i;
		}
	return count;
}

/* As libcni does: the newest of "cniVersions", where they are given, that is spoken. */
static const char *choose_version(const cJSON *json)
{
	const char *chosen = string(json, "cniVersion");
	const cJSON *item;

	cJSON_ArrayForEach (item, member(json, "cniVersions")) {
		const char *version = cJSON_GetStringValue(item);

		if (version && rf_is_cni_version_supported(version) &&
		    (!chosen || !rf_is_cni_version_supported(chosen) ||
		     rf_cni_version_compare(version, chosen) > 0))
			chosen = version;
	}
	return chosen;
}

int rf_conflist_check(const struct rf_conflist *list, size_t index, struct rf_error *error)
{
	const cJSON *plugin = cJSON_GetArrayItem(member(list->json, "plugins"), (int)index);
	_cleanup_json_ cJSON *configuration = cJSON_Duplicate(plugin, true);
	_cleanup_free_ char *text = NULL;
	const char *version = choose_version(list->json);
	struct rf_netconf netconf = {0};
	int result;

	cJSON_DeleteItemFromObjectCaseSensitive(configuration, "name");
	cJSON_DeleteItemFromObjectCaseSensitive(configuration, "cniVersion");
	cJSON_AddStringToObject(configuration, "name", string(list->json, "name"));
	if (version)
		cJSON_AddStringToObject(configuration, "cniVersion", version);
	text = cJSON_PrintUnformatted(configuration);
	if (!text)
		return rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
	result = rf_netconf_parse(text, strlen(text), RF_NETCONF_WHOLE, &netconf, error);
	rf_netconf_free(&netconf);
	return result;
}
