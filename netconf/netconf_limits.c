/* SPDX-License-Identifier: Apache-2.0 */
/* The key "limits". */
#include "netconf/netconf_keys.h"

#include <errno.h>

static int read_limit(const cJSON *value, const struct rf_place *place, uint32_t *out,
		      struct rf_error *error)
{
	int64_t number = 0;
	int result = rf_read_integer(value, place, 1, UINT32_MAX, &number, error);

	*out = (uint32_t)number;
	return result;
}

static int read_new_flows(const cJSON *value, const struct rf_place *place, void *target,
			  struct rf_error *error)
{
	return read_limit(value, place, &((struct rf_limits *)target)->new_flows_per_second, error);
}

static int read_new_flows_burst(const cJSON *value, const struct rf_place *place, void *target,
				struct rf_error *error)
{
	return read_limit(value, place, &((struct rf_limits *)target)->new_flows_burst, error);
}

static int read_sessions(const cJSON *value, const struct rf_place *place, void *target,
			 struct rf_error *error)
{
	return read_limit(value, place, &((struct rf_limits *)target)->sessions, error);
}

int rf_read_limits(const cJSON *value, const struct rf_place *place, void *target,
		   struct rf_error *error)
{
	static const struct rf_field fields[] = {
		{"newFlowsPerSecond", read_new_flows},
		{"newFlowsBurst", read_new_flows_burst},
		{"sessions", read_sessions},
		{NULL, NULL},
	};
	const struct rf_place burst = {.parent = place, .key = "newFlowsBurst"};
	struct rf_limits *limits = &((struct rf_netconf *)target)->treatment.limits;
	int result = rf_read_object(value, place, fields, limits, error);

	if (result < 0)
		return result;
	if (!limits->new_flows_burst)
		limits->new_flows_burst = limits->new_flows_per_second;
	if (limits->new_flows_per_second || !limits->new_flows_burst)
		return 0;
	rf_fail_at(error, RF_CODE_CONFIG, &burst, "given without newFlowsPerSecond");
	rf_error_hint(error, "a burst is what may exceed the rate for a moment: give the rate too");
	return -EINVAL;
}
