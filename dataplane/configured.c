// SPDX-License-Identifier: Apache-2.0
#include "dataplane/configured.h"
#include "netconf/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int rf_configured_draw(const struct rf_netconf *netconf, struct rf_configured *out)
{
	struct rf_configured configured = {
		.is_known = true,
		.anti_spoof = netconf->anti_spoof,
		.host_access_by_policy = netconf->host_access_by_policy,
		.ether_type_count = netconf->ether_type_count,
	};

	memcpy(configured.ether_types, netconf->ether_types, sizeof(configured.ether_types));
	if (netconf->policy_directory) {
		configured.policy_directory = strdup(netconf->policy_directory);
		if (!configured.policy_directory)
			return -ENOMEM;
	}
	*out = configured;
	return 0;
}

static bool add_ether_types(cJSON *record, const struct rf_configured *configured)
{
	cJSON *list = cJSON_AddArrayToObject(record, "etherTypes");

	for (size_t i = 0; list && i < configured->ether_type_count; i++) {
		char text[8];
		cJSON *item;

		snprintf(text, sizeof(text), "0x%04x", configured->ether_types[i]);
		item = cJSON_CreateString(text);
		if (!item || !cJSON_AddItemToArray(list, item))
			return false;
	}
	return list;
}

bool rf_configured_add(cJSON *record, const struct rf_configured *configured)
{
	return !configured->is_known ||
	       (cJSON_AddStringToObject(record, "policy", configured->policy) &&
		(!configured->policy_directory ||
		 cJSON_AddStringToObject(record, "policyDir", configured->policy_directory)) &&
		cJSON_AddBoolToObject(record, "antiSpoof", configured->anti_spoof) &&
		cJSON_AddStringToObject(record, "hostAccess",
					configured->host_access_by_policy ? "policy" : "allow") &&
		add_ether_types(record, configured));
}

static int take_text(const cJSON *record, const char *key, char **out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(record, key);

	*out = cJSON_IsString(item) ? strdup(item->valuestring) : NULL;
	return *out ? 0 : -EINVAL;
}

static int take_boolean(const cJSON *record, const char *key, bool *out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(record, key);

	*out = cJSON_IsTrue(item);
	return cJSON_IsBool(item) ? 0 : -EINVAL;
}

static int take_host_access(const cJSON *record, bool *by_policy)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(record, "hostAccess");

	*by_policy = cJSON_IsString(item) && !strcmp(item->valuestring, "policy");
	return *by_policy || (cJSON_IsString(item) && !strcmp(item->valuestring, "allow"))
		       ? 0
		       : -EINVAL;
}

static int take_ether_types(const cJSON *record, struct rf_configured *configured)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(record, "etherTypes"), *item;

	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > RF_ETHER_TYPES_MAX)
		return -EINVAL;
	cJSON_ArrayForEach (item, list) {
		unsigned long type;
		char *end;

		if (!cJSON_IsString(item))
			return -EINVAL;
		type = strtoul(item->valuestring, &end, 16);
		if (*end || !type || type > UINT16_MAX)
			return -EINVAL;
		configured->ether_types[configured->ether_type_count++] = (uint16_t)type;
	}
	return 0;
}

int rf_configured_take(const cJSON *record, struct rf_configured *out)
{
	*out = (struct rf_configured){};
	/* Versions that did not write it wrote none of its keys. */
	if (!cJSON_HasObjectItem(record, "antiSpoof"))
		return 0;
	out->is_known = true;
	return take_text(record, "policy", &out->policy) ||
			       (cJSON_HasObjectItem(record, "policyDir") &&
				take_text(record, "policyDir", &out->policy_directory)) ||
			       take_boolean(record, "antiSpoof", &out->anti_spoof) ||
			       take_host_access(record, &out->host_access_by_policy) ||
			       take_ether_types(record, out)
		       ? -EINVAL
		       : 0;
}

void rf_configured_free(struct rf_configured *configured)
{
	free(configured->policy);
	free(configured->policy_directory);
	*configured = (struct rf_configured){};
}
