// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/environment.h"
#include "netconf/identifier.h"
#include "netconf/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const environment_variables[] = {
	[VARIABLE_COMMAND] = "CNI_COMMAND",
	[VARIABLE_CONTAINER_ID] = "CNI_CONTAINERID",
	[VARIABLE_NETNS] = "CNI_NETNS",
	[VARIABLE_IFNAME] = "CNI_IFNAME",
	[VARIABLE_ARGS] = "CNI_ARGS",
	[VARIABLE_NETNS_OVERRIDE] = "CNI_NETNS_OVERRIDE",
	[VARIABLES] = NULL,
};

const char *environment_value(enum variable variable)
{
	const char *value = getenv(environment_variables[variable]);

	return value && value[0] ? value : NULL;
}

static int check_required(unsigned int required, struct rf_error *error)
{
	char missing[128] = "";
	size_t used = 0;

	for (int i = 0; i < VARIABLES; i++)
		if (required & VARIABLE_BIT(i) && !environment_value(i))
			used += (size_t)snprintf(missing + used, sizeof(missing) - used, "%s%s",
						 used ? ", " : "", environment_variables[i]);
	if (!used)
		return 0;
	return rf_fail(error, RF_CODE_ENVIRONMENT, -EINVAL, "missing in the environment: %s",
		       missing);
}

/* Names are shown to people and written as JSON. */
static bool is_printable(const char *text, size_t length)
{
	for (size_t step; length; text += step, length -= step) {
		step = rf_utf8_sequence(text, length);
		if (!step || (unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	}
	return true;
}

/*
 * "K8S_POD_NAME=web-1;IgnoreUnknown=1": the value of @key, or "". A value that is none is not
 * taken: a part of it would choose another pod's policy.
 */
static void take_argument(const char *key, struct environment *environment, char out[254])
{
	const char *arguments = environment_value(VARIABLE_ARGS);
	size_t key_length = strlen(key);

	while (arguments && arguments[0]) {
		size_t length = strcspn(arguments, ";");

		if (length > key_length && !strncmp(arguments, key, key_length) &&
		    arguments[key_length] == '=') {
			const char *value = arguments + key_length + 1;
			size_t value_length = length - key_length - 1;

			if (value_length < 254 && is_printable(value, value_length))
				snprintf(out, 254, "%.*s", (int)value_length, value);
			else
				environment->bad_argument = key;
		}
		arguments += length + (arguments[length] == ';');
	}
}

static int validate(const struct environment *environment, struct rf_error *error)
{
	if (environment->container_id && !rf_is_identifier(environment->container_id))
		return rf_fail(error, RF_CODE_ENVIRONMENT, -EINVAL,
			       "CNI_CONTAINERID \"%s\" is not of the form "
			       "^[a-zA-Z0-9][a-zA-Z0-9_.-]*$",
			       environment->container_id);
	if (environment->ifname && !rf_is_interface_name(environment->ifname))
		return rf_fail(
			error, RF_CODE_ENVIRONMENT, -EINVAL,
			"CNI_IFNAME \"%s\" is not an interface name: 1 to 15 bytes, not . or .., "
			"without /, : and white space",
			environment->ifname);
	return 0;
}

int environment_read(unsigned int required, struct environment *out, struct rf_error *error)
{
	const char *override = environment_value(VARIABLE_NETNS_OVERRIDE);
	struct environment environment = {
		.container_id = environment_value(VARIABLE_CONTAINER_ID),
		.netns = environment_value(VARIABLE_NETNS),
		.ifname = environment_value(VARIABLE_IFNAME),
		.netns_override = override && (!strcmp(override, "1") || !strcmp(override, "true")),
	};
	int ret = check_required(required, error);

	if (!ret)
		ret = validate(&environment, error);
	if (ret)
		return ret;
	take_argument("K8S_POD_NAMESPACE", &environment, environment.pod_namespace);
	take_argument("K8S_POD_NAME", &environment, environment.pod_name);
	*out = environment;
	return 0;
}
