// SPDX-License-Identifier: Apache-2.0
/* ringfence, the CNI plugin: dispatch of the verbs, and the one place that prints an error. */
#include "bpf/abi.h"
#include "cni-plugin/call.h"
#include "cni-plugin/input.h"
#include "dataplane/capabilities.h"
#include "netconf/cleanup.h"
#include "netconf/version.h"

static int print_about(void)
{
	fprintf(stderr,
		"ringfence " RF_VERSION ", ABI %d: a chained CNI plugin that puts a stateful eBPF "
		"firewall before each pod\n"
		"CNI versions:",
		RF_ABI);
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
	if (ret == -EPERM || ret == -EACCES)
		rf_capabilities_explain(error);
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
	const char *command = environment_value(VARIABLE_COMMAND);
	const struct verb *verb = command ? verb_find(command) : NULL;
	struct rf_error error = {};
	struct call call = {};
	int ret;

	if (!command)
		return print_about();
	if (verb && verb->answer)
		return verb->answer();
	if (verb)
		ret = run(verb, &call, &error);
	else
		ret = rf_fail(&error, RF_CODE_ENVIRONMENT, -EINVAL,
			      "CNI_COMMAND \"%s\" is not a verb of CNI", command);
	/* A result that the runtime cannot read is no success. */
	if (!ret && (fflush(stdout) || ferror(stdout)))
		ret = rf_fail_system(&error, RF_CODE_IO, -EIO, "write the result to stdout");
	if (ret)
		print_error(&error, call.netconf.cni_version);
	rf_netconf_free(&call.netconf);
	free(call.input);
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
