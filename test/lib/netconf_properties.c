/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/netconf_properties.h"

#include "netconf/cleanup.h"
#include "netconf/json.h"
#include "netconf/netconf.h"

#include <string.h>

static void violate(const char *property, const char *text, size_t length)
{
	fprintf(stderr, "does not hold: %s\nfor: ", property);
	fwrite(text, 1, length, stderr);
	fputc('\n', stderr);
	abort();
}

static void expect(bool holds, const char *property, const char *text, size_t length)
{
	if (!holds)
		violate(property, text, length);
}

/* But for cni_version, which the error document needs. */
static bool holds_nothing(const struct rf_netconf *netconf)
{
	return !netconf->name && !netconf->policy.name && !netconf->policy.ingress.rules &&
	       !netconf->policy.egress.rules && !netconf->policy_directory &&
	       !netconf->has_previous_result && !netconf->previous_result.addresses &&
	       !netconf->previous_result.text;
}

static void check_refusal(const struct rf_netconf *netconf, const struct rf_error *error,
			  const char *text, size_t length)
{
	_cleanup_free_ char *document = rf_error_to_json(error, netconf->cni_version);
	_cleanup_json_ cJSON *json = NULL;

	expect(holds_nothing(netconf), "a refusal leaves nothing", text, length);
	expect(error->code == RF_CODE_VERSION || error->code == RF_CODE_UNSUPPORTED ||
		       error->code == RF_CODE_DECODE || error->code == RF_CODE_CONFIG,
	       "a refusal has one of the codes 1, 2, 6 and 7", text, length);
	expect(*error->message, "a refusal says why", text, length);
	expect(document && !rf_json_parse(document, strlen(document), &json, NULL),
	       "the error document is strict JSON", text, length);
}

/* The result without what conversion may change. */
static cJSON *without_versions(const cJSON *result)
{
	cJSON *copy = cJSON_Duplicate(result, true);
	const cJSON *ips = cJSON_GetObjectItemCaseSensitive(copy, "ips");
	cJSON *ip;

	cJSON_DeleteItemFromObjectCaseSensitive(copy, "cniVersion");
	cJSON_ArrayForEach (ip, ips) {
		cJSON_DeleteItemFromObjectCaseSensitive(ip, "version");
	}
	return copy;
}

static bool have_same_addresses(const struct rf_result *a, const struct rf_result *b)
{
	for (size_t i = 0; i < a->address_count && i < b->address_count; i++)
		if (rf_prefix_compare(&a->addresses[i].address, &b->addresses[i].address) ||
		    strcmp(a->addresses[i].interface, b->addresses[i].interface) != 0)
			return false;
	return a->address_count == b->address_count;
}

/* @text is @result as it was passed on. */
static void check_conversion(const struct rf_result *result, const cJSON *original,
			     const char *version)
{
	const char *text = result->text;
	size_t length = strlen(text);
	_cleanup_(rf_result_free) struct rf_result again = {0};
	_cleanup_json_ cJSON *json = NULL, *rest = NULL, *original_rest = NULL;
	_cleanup_free_ char *printed = NULL, *original_printed = NULL;

	expect(!rf_json_parse(text, length, &json, NULL), "what is passed on is JSON", text,
	       length);
	expect(!rf_result_parse(json, text, length, version, &again, NULL),
	       "what is passed on is a result", text, length);
	expect(!strcmp(text, again.text), "what is passed on needs no conversion", text, length);
	expect(have_same_addresses(result, &again), "conversion keeps addresses", text, length);
	rest = without_versions(json);
	original_rest = without_versions(original);
	printed = cJSON_PrintUnformatted(rest);
	original_printed = cJSON_PrintUnformatted(original_rest);
	expect(printed && original_printed && !strcmp(printed, original_printed),
	       "conversion changes nothing but versions", text, length);
}

static void check_result(const cJSON *configuration, const char *text, size_t length,
			 const struct rf_netconf *netconf)
{
	const cJSON *original = cJSON_GetObjectItemCaseSensitive(configuration, "prevResult");
	size_t original_length = 0;
	const char *original_text =
		rf_json_value_text(text, length, "prevResult", &original_length);

	expect(original && original_text, "prevResult is found", text, length);
	check_conversion(&netconf->previous_result, original, netconf->cni_version);
	for (size_t i = 0; rf_cni_versions[i]; i++) {
		_cleanup_(rf_result_free) struct rf_result result = {0};

		/* Without a version of its own it has the form of another one. */
		if (!rf_result_parse(original, original_text, original_length, rf_cni_versions[i],
				     &result, NULL))
			check_conversion(&result, original, rf_cni_versions[i]);
	}
}

bool rf_check_netconf(const char *text, size_t length)
{
	_cleanup_(rf_netconf_free) struct rf_netconf netconf = {0};
	_cleanup_json_ cJSON *json = NULL;
	struct rf_error error = {0};

	if (rf_netconf_parse(text, length, RF_NETCONF_WHOLE, &netconf, &error)) {
		check_refusal(&netconf, &error, text, length);
		return false;
	}
	expect(!rf_json_parse(text, length, &json, NULL), "what is taken is JSON", text, length);
	if (netconf.has_previous_result)
		check_result(json, text, length, &netconf);
	return true;
}
