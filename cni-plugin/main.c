// SPDX-License-Identifier: Apache-2.0
/* ringfence, the CNI plugin: dispatch of the verbs, and the one place that prints an error. */
#include "cni-plugin/call.h"
#include "cni-plugin/input.h"
#include "netconf/cleanup.h"

#include <string.h>

static const struct verb verbs[] = {
	{
		.name = "ADD",
		.required = VARIABLE_CONTAINER_ID | VARIABLE_NETNS | VARIABLE_IFNAME,
		.scope = RF_NETCONF_WHOLE,
		.run = verb_add,
	},
	{
		.name = "DEL",
		.required = VARIABLE_CONTAINER_ID | VARIABLE_IFNAME,
		.scope = RF_NETCONF_IDENTITY,
		.run = verb_del,
	},
	{
		.name = "CHECK",
		.required = VARIABLE_CONTAINER_ID | VARIABLE_NETNS | VARIABLE_IFNAME,
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
};

static int print_about(void)
{
	fprintf(stderr, "ringfence: a chained CNI plugin that puts a stateful eBPF firewall before "
			"each pod\n"
			"CNI versions:");
	for (size_t i = 0; rf_cni_versions[i]; i++)
		fprintf(stderr, " %s", rf_cni_versions[i]);
	fprintf(stderr, "\nIt is called by a container runtime: add {\"type\": \"ringfence\"} to a "
			"conflist.\n");
	return 0;
}

static int check_version(const struct verb *verb, const struct rf_netconf *netconf,
			 struct rf_error *error)
{
	if (!verb->since || rf_cni_version_compare(netconf->cni_version, verb->since) >= 0)
		return 0;
	return rf_fail(error, RF_CODE_VERSION, -EINVAL,
		       "%s is there since CNI %s; the configuration has cniVersion %s", verb->name,
		       verb->since, netconf->cni_version);
}

static int run(const struct verb *verb, struct call *call, struct rf_error *error)
{
	int ret = environment_read(verb->required, &call->environment, error);

	if (ret)
		return ret;
	ret = input_read(-1, &call->input, &call->input_length);
	if (ret)
		return rf_fail_system(error, RF_CODE_IO, ret, "read the configuration from stdin");
	ret = rf_netconf_parse(call->input, call->input_length, verb->scope, &call->netconf, error);
	if (!ret)
		ret = check_version(verb, &call->netconf, error);
	if (!ret)
		ret = verb->run(call, error);
	return ret;
}

static void print_error(const struct rf_error *error, const char *cni_version)
{
	_cleanup_free_ char *text = rf_error_to_json(error, cni_version);

	puts(text ? text
		  : "{\"cniVersion\": \"1.0.0\", \"code\": 999, \"msg\": \"out of memory\"}");
	fprintf(stderr, "ringfence: %s%s%s\n", error->message, error->details[0] ? "; " : "",
		error->details);
}

int main(void)
{
	const char *command = getenv("CNI_COMMAND");
	struct rf_error error = {};
	struct call call = {};
	int ret = -EINVAL;

	if (!command || !command[0])
		return print_about();
	if (!strcmp(command, "VERSION"))
		return verb_version();
	rf_fail(&error, RF_CODE_ENVIRONMENT, ret, "CNI_COMMAND \"%s\" is not a verb of CNI",
		command);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(command, verbs[i].name))
			ret = run(&verbs[i], &call, &error);
	/* A result that the runtime cannot read is no success. */
	if (!ret && (fflush(stdout) || ferror(stdout)))
		ret = rf_fail_system(&error, RF_CODE_IO, -EIO, "write the result to stdout");
	if (ret)
		print_error(&error, call.netconf.cni_version);
	rf_netconf_free(&call.netconf);
	free(call.input);
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
