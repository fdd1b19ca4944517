/* SPDX-License-Identifier: Apache-2.0 */
/* The key "runtimeConfig", of which "bandwidth" is ours. */
#include "netconf/netconf_keys.h"

#include <errno.h>

/* The largest whole number that JSON readers agree on (RFC 8259, 6). */
#define INTEGER_MAX INT64_C(9007199254740991)

static int read_bits(const cJSON *value, const struct rf_place *place, uint64_t *out,
		     struct rf_error *error)
{
	int64_t number = 0;
	int result = rf_read_integer(value, place, 0, INTEGER_MAX, &number, error);

	*out = (uint64_t)number;
	return result;
}

static int read_ingress_rate(const cJSON *value, const struct rf_place *place, void *target,
			     struct rf_error *error)
{
	return read_bits(value, place, &((struct rf_bandwidth *)target)->ingress_rate, error);
}

static int read_ingress_burst(const cJSON *value, const struct rf_place *place, void *target,
			      struct rf_error *error)
{
	return read_bits(value, place, &((struct rf_bandwidth *)target)->ingress_burst, error);
}

static int read_egress_rate(const cJSON *value, const struct rf_place *place, void *target,
			    struct rf_error *error)
{
	return read_bits(value, place, &((struct rf_bandwidth *)target)->egress_rate, error);
}

static int read_egress_burst(const cJSON *value, const struct rf_place *place, void *target,
			     struct rf_error *error)
{
	return read_bits(value, place, &((struct rf_bandwidth *)target)->egress_burst, error);
}

/* As the standard's plugin. Unlike it, a rate without burst is taken: there is a default. */
static int check_burst(uint64_t rate, uint64_t burst, const char *key, const struct rf_place *place,
		       struct rf_error *error)
{
	const struct rf_place inner = {.parent = place, .key = key};

	if (rate || !burst)
		return 0;
	rf_fail_at(error, RF_CODE_CONFIG, &inner, "given without a rate in this direction");
	rf_error_hint(error, "a burst is what may exceed the rate for a moment: give the rate too, "
			     "or 0 for both");
	return -EINVAL;
}

/* Runtimes send zeros for a pod without limits, if capabilities.bandwidth is set. */
static int read_bandwidth(const cJSON *value, const struct rf_place *place,
			  struct rf_bandwidth *out, struct rf_error *error)
{
	static const struct rf_field fields[] = {
		{"ingressRate", read_ingress_rate},
		{"ingressBurst", read_ingress_burst},
		{"egressRate", read_egress_rate},
		{"egressBurst", read_egress_burst},
		{NULL, NULL},
	};
	int result = rf_read_object(value, place, fields, out, error);

	if (!result)
		result = check_burst(out->ingress_rate, out->ingress_burst, "ingressBurst", place,
				     error);
	if (!result)
		result = check_burst(out->egress_rate, out->egress_burst, "egressBurst", place,
				     error);
	return result;
}

/* The rest of it belongs to other plugins. Go encodes what is absent as null. */
int rf_read_runtime_config(const cJSON *value, const struct rf_place *place, void *target,
			   struct rf_error *error)
{
	const struct rf_place inner = {.parent = place, .key = "bandwidth"};
	struct rf_netconf *netconf = target;
	const cJSON *bandwidth;

	if (cJSON_IsNull(value))
		return 0;
	if (!cJSON_IsObject(value))
		return rf_fail_type(error, place, value, "an object");
	bandwidth = cJSON_GetObjectItemCaseSensitive(value, inner.key);
	if (!bandwidth || cJSON_IsNull(bandwidth))
		return 0;
	return read_bandwidth(bandwidth, &inner, &netconf->treatment.bandwidth, error);
}
