// SPDX-License-Identifier: Apache-2.0
#include "dataplane/record_json.h"
#include "dataplane/treatment_json.h"
#include "netconf/cleanup.h"
#include "netconf/json.h"

#include <inttypes.h>
#include <string.h>

#define ABI_BEFORE_RECORDS_HAD_IT 2

static int take_string(const cJSON *json, const char *key, char **out)
{
	const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));

	*out = value ? strdup(value) : NULL;
	return *out ? 0 : -EINVAL;
}

static int take_number(const cJSON *json, const char *key, uint32_t *out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
	int64_t value;

	if (!item || rf_json_integer(item, 0, UINT32_MAX, &value))
		return -EINVAL;
	*out = value;
	return 0;
}

static int take_addresses(const cJSON *json, struct rf_record *record)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "ips"), *item;

	if (!cJSON_IsArray(list))
		return -EINVAL;
	cJSON_ArrayForEach (item, list) {
		const char *why, *text = cJSON_GetStringValue(item);
		struct rf_prefix address;

		if (record->address_count == RF_ADDRESSES_MAX || !text ||
		    rf_prefix_parse(text, &address, &why) || address.length != 128)
			return -EINVAL;
		record->addresses[record->address_count++] = address.address;
	}
	return 0;
}

static int take_point(const cJSON *json, struct rf_attach_point *point)
{
	const char *owner = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "owner"));
	const char *mode = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "attach"));
	char *end;

	if (!owner || !mode || take_number(json, "ifindex", &point->ifindex))
		return -EINVAL;
	point->owner = strtoull(owner, &end, 16);
	if (*end || !point->owner)
		return -EINVAL;
	if (!strcmp(mode, rf_attach_mode_name(RF_ATTACH_TCX)))
		point->mode = RF_ATTACH_TCX;
	else if (!strcmp(mode, rf_attach_mode_name(RF_ATTACH_CLSACT)))
		point->mode = RF_ATTACH_CLSACT;
	else
		return -EINVAL;
	point->made_qdisc = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "madeQdisc"));
	return 0;
}

int rf_record_parse(const char *text, size_t length, struct rf_record *out, struct rf_error *error)
{
	_cleanup_record_ struct rf_record record = {.abi = ABI_BEFORE_RECORDS_HAD_IT};
	_cleanup_json_ cJSON *json = NULL;
	int ret = rf_json_parse(text, length, &json, error);

	if (ret) {
		if (error)
			error->code = RF_CODE_RECORD;
		return ret;
	}
	if (take_string(json, "network", &record.network) ||
	    take_string(json, "container", &record.container) ||
	    take_string(json, "interface", &record.interface) ||
	    take_string(json, "podNamespace", &record.pod_namespace) ||
	    take_string(json, "podName", &record.pod_name) ||
	    take_string(json, "hostInterface", &record.host_interface) ||
	    take_number(json, "podId", &record.pod_id) ||
	    take_number(json, "policyId", &record.policy_id) ||
	    take_number(json, "incarnation", &record.incarnation) ||
	    (cJSON_HasObjectItem(json, "abi") && take_number(json, "abi", &record.abi)) ||
	    (cJSON_HasObjectItem(json, "netns") && take_number(json, "netns", &record.netns)) ||
	    rf_treatment_take(json, &record.treatment) ||
	    rf_configured_take(json, &record.configured) || take_addresses(json, &record) ||
	    take_point(json, &record.point))
		return rf_fail(error, RF_CODE_RECORD, -EINVAL, "not a record of ringfence");
	*out = record;
	record = (struct rf_record){};
	return 0;
}

static bool add_addresses(cJSON *json, const struct rf_record *record)
{
	cJSON *list = cJSON_AddArrayToObject(json, "ips");

	for (size_t i = 0; list && i < record->address_count; i++) {
		struct rf_prefix prefix = {.address = record->addresses[i], .length = 128};
		char text[RF_PREFIX_TEXT];
		cJSON *item;

		prefix.is_v4 = IN6_IS_ADDR_V4MAPPED(&prefix.address);
		item = cJSON_CreateString(rf_prefix_format(&prefix, text));
		if (!item || !cJSON_AddItemToArray(list, item))
			return false;
	}
	return list;
}

char *rf_record_format(const struct rf_record *record)
{
	_cleanup_json_ cJSON *json = cJSON_CreateObject();
	char owner[17];

	/* As text: JSON's numbers have 53 bits. */
	snprintf(owner, sizeof(owner), "%016" PRIx64, record->point.owner);
	if (!cJSON_AddStringToObject(json, "network", record->network) ||
	    !cJSON_AddStringToObject(json, "container", record->container) ||
	    !cJSON_AddStringToObject(json, "interface", record->interface) ||
	    !cJSON_AddStringToObject(json, "podNamespace", record->pod_namespace) ||
	    !cJSON_AddStringToObject(json, "podName", record->pod_name) ||
	    !cJSON_AddStringToObject(json, "hostInterface", record->host_interface) ||
	    !add_addresses(json, record) ||
	    !cJSON_AddNumberToObject(json, "ifindex", record->point.ifindex) ||
	    !cJSON_AddNumberToObject(json, "podId", record->pod_id) ||
	    !cJSON_AddNumberToObject(json, "policyId", record->policy_id) ||
	    !cJSON_AddNumberToObject(json, "incarnation", record->incarnation) ||
	    !cJSON_AddNumberToObject(json, "abi", record->abi) ||
	    !cJSON_AddNumberToObject(json, "netns", record->netns) ||
	    !rf_treatment_add(json, &record->treatment) ||
	    !rf_configured_add(json, &record->configured) ||
	    !cJSON_AddStringToObject(json, "owner", owner) ||
	    !cJSON_AddStringToObject(json, "attach", rf_attach_mode_name(record->point.mode)) ||
	    !cJSON_AddBoolToObject(json, "madeQdisc", record->point.made_qdisc))
		return NULL;
	return cJSON_Print(json);
}
