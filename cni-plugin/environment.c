// SPDX-License-Identifier: Apache-2.0
#include "cni-plugin/environment.h"
#include "netconf/identifier.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The variable's value; NULL if it is absent or empty, which runtimes mean alike. */
static const char *value_of(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] ? value : NULL;
}

static void note_missing(char missing[64], const char *name)
{
	size_t length = strlen(missing);

	snprintf(missing + length, 64 - length, "%s%s", length ? ", " : "", name);
}

/* "K8S_POD_NAME=web-1;IgnoreUnknown=1": the value of @key, or "". */
static void take_argument(const char *arguments, const char *key, char *out, size_t size)
{
	size_t key_length = strlen(key);

	out[0] = '\0';
	while (arguments && arguments[0]) {
		size_t length = strcspn(arguments, ";");

		if (length > key_length && !strncmp(arguments, key, key_length) &&
		    arguments[key_length] == '=' && length - key_length - 1 < size)
			snprintf(out, size, "%.*s", (int)(length - key_length - 1),
				 arguments + key_length + 1);
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
	const char *override = value_of("CNI_NETNS_OVERRIDE");
	struct environment environment = {
		.container_id = value_of("CNI_CONTAINERID"),
		.netns = value_of("CNI_NETNS"),
		.ifname = value_of("CNI_IFNAME"),
		.netns_override = override && (!strcmp(override, "1") || !strcmp(override, "true")),
	};
	char missing[64] = "";
	int ret;

	if (required & VARIABLE_CONTAINER_ID && !environment.container_id)
		note_missing(missing, "CNI_CONTAINERID");
	if (required & VARIABLE_NETNS && !environment.netns)
		note_missing(missing, "CNI_NETNS");
	if (required & VARIABLE_IFNAME && !environment.ifname)
		note_missing(missing, "CNI_IFNAME");
	if (missing[0])
		return rf_fail(error, RF_CODE_ENVIRONMENT, -EINVAL,
			       "missing in the environment: %s", missing);
	ret = validate(&environment, error);
	if (ret)
		return ret;
	take_argument(getenv("CNI_ARGS"), "K8S_POD_NAMESPACE", environment.pod_namespace,
		      sizeof(environment.pod_namespace));
	take_argument(getenv("CNI_ARGS"), "K8S_POD_NAME", environment.pod_name,
		      sizeof(environment.pod_name));
	*out = environment;
	return 0;
}
