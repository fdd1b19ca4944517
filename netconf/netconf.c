/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/netconf.h"

#include "netconf/cleanup.h"
#include "netconf/json.h"
#include "netconf/netconf_keys.h"

#include <errno.h>
#include <string.h>

static int fail_version(const char *version, struct rf_error *error)
{
	char supported[64] = "";
	size_t used = 0;

	for (size_t i = 0; rf_cni_versions[i] && used < sizeof(supported); i++)
		used += (size_t)snprintf(supported + used, sizeof(supported) - used, "%s%s",
					 i ? ", " : "", rf_cni_versions[i]);
	if (version)
		rf_fail(error, RF_CODE_VERSION, -EINVAL,
			"cniVersion: \"%s\" is not supported (supported are %s)", version,
			supported);
	else
		rf_fail(error, RF_CODE_VERSION, -EINVAL,
			"cniVersion: missing, which means 0.1.0: not supported (supported are %s)",
			supported);
	return -EINVAL;
}

/* The reference code takes an empty cniVersion for a missing one. */
static int read_version(const cJSON *json, char **out, struct rf_error *error)
{
	const struct rf_place place = {.key = "cniVersion"};
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, place.key);
	char *version;

	if (value && !cJSON_IsString(value))
		return rf_fail_type(error, &place, value, "a string");
	if (!value || !*value->valuestring)
		return fail_version(NULL, error);
	if (!rf_is_cni_version(value->valuestring))
		return rf_fail_at(error, RF_CODE_DECODE, &place,
				  "\"%s\" is no version (expected is such as \"%s\")",
				  value->valuestring, rf_cni_version_newest());
	if (!rf_is_cni_version_supported(value->valuestring))
		return fail_version(value->valuestring, error);
	version = strdup(value->valuestring);
	if (!version)
		return rf_fail_memory(error);
	free(*out);
	*out = version;
	return 0;
}

static int read_name(const cJSON *json, char **out, struct rf_error *error)
{
	const struct rf_place place = {.key = "name"};
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, place.key);

	if (!value || cJSON_IsNull(value))
		return rf_fail_at(error, RF_CODE_CONFIG, &place, "the network's name is missing");
	if (!cJSON_IsString(value))
		return rf_fail_type(error, &place, value, "a string");
	if (!rf_is_identifier(value->valuestring)) {
		rf_fail_at(error, RF_CODE_CONFIG, &place, "\"%s\" is no valid network name",
			   value->valuestring);
		rf_error_hint(error, "it starts with a letter or digit; letters, digits, '_', '.' "
				     "and '-' may follow");
		return -EINVAL;
	}
	return rf_read_string_copy(value, &place, out, error);
}

/* null is what Go encodes for no result. */
static int read_previous_result(const cJSON *json, const char *text, size_t length,
				const char *cni_version, struct rf_netconf *netconf,
				struct rf_error *error)
{
	static const char key[] = "prevResult";
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, key);
	size_t value_length = 0;
	const char *value_text;
	int result;

	if (!value || cJSON_IsNull(value))
		return 0;
	value_text = rf_json_value_text(text, length, key, &value_length);
	if (!value_text)
		return rf_fail(error, RF_CODE_INTERNAL, -EINVAL, "%s: its text is not found", key);
	result = rf_result_parse(value, value_text, value_length, cni_version,
				 &netconf->previous_result, error);
	netconf->has_previous_result = result == 0;
	return result;
}

static int read_whole(const cJSON *json, const char *text, size_t length, const char *cni_version,
		      struct rf_netconf *netconf, struct rf_error *error)
{
	int result = rf_netconf_read_keys(json, netconf, error);

	if (result < 0)
		return result;
	return read_previous_result(json, text, length, cni_version, netconf, error);
}

static int parse_document(const char *text, size_t length, cJSON **out, struct rf_error *error)
{
	_cleanup_json_ cJSON *json = NULL;
	int result;

	if (length == 0)
		return rf_fail(error, RF_CODE_DECODE, -EINVAL,
			       "the network configuration on stdin is empty");
	result = rf_json_parse(text, length, &json, error);
	if (result < 0) {
		rf_error_context(error, "network configuration");
		return result;
	}
	if (cJSON_IsNull(json))
		return rf_fail(
			error, RF_CODE_CONFIG, -EINVAL,
			"network configuration: is null, so name and cniVersion are missing");
	if (!cJSON_IsObject(json))
		return rf_fail(error, RF_CODE_DECODE, -EINVAL,
			       "network configuration: expected an object");
	*out = TAKE_PTR(json);
	return 0;
}

int rf_netconf_parse(const char *text, size_t length, enum rf_netconf_scope scope,
		     struct rf_netconf *out, struct rf_error *error)
{
	_cleanup_json_ cJSON *json = NULL;
	struct rf_netconf netconf = {0};
	int result = parse_document(text, length, &json, error);

	if (!result)
		result = read_version(json, &out->cni_version, error);
	if (!result)
		result = read_name(json, &netconf.name, error);
	rf_netconf_set_defaults(&netconf);
	if (!result && scope == RF_NETCONF_WHOLE)
		result = read_whole(json, text, length, out->cni_version, &netconf, error);
	if (result < 0) {
		rf_netconf_free(&netconf);
		return result;
	}
	netconf.cni_version = out->cni_version;
	*out = netconf;
	return 0;
}

void rf_netconf_free(struct rf_netconf *netconf)
{
	free(netconf->cni_version);
	free(netconf->name);
	free(netconf->policy_directory);
	rf_policy_free(&netconf->policy);
	rf_result_free(&netconf->previous_result);
	*netconf = (struct rf_netconf){0};
}
