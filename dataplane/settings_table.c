// SPDX-License-Identifier: Apache-2.0
/* The settings by name: what they may be, and from text to value and back. */
#include "dataplane/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RATE_MAX 1000000

static const char *const verbosities[RF_VERBOSITIES] = {
	[RF_VERBOSITY_NONE] = "none",
	[RF_VERBOSITY_DENIES] = "denies",
	[RF_VERBOSITY_FLOWS] = "flows",
	[RF_VERBOSITY_ALL] = "all",
};

static const char *const audits[RF_AUDITS] = {
	[RF_AUDIT_PODS] = "pods",
	[RF_AUDIT_ALL] = "all",
};

#define CHOICE(key, member, count, value, list, text)                                              \
	{                                                                                          \
		.name = (key), .offset = offsetof(struct rf_settings, member), .max = (count)-1,   \
		.initial = (value), .names = (list), .meaning = (text)                             \
	}
#define RATE(key, member, value, text)                                                             \
	{                                                                                          \
		.name = (key), .offset = offsetof(struct rf_settings, member), .max = RATE_MAX,    \
		.initial = (value), .unit = "a second", .meaning = (text)                          \
	}
#define TIMEOUT(key, kind, value, text)                                                            \
	{                                                                                          \
		.name = (key), .offset = offsetof(struct rf_settings, timeout[kind]), .min = 1,    \
		.max = RF_TIMEOUT_MAX, .initial = (value), .unit = "seconds", .meaning = (text)    \
	}

const struct rf_setting rf_setting_table[] = {
	CHOICE("verbosity", verbosity, RF_VERBOSITIES, RF_VERBOSITY_FLOWS, verbosities,
	       "which events there are: none, denies, also flows that rules log, also all flows "
	       "that begin"),
	CHOICE("audit", audit, RF_AUDITS, RF_AUDIT_PODS, audits,
	       "where what would be denied passes: in pods whose mode is audit, or in all pods"),
	RATE("deny-events-per-second", deny_events_per_second, RF_DENY_EVENTS_PER_SECOND,
	     "deny events that are kept, of each pod; 0: no limit"),
	RATE("flow-events-per-second", flow_events_per_second, RF_FLOW_EVENTS_PER_SECOND,
	     "flow events that are kept, of each pod; 0: no limit"),
	RATE("rejects-per-second", rejects_per_second, RF_REJECTS_PER_SECOND,
	     "resets and ICMP errors that reject sends, of each pod; 0: no limit"),
	TIMEOUT("timeout-syn", RF_STATE_SYN, 20, "TCP, handshake not complete"),
	TIMEOUT("timeout-established", RF_STATE_ESTABLISHED, 7200, "TCP, established"),
	TIMEOUT("timeout-fin", RF_STATE_FIN, 60, "TCP, one side has closed"),
	TIMEOUT("timeout-time-wait", RF_STATE_TIME_WAIT, 120, "TCP, both sides have closed"),
	TIMEOUT("timeout-closed", RF_STATE_CLOSED, 10, "TCP, reset"),
	TIMEOUT("timeout-one-way", RF_STATE_ONE_WAY, 30, "UDP and others, not answered"),
	TIMEOUT("timeout-replied", RF_STATE_REPLIED, 180, "UDP and others, answered"),
	TIMEOUT("timeout-echo", RF_TIMEOUT_ECHO, 30, "ICMP echo"),
};
const size_t rf_setting_count = sizeof(rf_setting_table) / sizeof(rf_setting_table[0]);

static void hint_names(struct rf_error *error)
{
	char names[RF_DETAILS_SIZE] = "";
	size_t length = 0;

	for (size_t i = 0; i < rf_setting_count && length < sizeof(names); i++)
		length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
					   i ? ", " : "", rf_setting_table[i].name);
	rf_error_hint(error, "settings are %s", names);
}

static const struct rf_setting *find(const char *name, size_t length)
{
	for (size_t i = 0; i < rf_setting_count; i++)
		if (strlen(rf_setting_table[i].name) == length &&
		    !memcmp(rf_setting_table[i].name, name, length))
			return &rf_setting_table[i];
	return NULL;
}

const struct rf_setting *rf_setting_find(const char *name, struct rf_error *error)
{
	const struct rf_setting *setting = find(name, strlen(name));

	if (setting)
		return setting;
	hint_names(error);
	rf_fail(error, RF_CODE_CONFIG, -EINVAL, "no setting %s", name);
	return NULL;
}

uint32_t rf_setting_value(const struct rf_setting *setting, const struct rf_settings *settings)
{
	return *(const uint32_t *)((const char *)settings + setting->offset);
}

const char *rf_setting_text(const struct rf_setting *setting, uint32_t value, char text[16])
{
	if (setting->names && value <= setting->max)
		return setting->names[value];
	snprintf(text, 16, "%" PRIu32, value);
	return text;
}

char *rf_setting_range(const struct rf_setting *setting, char *text, size_t size)
{
	size_t length = 0;

	if (!setting->names) {
		snprintf(text, size, "%" PRIu32 " to %" PRIu32 " %s", setting->min, setting->max,
			 setting->unit);
		return text;
	}
	for (uint32_t i = 0; i <= setting->max && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "",
					   setting->names[i]);
	return text;
}

static bool parse_name(const struct rf_setting *setting, const char *text, uint32_t *value)
{
	for (uint32_t i = 0; i <= setting->max; i++)
		if (!strcmp(setting->names[i], text)) {
			*value = i;
			return true;
		}
	return false;
}

/* Digits alone, no leading zero: "010" may be meant as either of two numbers. */
static bool parse_number(const struct rf_setting *setting, const char *text, uint32_t *value)
{
	uint64_t number = 0;

	if (!*text || strlen(text) > 10 || (text[0] == '0' && text[1]))
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		number = number * 10 + (uint64_t)(*text - '0');
	}
	*value = (uint32_t)number;
	return number >= setting->min && number <= setting->max;
}

int rf_setting_assign(const char *assignment, struct rf_settings *settings,
		      const struct rf_setting **setting, struct rf_error *error)
{
	const char *equals = strchr(assignment, '=');
	const struct rf_setting *named;
	uint32_t value;

	if (!equals)
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "%s is no NAME=VALUE", assignment);
	named = find(assignment, (size_t)(equals - assignment));
	if (!named) {
		hint_names(error);
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "%s: no setting of that name",
			       assignment);
	}
	if (!(named->names ? parse_name : parse_number)(named, equals + 1, &value)) {
		char range[96];

		return rf_fail(error, RF_CODE_CONFIG, -EINVAL, "%s: %s can be %s", assignment,
			       named->name, rf_setting_range(named, range, sizeof(range)));
	}
	*(uint32_t *)((char *)settings + named->offset) = value;
	*setting = named;
	return 0;
}

struct rf_settings rf_settings_default(void)
{
	struct rf_settings settings = {};

	for (size_t i = 0; i < rf_setting_count; i++)
		*(uint32_t *)((char *)&settings + rf_setting_table[i].offset) =
			rf_setting_table[i].initial;
	return settings;
}
