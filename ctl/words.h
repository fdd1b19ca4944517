/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: from words to a command with its arguments and options. */
#ifndef RINGFENCE_CTL_WORDS_H
#define RINGFENCE_CTL_WORDS_H

#include "ctl/command.h"

/* What the words ask for. */
enum words_result {
	WORDS_COMMAND, /* *@invocation is filled, but for its objects */
	WORDS_HELP,    /* of invocation->command, or of all if it is NULL */
	WORDS_SHORT,   /* they end too early; help tells how they may go on */
	WORDS_WRONG,   /* the fault was printed to stderr */
};

/*
 * Read @argv, whose first word is the program's name and which ends with NULL. Options may stand
 * anywhere, `--name=value` or `--name value`; what is behind `--` is none. The invocation borrows
 * from @argv, whose order may be changed.
 */
enum words_result words_read(int argc, char **argv, struct invocation *invocation);

/* The command that is called so; NULL if there is none. @verb may be NULL. *@uses_verb: it is part
 * of the command's name. */
const struct command *words_find(const char *noun, const char *verb, bool *uses_verb);

#endif
