// SPDX-License-Identifier: Apache-2.0
#include "ctl/words.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define COMMON_JSON   1000
#define COMMON_HELP   1001
#define OPTION_NUMBER 2000 /* of the command's first option */

const char *invocation_option(const struct invocation *invocation, const char *name)
{
	const struct command_option *options = invocation->command->options;

	for (size_t i = 0; options && options[i].name; i++)
		if (!strcmp(options[i].name, name))
			return invocation->options[i];
	return NULL;
}

const struct command *words_find(const char *noun, const char *verb, bool *uses_verb)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = commands[i];

		if (strcmp(command->noun, noun) ||
		    (command->verb && (!verb || strcmp(command->verb, verb))))
			continue;
		*uses_verb = command->verb;
		return command;
	}
	return NULL;
}

static bool is_noun(const char *word)
{
	for (size_t i = 0; i < command_count; i++)
		if (!strcmp(commands[i]->noun, word))
			return true;
	return false;
}

static void list_options(const struct command *command, struct option list[COMMAND_OPTIONS_MAX + 3])
{
	const struct command_option *options = command ? command->options : NULL;
	size_t count = 0;

	list[count++] = (struct option){"json", no_argument, NULL, COMMON_JSON};
	list[count++] = (struct option){"help", no_argument, NULL, COMMON_HELP};
	for (int i = 0; options && options[i].name && i < COMMAND_OPTIONS_MAX; i++)
		list[count++] = (struct option){
			options[i].name, options[i].argument ? required_argument : no_argument,
			NULL, OPTION_NUMBER + i};
	list[count] = (struct option){};
}

static void take(struct invocation *invocation, int option)
{
	if (option == COMMON_JSON)
		invocation->json = true;
	else
		invocation->options[option - OPTION_NUMBER] = optarg ? optarg : "";
}

/* getopt_long() takes the beginning of a name for the whole, until another option begins so, too.
 */
static bool is_whole(const struct option *list, int number, const char *word)
{
	for (size_t i = 0; list[i].name; i++)
		if (list[i].val == number)
			return strcspn(word, "=") == strlen("--") + strlen(list[i].name);
	return false;
}

static enum words_result refuse_option(const char *word)
{
	fprintf(stderr, "ringfencectl: no option %s\n", word);
	return WORDS_WRONG;
}

/* Of several letters behind one dash the one that is wrong is named: getopt() says no more. */
static enum words_result refuse_unknown(const char *word)
{
	const char letter[] = {'-', (char)optopt, '\0'};

	return refuse_option(optopt > ' ' && optopt < 0x7f ? letter : word);
}

/* The options among argv[1] and later; what is none comes behind them. */
static enum words_result read_options(int argc, char **argv, struct invocation *invocation)
{
	struct option list[COMMAND_OPTIONS_MAX + 3];
	enum words_result result = WORDS_COMMAND;
	const char *word;
	int option;

	list_options(invocation->command, list);
	opterr = 0;
	optind = 0;
	while ((option = getopt_long(argc, argv, invocation->command ? ":h" : "+:h", list, NULL)) !=
	       -1) {
		switch (option) {
		case '?':
			return refuse_unknown(argv[optind - 1]);
		case ':':
			fprintf(stderr, "ringfencectl: option %s needs a value\n",
				argv[optind - 1]);
			return WORDS_WRONG;
		case 'h':
			result = WORDS_HELP;
			break;
		default:
			word = argv[optind - (optarg == argv[optind - 1] ? 2 : 1)];
			if (!is_whole(list, option, word))
				return refuse_option(word);
			if (option == COMMON_HELP)
				result = WORDS_HELP;
			else
				take(invocation, option);
		}
	}
	return result;
}

static enum words_result count_arguments(struct invocation *invocation)
{
	const struct command *command = invocation->command;

	while (invocation->arguments[invocation->argument_count])
		invocation->argument_count++;
	if (invocation->argument_count < command->arguments_min) {
		fprintf(stderr, "ringfencectl: %s%s%s needs %s\n", command->noun,
			command->verb ? " " : "", command->verb ? command->verb : "",
			command->arguments);
		return WORDS_WRONG;
	}
	if (command->arguments_max >= 0 && invocation->argument_count > command->arguments_max) {
		fprintf(stderr, "ringfencectl: \"%s\" is one word too many\n",
			invocation->arguments[command->arguments_max]);
		return WORDS_WRONG;
	}
	return WORDS_COMMAND;
}

static enum words_result refuse_command(char **words)
{
	bool is_verb_wrong = is_noun(words[0]) && words[1];

	fprintf(stderr, "ringfencectl: no command %s%s%s\n", words[0], is_verb_wrong ? " " : "",
		is_verb_wrong ? words[1] : "");
	return WORDS_WRONG;
}

/* `help`, `help NOUN` and `help NOUN VERB` are as `--help` behind the words. */
static enum words_result read_help(char **words, struct invocation *invocation)
{
	bool uses_verb;

	invocation->noun = words[0];
	if (words[0])
		invocation->command = words_find(words[0], words[1], &uses_verb);
	if (words[0] && !invocation->command &&
	    !(is_noun(words[0]) && (!words[1] || words[1][0] == '-')))
		return refuse_command(words);
	return WORDS_HELP;
}

/* The name of a pod without namespace begins with "-/", which getopt would take for options. */
#define NAME_DASH '-'
#define NAME_MARK '\1'

static void exchange_first(char **words, char from, char to)
{
	for (; *words; words++)
		if ((*words)[0] == from && (*words)[1] == '/')
			(*words)[0] = to;
}

static enum words_result read_words(int argc, char **argv, struct invocation *invocation)
{
	enum words_result result = read_options(argc, argv, invocation);
	char **words = argv + optind;
	bool uses_verb = false;
	int used;

	if (result == WORDS_HELP)
		return read_help(words, invocation);
	if (result == WORDS_WRONG)
		return result;
	if (!words[0])
		return WORDS_SHORT;
	if (!strcmp(words[0], "help"))
		return read_help(words + 1, invocation);
	invocation->noun = words[0];
	invocation->command = words_find(words[0], words[1], &uses_verb);
	if (!invocation->command) {
		if (is_noun(words[0]) && (!words[1] || words[1][0] == '-')) {
			result = read_options(argc - optind, words, invocation);
			return result == WORDS_COMMAND ? WORDS_SHORT : result;
		}
		return refuse_command(words);
	}
	used = uses_verb ? 1 : 0;
	result = read_options(argc - optind - used, words + used, invocation);
	if (result != WORDS_COMMAND)
		return result;
	/* It may have stood before the command. */
	if (invocation->json && invocation->command->has_no_json)
		return refuse_option("--json");
	invocation->arguments = words + used + optind;
	return WORDS_COMMAND;
}

enum words_result words_read(int argc, char **argv, struct invocation *invocation)
{
	enum words_result result;

	exchange_first(argv, NAME_DASH, NAME_MARK);
	result = read_words(argc, argv, invocation);
	exchange_first(argv, NAME_MARK, NAME_DASH);
	return result == WORDS_COMMAND ? count_arguments(invocation) : result;
}
