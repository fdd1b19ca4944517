// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/conflist/conflist_apply.h"
#include "netconf/cleanup.h"

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_conflist_file_ struct conflist_file file = CONFLIST_FILE_NONE;
	_cleanup_free_ char *text = NULL;
	size_t length = 0;
	int ret = conflist_open_asked(invocation, &file, error);

	if (ret)
		return ret;
	if (!rf_conflist_find(&file.list, RF_PLUGIN_TYPE, NULL))
		return conflist_apply(invocation, &file, NULL, 0, "ringfence is not in it",
				      cJSON_CreateArray(), error);
	ret = rf_conflist_remove(&file.list, RF_PLUGIN_TYPE, &text, &length);
	if (ret == -EINVAL) {
		rf_error_hint(error, "remove the file, if the network is not used: rm %s",
			      file.path);
		return rf_fail(error, RF_CODE_CONFIG, ret,
			       "%s: ringfence is the only plugin, and a list without any is none",
			       file.path);
	}
	if (ret)
		return rf_fail(error, RF_CODE_INTERNAL, ret, "out of memory");
	return conflist_apply(invocation, &file, text, length,
			      "ringfence is not in it any more; running pods stay under their "
			      "policy until they end",
			      cJSON_CreateArray(), error);
}

static const struct command_option options[] = {
	{"directory", "DIR", "where the runtime's files are (/etc/cni/net.d)"},
	{"dry-run", NULL, "print the change as a diff, and do not make it"},
	{},
};

const struct command command_uninstall = {
	.noun = "uninstall",
	.arguments = "[CONFLIST]",
	.help = "remove ringfence from the runtime's list of plugins",
	.details = "Running pods stay under their policy until they end.",
	.options = options,
	.arguments_max = 1,
	.needs_no_maps = true,
	.run = run,
};
