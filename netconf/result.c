/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/result.h"

#include "netconf/cleanup.h"
#include "netconf/field.h"
#include "netconf/json.h"
#include "netconf/result_text.h"

#include <errno.h>
#include <string.h>

static const struct rf_place document = {.key = "prevResult"};

struct reading {
	struct rf_result result;
	const cJSON **interfaces; /* the elements of "interfaces": ips refer to them by index */
	size_t interface_count;
	bool says_family; /* addresses carry "version" */
};

static bool is_absent(const cJSON *value)
{
	return !value || cJSON_IsNull(value);
}

/* Check the interfaces for their form, and keep them for the look-up by index. */
static int read_interfaces(const cJSON *json, struct reading *reading, struct rf_error *error)
{
	const struct rf_place place = {.parent = &document, .key = "interfaces"};
	struct rf_place inner = {.parent = &place};
	const cJSON *item;
	int result;

	if (is_absent(json))
		return 0;
	result = rf_read_array(json, &place, error);
	if (result < 0)
		return result;
	reading->interfaces =
		calloc((size_t)cJSON_GetArraySize(json) + 1, sizeof(*reading->interfaces));
	if (!reading->interfaces)
		return rf_fail_memory(error);
	cJSON_ArrayForEach (item, json) {
		const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "name");
		const cJSON *sandbox = cJSON_GetObjectItemCaseSensitive(item, "sandbox");

		if (!cJSON_IsObject(item))
			return rf_fail_type(error, &inner, item, "an object");
		if (!cJSON_IsString(name))
			return rf_fail_at(error, RF_CODE_DECODE, &inner,
					  "\"name\" is missing or no string");
		if (!is_absent(sandbox) && !cJSON_IsString(sandbox))
			return rf_fail_at(error, RF_CODE_DECODE, &inner,
					  "\"sandbox\" is no string");
		reading->interfaces[inner.index++] = item;
	}
	reading->interface_count = inner.index;
	return 0;
}

/* Set the interface's name; @is_host if the interface is not in the container. */
static int read_interface(const cJSON *ip, const struct rf_place *place,
			  const struct reading *reading, struct rf_result_address *out,
			  bool *is_host, struct rf_error *error)
{
	const cJSON *index = cJSON_GetObjectItemCaseSensitive(ip, "interface");
	const cJSON *interface;
	const cJSON *sandbox;
	const char *name;
	char text[RF_VALUE_TEXT];
	int64_t number;

	if (is_absent(index))
		return 0;
	if (!cJSON_IsNumber(index))
		return rf_fail_at(error, RF_CODE_DECODE, place, "\"interface\" is no number");
	if (!reading->interfaces ||
	    rf_json_integer(index, 0, (int64_t)reading->interface_count - 1, &number) < 0)
		return rf_fail_at(
			error, RF_CODE_DECODE, place,
			"\"interface\" is %s, but there are %zu interfaces, counted from 0",
			rf_value_format(index, text), reading->interface_count);

	interface = reading->interfaces[number];
	sandbox = cJSON_GetObjectItemCaseSensitive(interface, "sandbox");
	*is_host = is_absent(sandbox) || !*sandbox->valuestring;
	if (*is_host)
		return 0;
	name = cJSON_GetObjectItemCaseSensitive(interface, "name")->valuestring;
	if (!*name || strlen(name) >= sizeof(out->interface))
		return rf_fail_at(error, RF_CODE_DECODE, place,
				  "its interface is called \"%s\": expected 1 to %zu bytes", name,
				  sizeof(out->interface) - 1);
	memcpy(out->interface, name, strlen(name) + 1);
	return 0;
}

static int check_family(const cJSON *ip, const struct rf_place *place, bool is_v4,
			struct rf_error *error)
{
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(ip, "version");
	const char *expected = is_v4 ? "4" : "6";

	if (cJSON_IsString(version) && !strcmp(version->valuestring, expected))
		return 0;
	rf_fail_at(error, RF_CODE_DECODE, place, "\"version\" is missing or wrong: expected \"%s\"",
		   expected);
	rf_error_hint(error, "required below cniVersion 1.0.0");
	return -EINVAL;
}

static int read_ip(const cJSON *ip, const struct rf_place *place, const struct reading *reading,
		   struct rf_result_address *out, bool *is_host, struct rf_error *error)
{
	const struct rf_place inner = {.parent = place, .key = "address"};
	const cJSON *address = cJSON_GetObjectItemCaseSensitive(ip, inner.key);
	const char *why;
	int result;

	if (!cJSON_IsObject(ip))
		return rf_fail_type(error, place, ip, "an object");
	if (!cJSON_IsString(address))
		return rf_fail_at(error, RF_CODE_DECODE, place,
				  "\"address\" is missing or no string");
	if (rf_interface_address_parse(address->valuestring, &out->address, &why) < 0)
		return rf_fail_at(error, RF_CODE_DECODE, &inner, "\"%s\" %s", address->valuestring,
				  why);
	if (reading->says_family) {
		result = check_family(ip, place, out->address.is_v4, error);
		if (result < 0)
			return result;
	}
	return read_interface(ip, place, reading, out, is_host, error);
}

static bool is_listed(const struct rf_result *result, const struct rf_result_address *address)
{
	for (size_t i = 0; i < result->address_count; i++) {
		const struct rf_result_address *other = &result->addresses[i];

		if (IN6_ARE_ADDR_EQUAL(&other->address.address, &address->address.address) &&
		    !strcmp(other->interface, address->interface))
			return true;
	}
	return false;
}

static int read_ips(const cJSON *json, struct reading *reading, struct rf_error *error)
{
	const struct rf_place place = {.parent = &document, .key = "ips"};
	struct rf_place inner = {.parent = &place};
	struct rf_result *result = &reading->result;
	const cJSON *item;
	int status;

	if (is_absent(json))
		return 0;
	status = rf_read_array(json, &place, error);
	if (status < 0)
		return status;
	result->addresses = calloc(RF_ADDRESSES_MAX, sizeof(*result->addresses));
	if (!result->addresses)
		return rf_fail_memory(error);
	cJSON_ArrayForEach (item, json) {
		struct rf_result_address address = {0};
		bool is_host = false;

		status = read_ip(item, &inner, reading, &address, &is_host, error);
		if (status < 0)
			return status;
		inner.index++;
		if (is_host || is_listed(result, &address))
			continue;
		if (result->address_count == RF_ADDRESSES_MAX)
			return rf_fail_at(
				error, RF_CODE_CONFIG, &place,
				"more than %d addresses of the pod (of %d): at most %d are "
				"supported",
				RF_ADDRESSES_MAX, cJSON_GetArraySize(json), RF_ADDRESSES_MAX);
		result->addresses[result->address_count++] = address;
	}
	return 0;
}

static int read_document(const cJSON *json, struct reading *reading, struct rf_error *error)
{
	const cJSON *interfaces = cJSON_GetObjectItemCaseSensitive(json, "interfaces");
	const cJSON *ips = cJSON_GetObjectItemCaseSensitive(json, "ips");
	int result;

	if (!cJSON_IsObject(json))
		return rf_fail_type(error, &document, json, "an object");
	result = read_interfaces(interfaces, reading, error);
	if (!result)
		result = read_ips(ips, reading, error);
	if (!result && (!interfaces || !interfaces->child) && (!ips || !ips->child))
		return rf_fail_at(error, RF_CODE_DECODE, &document,
				  "has neither interfaces nor ips");
	return result;
}

int rf_result_parse(const struct cJSON *json, const char *text, size_t length,
		    const char *cni_version, struct rf_result *out, struct rf_error *error)
{
	struct reading reading = {0};
	int result = rf_result_check_version(json, cni_version, &reading.says_family, error);

	if (!result)
		result = read_document(json, &reading, error);
	free(reading.interfaces);
	if (!result)
		result = rf_result_text(json, text, length, cni_version, &reading.result.text,
					error);
	if (result < 0) {
		rf_result_free(&reading.result);
		return result;
	}
	*out = reading.result;
	return 0;
}

static const char *fault_v4(const uint8_t bytes[4])
{
	static const uint8_t everybody[4] = {255, 255, 255, 255};
	static const uint8_t nobody[4] = {0};

	if (!memcmp(bytes, nobody, 4))
		return "is the unspecified address";
	if (!memcmp(bytes, everybody, 4))
		return "is the broadcast address";
	if (bytes[0] == 127)
		return "is a loopback address";
	return bytes[0] >> 4 == 0xe ? "is a multicast address" : NULL;
}

const char *rf_result_address_fault(const struct rf_result_address *address)
{
	const struct in6_addr *bytes = &address->address.address;

	if (address->address.is_v4)
		return fault_v4(&bytes->s6_addr[12]);
	if (IN6_IS_ADDR_UNSPECIFIED(bytes))
		return "is the unspecified address";
	if (IN6_IS_ADDR_LOOPBACK(bytes))
		return "is a loopback address";
	return IN6_IS_ADDR_MULTICAST(bytes) ? "is a multicast address" : NULL;
}

void rf_result_free(struct rf_result *result)
{
	free(result->addresses);
	free(result->text);
	*result = (struct rf_result){0};
}
