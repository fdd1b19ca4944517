// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/option_value.h"
#include "ctl/pinhole/pinhole_words.h"
#include "netconf/cleanup.h"

#define LIFETIME_MAX 31536000u /* seconds: a year */

/* What the options say. */
static int read_pinhole(struct invocation *invocation, struct rf_pinhole *pinhole,
			struct rf_error *error)
{
	uint64_t seconds = 0, rule = 0;
	int ret = option_number(invocation, "rule", 0, UINT32_MAX, &rule, error);

	if (!ret)
		ret = option_seconds(invocation, "for", 1, LIFETIME_MAX, &seconds, error);
	if (seconds)
		pinhole->expires = rf_pinhole_clock() + seconds * 1000000000;
	pinhole->rule = (uint32_t)rule;
	pinhole->verdict = invocation_option(invocation, "deny") ? RF_DENY : RF_ALLOW;
	return ret;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_free_ struct rf_pinhole_entry *entries = NULL;
	_cleanup_names_ struct names names = {};
	struct rf_pinhole pinhole = {};
	size_t count = 0;
	int ret = read_pinhole(invocation, &pinhole, error);

	if (!ret)
		ret = names_read(invocation->objects, &names, error);
	if (!ret)
		ret = pinhole_entries_read(invocation, &names.pods, &entries, &count, error);
	for (size_t i = 0; i < count && !ret; i++) {
		entries[i].pinhole.expires = pinhole.expires;
		entries[i].pinhole.rule = pinhole.rule;
		entries[i].pinhole.verdict = pinhole.verdict;
	}
	if (!ret)
		ret = rf_pinholes_add(invocation->objects, entries, count, error);
	if (!ret)
		pinhole_print_all(invocation->json, entries, count, &names);
	return ret;
}

static const struct command_option options[] = {
	{"for", "TIME", "until it expires: 90s, 10m, 2h or 1d; else until it is deleted"},
	{"deny", NULL, "deny the flow; else it is allowed"},
	{"rule", "ID", "the number that events and sessions show; 0 for none"},
	{"address", "ADDRESS", "of this address of the pod; else of all of the peer's family"},
	{},
};

const struct command command_pinhole_add = {
	.noun = "pinhole",
	.verb = "add",
	.arguments = "POD in|out|both PROTOCOL PEER[:PORT] [PODPORT]",
	.help = "allow or deny one exact flow of a pod, above all rules",
	.details = PINHOLE_DETAILS
	"\n"
	"One that is there already is replaced. Flows under way are judged again "
	"at once, and\nthose that a pinhole has allowed again when it expires. It "
	"goes with the pod, and with\nthe maps (at a reboot).",
	.options = options,
	.arguments_min = 4,
	.arguments_max = 5,
	.run = run,
};
