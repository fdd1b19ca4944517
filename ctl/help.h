/* SPDX-License-Identifier: Apache-2.0 */
/* What `--help` prints, from the table of the commands. */
#ifndef RINGFENCE_CTL_HELP_H
#define RINGFENCE_CTL_HELP_H

#include "ctl/command.h"

#include <stdio.h>

/* A line for each command; of @noun alone if it is not NULL. */
void help_print_commands(FILE *stream, const char *noun);

/* One command, with its options. */
void help_print_command(FILE *stream, const struct command *command);

#endif
