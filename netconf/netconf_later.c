/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of features that are not there yet; see netconf_keys.h. */
#include "netconf/netconf_keys.h"

#include <errno.h>

/* The largest whole number that JSON readers agree on (RFC 8259, 6). */
#define INTEGER_MAX INT64_C(9007199254740991)

int rf_read_mode(const cJSON *value, const struct rf_place *place, void *target,
		 struct rf_error *error)
{
	static const char *const names[] = {"enforce", "audit", NULL};
	size_t choice = 0;
	int result = rf_read_choice(value, place, names, &choice, error);

	(void)target;
	if (result < 0 || choice == 0)
		return result;
	return rf_fail_not_supported_yet(error, place, value);
}

static int check_limit(const cJSON *value, const struct rf_place *place, void *target,
		       struct rf_error *error)
{
	int64_t number;

	(void)target;
	return rf_read_integer(value, place, 1, UINT32_MAX, &number, error);
}

int rf_read_limits(const cJSON *value, const struct rf_place *place, void *target,
		   struct rf_error *error)
{
	static const struct rf_field fields[] = {
		{"newFlowsPerSecond", check_limit},
		{"newFlowsBurst", check_limit},
		{"sessions", check_limit},
		{NULL, NULL},
	};
	int result = rf_read_object(value, place, fields, target, error);

	if (result < 0 || !value->child)
		return result;
	return rf_fail_not_supported_yet(error, place, value);
}

static int check_socket(const cJSON *value, const struct rf_place *place, void *target,
			struct rf_error *error)
{
	(void)target;
	return rf_read_path(value, place, error);
}

static int check_fallback(const cJSON *value, const struct rf_place *place, void *target,
			  struct rf_error *error)
{
	static const char *const names[] = {"deny", "allow", "policy", NULL};
	size_t choice;

	(void)target;
	return rf_read_choice(value, place, names, &choice, error);
}

int rf_read_agent(const cJSON *value, const struct rf_place *place, void *target,
		  struct rf_error *error)
{
	static const struct rf_field fields[] = {
		{"socket", check_socket},
		{"fallback", check_fallback},
		{NULL, NULL},
	};
	int result = rf_read_object(value, place, fields, target, error);

	return result < 0 ? result : rf_fail_not_supported_yet(error, place, value);
}

/* @target: a bool that is set if the rate or burst is not 0. */
static int check_rate(const cJSON *value, const struct rf_place *place, void *target,
		      struct rf_error *error)
{
	bool *is_limited = target;
	int64_t number = 0;
	int result = rf_read_integer(value, place, 0, INTEGER_MAX, &number, error);

	if (!result && number != 0)
		*is_limited = true;
	return result;
}

/* Runtimes send zeros for a pod without limits, if capabilities.bandwidth is set. */
static int read_bandwidth(const cJSON *value, const struct rf_place *place, struct rf_error *error)
{
	static const struct rf_field fields[] = {
		{"ingressRate", check_rate},
		{"ingressBurst", check_rate},
		{"egressRate", check_rate},
		{"egressBurst", check_rate},
		{NULL, NULL},
	};
	bool is_limited = false;
	int result = rf_read_object(value, place, fields, &is_limited, error);

	if (result < 0 || !is_limited)
		return result;
	return rf_fail_not_supported_yet(error, place, value);
}

/* The rest of it belongs to other plugins. Go encodes what is absent as null. */
int rf_read_runtime_config(const cJSON *value, const struct rf_place *place, void *target,
			   struct rf_error *error)
{
	const struct rf_place inner = {.parent = place, .key = "bandwidth"};
	const cJSON *bandwidth;

	(void)target;
	if (cJSON_IsNull(value))
		return 0;
	if (!cJSON_IsObject(value))
		return rf_fail_type(error, place, value, "an object");
	bandwidth = cJSON_GetObjectItemCaseSensitive(value, inner.key);
	if (!bandwidth || cJSON_IsNull(bandwidth))
		return 0;
	return read_bandwidth(bandwidth, &inner, error);
}
