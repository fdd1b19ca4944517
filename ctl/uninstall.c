// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/conflist_apply.h"
#include "netconf/cleanup.h"

int command_uninstall(struct invocation *invocation, struct rf_error *error)
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
