/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule asks for the packets of the flows that it allows: "qos". */
#include "netconf/policy_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DSCP_MAX 63

/* RFC 2474 (class selectors), RFC 2597 (assured forwarding), RFC 3246 (expedited forwarding). */
static const struct {
	const char *name;
	uint8_t dscp;
} code_points[] = {
	{"CS0", 0},   {"CS1", 8},   {"CS2", 16},  {"CS3", 24},  {"CS4", 32},  {"CS5", 40},
	{"CS6", 48},  {"CS7", 56},  {"AF11", 10}, {"AF12", 12}, {"AF13", 14}, {"AF21", 18},
	{"AF22", 20}, {"AF23", 22}, {"AF31", 26}, {"AF32", 28}, {"AF33", 30}, {"AF41", 34},
	{"AF42", 36}, {"AF43", 38}, {"EF", 46},
};

static int read_dscp(const cJSON *value, const struct rf_place *place, void *target,
		     struct rf_error *error)
{
	struct rf_qos *qos = target;
	int64_t number = 0;
	int result;

	qos->has_dscp = true;
	if (!cJSON_IsString(value)) {
		if (!cJSON_IsNumber(value))
			return rf_fail_type(error, place, value, "a string or a number");
		result = rf_read_integer(value, place, 0, DSCP_MAX, &number, error);
		qos->dscp = (uint8_t)number;
		return result;
	}
	for (size_t i = 0; i < sizeof(code_points) / sizeof(code_points[0]); i++) {
		if (!strcmp(code_points[i].name, value->valuestring)) {
			qos->dscp = code_points[i].dscp;
			return 0;
		}
	}
	rf_fail_at(error, RF_CODE_CONFIG, place, "\"%s\" is no known code point",
		   value->valuestring);
	rf_error_hint(error,
		      "allowed are CS0 to CS7, AF11 to AF43, EF, or a number from 0 to %d "
		      "without quotes",
		      DSCP_MAX);
	return -EINVAL;
}

/* One to four digits; *@text is then behind them. */
static bool take_hexadecimal(const char **text, uint32_t *out)
{
	size_t digits = strspn(*text, "0123456789abcdefABCDEF");

	if (digits < 1 || digits > 4)
		return false;
	*out = (uint32_t)strtoul(*text, NULL, 16);
	*text += digits;
	return true;
}

/* "1:10", as tc writes a class. */
static bool parse_class(const char *text, uint32_t *out)
{
	uint32_t major;
	uint32_t minor;

	if (!take_hexadecimal(&text, &major) || *text++ != ':' ||
	    !take_hexadecimal(&text, &minor) || *text)
		return false;
	*out = major << 16 | minor;
	return true;
}

static int read_priority_class(const cJSON *value, const struct rf_place *place, void *target,
			       struct rf_error *error)
{
	struct rf_qos *qos = target;
	int64_t number = 0;
	int result;

	qos->has_priority = true;
	if (cJSON_IsNumber(value)) {
		result = rf_read_integer(value, place, 0, UINT32_MAX, &number, error);
		qos->priority = (uint32_t)number;
		return result;
	}
	if (!cJSON_IsString(value))
		return rf_fail_type(error, place, value, "a string or a number");
	if (parse_class(value->valuestring, &qos->priority))
		return 0;
	rf_fail_at(error, RF_CODE_CONFIG, place, "\"%s\" is no class of tc", value->valuestring);
	rf_error_hint(error, "allowed are such as \"1:10\" (major:minor, each one to four "
			     "hexadecimal digits), or a number without quotes");
	return -EINVAL;
}

int rf_qos_read(const cJSON *json, const struct rf_place *place, struct rf_qos *out,
		struct rf_error *error)
{
	static const struct rf_field fields[] = {
		{"priorityClass", read_priority_class},
		{"dscp", read_dscp},
		{NULL, NULL},
	};
	int result = rf_read_object(json, place, fields, out, error);

	if (result < 0 || json->child)
		return result;
	rf_fail_at(error, RF_CODE_CONFIG, place, "is empty");
	rf_error_hint(error, "give priorityClass, dscp or both, or remove the key");
	return -EINVAL;
}
