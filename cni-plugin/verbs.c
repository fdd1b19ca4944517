// SPDX-License-Identifier: Apache-2.0
/* The verbs, and what each needs. */
#include "cni-plugin/call.h"

#include <string.h>

const struct verb verbs[] = {
	{
		.name = "ADD",
		.required = VARIABLE_BIT(VARIABLE_CONTAINER_ID) | VARIABLE_BIT(VARIABLE_NETNS) |
			    VARIABLE_BIT(VARIABLE_IFNAME),
		.scope = RF_NETCONF_WHOLE,
		.run = verb_add,
	},
	{
		.name = "DEL",
		.required = VARIABLE_BIT(VARIABLE_CONTAINER_ID) | VARIABLE_BIT(VARIABLE_IFNAME),
		.scope = RF_NETCONF_IDENTITY,
		.run = verb_del,
	},
	{
		.name = "CHECK",
		.required = VARIABLE_BIT(VARIABLE_CONTAINER_ID) | VARIABLE_BIT(VARIABLE_NETNS) |
			    VARIABLE_BIT(VARIABLE_IFNAME),
		.since = "0.4.0",
		.scope = RF_NETCONF_WHOLE,
		.run = verb_check,
	},
	{
		.name = "GC",
		.since = "1.1.0",
		.scope = RF_NETCONF_IDENTITY,
		.run = verb_gc,
	},
	{
		.name = "STATUS",
		.since = "1.1.0",
		.scope = RF_NETCONF_IDENTITY,
		.run = verb_status,
	},
	{
		.name = "VERSION",
		.answer = verb_version,
	},
	{},
};

const struct verb *verb_find(const char *name)
{
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (!strcmp(verb->name, name))
			return verb;
	return NULL;
}
