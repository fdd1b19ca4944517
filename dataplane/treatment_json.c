// SPDX-License-Identifier: Apache-2.0
#include "dataplane/treatment_json.h"
#include "netconf/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool add_limits(cJSON *record, const struct rf_limits *limits)
{
	cJSON *json = cJSON_AddObjectToObject(record, "limits");

	return cJSON_AddNumberToObject(json, "newFlowsPerSecond", limits->new_flows_per_second) &&
	       cJSON_AddNumberToObject(json, "newFlowsBurst", limits->new_flows_burst) &&
	       cJSON_AddNumberToObject(json, "sessions", limits->sessions);
}

/* As text: cJSON writes 15 digits of a number. */
static bool add_bits(cJSON *json, const char *key, uint64_t bits)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, bits);
	return cJSON_AddRawToObject(json, key, text);
}

static bool add_bandwidth(cJSON *record, const struct rf_bandwidth *bandwidth)
{
	cJSON *json = cJSON_AddObjectToObject(record, "bandwidth");

	return add_bits(json, "ingressRate", bandwidth->ingress_rate) &&
	       add_bits(json, "ingressBurst", bandwidth->ingress_burst) &&
	       add_bits(json, "egressRate", bandwidth->egress_rate) &&
	       add_bits(json, "egressBurst", bandwidth->egress_burst);
}

bool rf_treatment_add(cJSON *record, const struct rf_treatment *treatment)
{
	return cJSON_AddStringToObject(record, "mode", rf_mode_names[treatment->mode]) &&
	       add_limits(record, &treatment->limits) &&
	       add_bandwidth(record, &treatment->bandwidth);
}

static int take_mode(const cJSON *record, enum rf_mode *out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(record, "mode");

	if (!item)
		return 0;
	for (int mode = 0; cJSON_IsString(item) && rf_mode_names[mode]; mode++) {
		if (!strcmp(rf_mode_names[mode], item->valuestring)) {
			*out = (enum rf_mode)mode;
			return 0;
		}
	}
	return -EINVAL;
}

static int take_number(const cJSON *json, const char *key, int64_t max, uint64_t *out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
	int64_t number = 0;

	if (item && rf_json_integer(item, 0, max, &number))
		return -EINVAL;
	*out = (uint64_t)number;
	return 0;
}

static int take_limit(const cJSON *limits, const char *key, uint32_t *out)
{
	uint64_t number = 0;
	int ret = take_number(limits, key, UINT32_MAX, &number);

	*out = (uint32_t)number;
	return ret;
}

static int take_object(const cJSON *record, const char *key, const cJSON **out)
{
	*out = cJSON_GetObjectItemCaseSensitive(record, key);
	return *out && !cJSON_IsObject(*out) ? -EINVAL : 0;
}

int rf_treatment_take(const cJSON *record, struct rf_treatment *out)
{
	const cJSON *limits, *bandwidth;

	*out = (struct rf_treatment){};
	if (take_object(record, "limits", &limits) ||
	    take_object(record, "bandwidth", &bandwidth) || take_mode(record, &out->mode) ||
	    take_limit(limits, "newFlowsPerSecond", &out->limits.new_flows_per_second) ||
	    take_limit(limits, "newFlowsBurst", &out->limits.new_flows_burst) ||
	    take_limit(limits, "sessions", &out->limits.sessions) ||
	    take_number(bandwidth, "ingressRate", INT64_MAX, &out->bandwidth.ingress_rate) ||
	    take_number(bandwidth, "ingressBurst", INT64_MAX, &out->bandwidth.ingress_burst) ||
	    take_number(bandwidth, "egressRate", INT64_MAX, &out->bandwidth.egress_rate) ||
	    take_number(bandwidth, "egressBurst", INT64_MAX, &out->bandwidth.egress_burst))
		return -EINVAL;
	return 0;
}
