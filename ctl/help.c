// SPDX-License-Identifier: Apache-2.0
#include "ctl/help.h"

#include <string.h>

#define USAGE_SIZE 160

static const char *usage(const struct command *command, char text[USAGE_SIZE])
{
	snprintf(text, USAGE_SIZE, "%s%s%s%s%s", command->noun, command->verb ? " " : "",
		 command->verb ? command->verb : "", *command->arguments ? " " : "",
		 command->arguments);
	return text;
}

/* What is too long for its column has the help below it. */
static void print_line(FILE *stream, const char *usage, int width, const char *help)
{
	if ((int)strlen(usage) > width)
		fprintf(stream, "  %s\n  %-*s  %s\n", usage, width, "", help);
	else
		fprintf(stream, "  %-*s  %s\n", width, usage, help);
}

void help_print_commands(FILE *stream, const char *noun)
{
	char text[USAGE_SIZE];
	int width = 0;

	for (size_t i = 0; i < command_count; i++) {
		int length = (int)strlen(usage(commands[i], text));

		if (length > width && length <= 36)
			width = length;
	}
	fprintf(stream, "Usage: ringfencectl COMMAND [OPTION...]\n\nCommands:\n");
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i]->is_hidden && (!noun || !strcmp(noun, commands[i]->noun)))
			print_line(stream, usage(commands[i], text), width, commands[i]->help);
	fprintf(stream,
		"\nPOD is namespace/name, a container's id or 8 or more characters it begins "
		"with, or\nnetwork/container/interface. "
		"`ringfencectl COMMAND --help` has more of a command.\n");
}

static void print_options(FILE *stream, const struct command_option *options)
{
	for (; options && options->name; options++) {
		char text[USAGE_SIZE];

		snprintf(text, sizeof(text), "--%s%s%s", options->name,
			 options->argument ? " " : "", options->argument ? options->argument : "");
		fprintf(stream, "  %-24s %s\n", text, options->help);
	}
}

void help_print_command(FILE *stream, const struct command *command)
{
	char text[USAGE_SIZE];

	fprintf(stream, "Usage: ringfencectl %s [OPTION...]\n\n%s\n", usage(command, text),
		command->help);
	if (command->details)
		fprintf(stream, "\n%s\n", command->details);
	fprintf(stream, "\nOptions:\n");
	print_options(stream, command->options);
	print_options(stream, command_common_options(command));
}
