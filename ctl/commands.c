// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"

const struct command_option common_options[] = {
	{"json", NULL, "print JSON"},
	{"help", NULL, "what the command does, and its options"},
	{},
};

const struct command commands[] = {
	{
		.noun = "pod",
		.verb = "list",
		.arguments = "",
		.help = "the protected pods, their addresses and policies",
		.run = command_pod_list,
	},
	{
		.noun = "policy",
		.verb = "apply",
		.arguments = "FILE",
		.help = "put the document in force for the running pods that its selector chooses",
		.arguments_min = 1,
		.arguments_max = 1,
		.run = command_policy_apply,
	},
	{
		.noun = "session",
		.verb = "list",
		.arguments = "[POD]",
		.help = "flows that are allowed, and by what",
		.arguments_max = 1,
		.run = command_session_list,
	},
	{
		.noun = "stats",
		.arguments = "[POD]",
		.help = "packets and bytes by pod, direction and reason",
		.arguments_max = 1,
		.run = command_stats,
	},
	{
		.noun = "pressure",
		.arguments = "",
		.help = "how full the maps are",
		.run = command_pressure,
	},
	{
		.noun = "monitor",
		.arguments = "[COUNT]",
		.help = "what is denied or logged, as it happens, until interrupted or COUNT lines",
		.arguments_max = 1,
		.run = command_monitor,
	},
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);
