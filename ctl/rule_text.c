// SPDX-License-Identifier: Apache-2.0
#include "ctl/rule_text.h"
#include "netconf/policy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define LISTED 8 /* of peers, exceptions and ports */

/* @before, and the strings of the list, unless it is empty. */
static void print_list(FILE *stream, const char *before, const cJSON *list)
{
	int size = cJSON_GetArraySize(list);

	for (int i = 0; i < size && i < LISTED; i++)
		fprintf(stream, "%s%s", i ? "," : before,
			cJSON_GetStringValue(cJSON_GetArrayItem(list, i)));
	if (size > LISTED)
		fprintf(stream, ",… (%d)", size);
}

static const cJSON *get(const cJSON *rule, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(rule, key);
}

static void print_qos(FILE *stream, const cJSON *qos)
{
	const cJSON *class = get(qos, "priorityClass"), *dscp = get(qos, "dscp");

	if (class) {
		uint32_t number = (uint32_t)cJSON_GetNumberValue(class);

		fprintf(stream, ", class %x:%x", number >> 16, number & 0xffff);
	}
	if (dscp)
		fprintf(stream, ", dscp %d", (int)cJSON_GetNumberValue(dscp));
}

char *rule_text(const cJSON *rule)
{
	uint32_t priority = (uint32_t)cJSON_GetNumberValue(get(rule, "priority"));
	const cJSON *protocol = get(rule, "protocol");
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		abort();
	fprintf(stream, "%" PRIu32 " %s", (uint32_t)cJSON_GetNumberValue(get(rule, "id")),
		cJSON_GetStringValue(get(rule, "action")));
	if (cJSON_IsString(protocol))
		fprintf(stream, " %s", protocol->valuestring);
	else
		fprintf(stream, " protocol %d", (int)cJSON_GetNumberValue(protocol));
	print_list(stream, " ", get(rule, "ports"));
	print_list(stream, ", peers ", get(rule, "peers"));
	print_list(stream, " except ", get(rule, "except"));
	if (priority != RF_PRIORITY_WHEN_ABSENT)
		fprintf(stream, ", priority %" PRIu32, priority);
	if (cJSON_IsTrue(get(rule, "log")))
		fprintf(stream, ", log");
	print_qos(stream, get(rule, "qos"));
	fclose(stream);
	return text;
}
