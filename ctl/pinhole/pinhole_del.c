// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/pinhole/pinhole_words.h"
#include "netconf/cleanup.h"

#include <errno.h>
#include <stdio.h>

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_free_ struct rf_pinhole_entry *entries = NULL;
	_cleanup_pods_ struct pods pods = {};
	size_t count = 0, removed = 0;
	int ret = pods_read(invocation->objects, &pods, error);

	if (!ret)
		ret = pinhole_entries_read(invocation, &pods, &entries, &count, error);
	if (!ret)
		ret = rf_pinholes_remove(invocation->objects, entries, count, &removed, error);
	if (ret)
		return ret;
	if (!removed)
		return rf_fail(error, RF_CODE_CONFIG, -ENOENT,
			       "pod %s has no such pinhole (ringfencectl pinhole list)",
			       invocation->arguments[0]);
	if (invocation->json)
		printf("{\"deleted\":%zu}\n", removed);
	else
		printf("%zu pinhole%s deleted\n", removed, removed == 1 ? "" : "s");
	return 0;
}

static const struct command_option options[] = {
	{"address", "ADDRESS", "of this address of the pod; else of all of the peer's family"},
	{},
};

const struct command command_pinhole_del = {
	.noun = "pinhole",
	.verb = "del",
	.arguments = "POD in|out|both PROTOCOL PEER[:PORT] [PODPORT]",
	.help = "delete a pinhole",
	.details = PINHOLE_DETAILS,
	.options = options,
	.arguments_min = 4,
	.arguments_max = 5,
	.run = run,
};
