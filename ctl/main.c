// SPDX-License-Identifier: Apache-2.0
/* ringfencectl: what is protected, what was denied and why, and a policy that changes under live
 * traffic. */
#include "ctl/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum exit_status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

static const struct command commands[] = {
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

static void print_help(FILE *stream)
{
	fprintf(stream, "Usage: ringfencectl COMMAND\n\nCommands:\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		char usage[64];

		snprintf(usage, sizeof(usage), "%s %s%s%s", commands[i].noun,
			 commands[i].verb ? commands[i].verb : "", commands[i].verb ? " " : "",
			 commands[i].arguments);
		fprintf(stream, "  %-20s %s\n", usage, commands[i].help);
	}
	fprintf(stream, "\nPOD is namespace/name, or a container's id.\n");
}

static const struct command *find_command(char **words, char ***arguments)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(words[0], commands[i].noun))
			continue;
		if (commands[i].verb && (!words[1] || strcmp(words[1], commands[i].verb)))
			continue;
		*arguments = words + (commands[i].verb ? 2 : 1);
		return &commands[i];
	}
	return NULL;
}

static int run(const struct command *command, char **arguments, struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	int ret = rf_objects_open(&objects, error);

	if (ret == -ENOENT)
		return rf_fail(
			error, RF_CODE_LOAD, ret,
			"nothing is loaded: the first pod that ringfence is called for loads it");
	return ret ? ret : command->run(&objects, arguments, error);
}

int main(int argc, char **argv)
{
	struct rf_error error = {};
	const struct command *command;
	char **arguments;
	int count = 0;

	if (argc > 1 && (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help"))) {
		print_help(stdout);
		return STATUS_OK;
	}
	command = argc > 1 ? find_command(argv + 1, &arguments) : NULL;
	if (command)
		while (arguments[count])
			count++;
	if (!command || count < command->arguments_min || count > command->arguments_max) {
		print_help(stderr);
		return STATUS_USAGE;
	}
	if (run(command, arguments, &error)) {
		fprintf(stderr, "ringfencectl: %s\n", error.message);
		if (error.details[0])
			fprintf(stderr, "  %s\n", error.details);
		return STATUS_FAILED;
	}
	return fflush(stdout) ? STATUS_FAILED : STATUS_OK;
}
