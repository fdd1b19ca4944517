// SPDX-License-Identifier: Apache-2.0
/*
 * `ringfencectl complete -- WORD...`, which the shells' scripts ask (ctl/completion.c): what the
 * last word can become, from the table of the commands. A line each, with its help behind a tab;
 * ":files" and ":directories" stand for what the shell knows better.
 */
#include "ctl/command.h"
#include "dataplane/record.h"

#include <stdio.h>
#include <string.h>

/* The words so far. */
struct line {
	const char *noun;
	const struct command *command;
	const char *value_of; /* what the option before wants; NULL: no option is open */
	int arguments;        /* before the word that is completed */
	bool is_help;
	bool has_options_ended;
	const char *given; /* the word, as far as it is there */
	int prefix;        /* how much of it stands before a value: --option= */
};

static void offer(const struct line *line, const char *word, const char *help)
{
	const char *value = line->given + line->prefix;

	if (strncmp(word, value, strlen(value)) != 0)
		return;
	printf("%.*s%s%s%s\n", line->prefix, line->given, word, help ? "\t" : "", help ? help : "");
}

static int offer_pod(const struct rf_record *record, struct rf_error *error, void *context)
{
	char pod[600];

	(void)error;
	if (record)
		offer(context, rf_record_pod_text(record, pod), NULL);
	return 0;
}

/* What help calls an argument so, can be these. */
static const struct {
	const char *name;
	const char *const *words;
} known[] = {
	{"MODE", (const char *const[]){"enforce", "audit", NULL}},
	{"PROTOCOL", (const char *const[]){"tcp", "udp", "sctp", "icmp", "icmpv6", NULL}},
	{"SHELL", (const char *const[]){"bash", "zsh", NULL}},
};

static void offer_values(struct line *line, const char *name)
{
	struct rf_error ignored = {};

	if (!strcmp(name, "FILE") || !strcmp(name, "CONFLIST"))
		puts(":files");
	else if (!strcmp(name, "DIR"))
		puts(":directories");
	else if (!strcmp(name, "POD") || !strncmp(name, "ADDR[", 5) || !strncmp(name, "ADDR:", 5))
		rf_record_each(NULL, offer_pod, line, &ignored);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		for (size_t j = 0; !strcmp(name, known[i].name) && known[i].words[j]; j++)
			offer(line, known[i].words[j], NULL);
}

static const struct command_option *find_option(const struct command *command, const char *name,
						size_t length)
{
	for (const struct command_option *option = command ? command->options : NULL;
	     option && option->name; option++)
		if (strlen(option->name) == length && !strncmp(option->name, name, length))
			return option;
	return NULL;
}

static void offer_options(const struct line *line)
{
	const struct command_option *const lists[] = {line->command ? line->command->options : NULL,
						      command_common_options(line->command)};

	for (size_t i = 0; i < 2; i++)
		for (const struct command_option *option = lists[i]; option && option->name;
		     option++) {
			char text[64];

			snprintf(text, sizeof(text), "--%s", option->name);
			offer(line, text, option->help);
		}
}

static bool is_first_of_its_noun(size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (!strcmp(commands[i]->noun, commands[index]->noun))
			return false;
	return true;
}

static void offer_nouns(const struct line *line)
{
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i]->is_hidden && is_first_of_its_noun(i))
			offer(line, commands[i]->noun,
			      commands[i]->verb ? NULL : commands[i]->help);
	if (!line->is_help)
		offer(line, "help", "what a command does, and its options");
}

static void offer_verbs(const struct line *line)
{
	for (size_t i = 0; i < command_count; i++)
		if (!strcmp(commands[i]->noun, line->noun) && commands[i]->verb)
			offer(line, commands[i]->verb, commands[i]->help);
}

/* One of several, or one that is there as it is: "in|out", "FILE". */
static void offer_alternatives(struct line *line, char *names)
{
	for (char *name; (name = strsep(&names, "|"));)
		if (*name >= 'a' && *name <= 'z')
			offer(line, name, NULL);
		else
			offer_values(line, name);
}

/* The next argument, without what says that it is optional or may be repeated. */
static void offer_argument(struct line *line)
{
	char text[128], *rest = text, *name = text;

	snprintf(text, sizeof(text), "%s", line->command->arguments);
	for (int i = 0; i <= line->arguments; i++) {
		char *next = strsep(&rest, " ");

		if (!next && !strstr(name, "..."))
			return;
		name = next ? next : name;
	}
	name += strspn(name, "[");
	name[strcspn(name, "[].")] = '\0';
	offer_alternatives(line, name);
}

static const struct command *find_command(const char *noun, const char *verb)
{
	for (size_t i = 0; i < command_count; i++)
		if (!commands[i]->is_hidden && !strcmp(commands[i]->noun, noun) &&
		    (verb ? commands[i]->verb && !strcmp(commands[i]->verb, verb)
			  : !commands[i]->verb))
			return commands[i];
	return NULL;
}

static void take_word(struct line *line, const char *word)
{
	const struct command *command;

	if (!line->noun && !line->is_help && !strcmp(word, "help")) {
		line->is_help = true;
		return;
	}
	if (!line->noun) {
		line->noun = word;
		line->command = find_command(word, NULL);
		return;
	}
	command = line->arguments ? NULL : find_command(line->noun, word);
	if (command && (!line->command || !line->command->verb))
		line->command = command;
	else
		line->arguments++;
}

static void take_option(struct line *line, const char *word)
{
	const struct command_option *option =
		find_option(line->command, word + 2, strlen(word + 2));

	line->has_options_ended = !strcmp(word, "--");
	line->value_of = option ? option->argument : NULL;
}

/* bash makes a word of its own of the "=" behind an option. */
static void take(struct line *line, const char *word)
{
	if (line->value_of) {
		if (strcmp(word, "=") != 0)
			line->value_of = NULL;
	} else if (!line->has_options_ended && !strncmp(word, "--", 2)) {
		take_option(line, word);
	} else {
		take_word(line, word);
	}
}

/* The word that is completed may be --option=value itself. */
static void open_value(struct line *line)
{
	const char *equals = strchr(line->given, '=');
	const struct command_option *option = NULL;

	if (line->value_of && !strcmp(line->given, "="))
		line->given = "";
	if (line->value_of || line->has_options_ended || !equals ||
	    strncmp(line->given, "--", 2) != 0)
		return;
	option = find_option(line->command, line->given + 2, (size_t)(equals - line->given) - 2);
	line->value_of = option && option->argument ? option->argument : "";
	line->prefix = (int)(equals - line->given) + 1;
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	struct line line = {.given = ""};
	int last = invocation->argument_count - 1;

	(void)error;
	for (int i = 0; i < last; i++)
		take(&line, invocation->arguments[i]);
	if (last >= 0)
		line.given = invocation->arguments[last];
	open_value(&line);
	if (line.value_of)
		offer_values(&line, line.value_of);
	else if (!line.has_options_ended && line.given[0] == '-')
		offer_options(&line);
	else if (!line.noun)
		offer_nouns(&line);
	else if (!line.command || (!line.command->verb && !line.arguments))
		offer_verbs(&line);
	if (!line.value_of && line.given[0] != '-' && line.command && !line.is_help)
		offer_argument(&line);
	return 0;
}

const struct command command_complete = {
	.noun = "complete",
	.arguments = "[--] WORD...",
	.help = "what the last word can become; the shells' completion asks it",
	.arguments_max = -1,
	.needs_no_maps = true,
	.has_no_json = true,
	.is_hidden = true,
	.run = run,
};
