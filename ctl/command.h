/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of ringfencectl: one file each, one table (commands.c), from which help, completion
 * and the check of the manual are made. */
#ifndef RINGFENCE_CTL_COMMAND_H
#define RINGFENCE_CTL_COMMAND_H

#include "dataplane/objects.h"
#include "netconf/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Exit statuses: X(name, number, meaning). man/ringfencectl.8 has the same meanings. */
#define EXIT_STATUSES(X)                                                                           \
	X(OK, 0, "done, or nothing was to be done")                                                \
	X(FAILED, 1, "it could not be done, or what was looked at has a fault")                    \
	X(USAGE, 2, "wrong words or options")                                                      \
	X(NOT_LOADED, 3, "no pod was ever protected here since the node was started")              \
	X(DENIED, 4, "explain: the answer is deny")

#define EXIT_STATUS_ENUMERATOR(name, number, meaning) STATUS_##name = (number),
enum exit_status {
	EXIT_STATUSES(EXIT_STATUS_ENUMERATOR)
};

struct command_option {
	const char *name;     /* without its dashes; NULL ends the list */
	const char *argument; /* as help shows it; NULL: the option takes none */
	const char *help;
};

#define COMMAND_OPTIONS_MAX 16

/* A command as it was called. */
struct invocation {
	const struct command *command;
	const struct rf_objects *objects; /* NULL if the command needs none */
	const char *noun;                 /* as it was written */
	char **arguments;                 /* end with NULL */
	int argument_count;
	const char *options[COMMAND_OPTIONS_MAX]; /* by index in command->options: NULL if it was
						     not given, "" if it takes no argument */
	bool json;
	enum exit_status status; /* what to exit with if run() returns 0 */
};

/* The value of option @name, which the command must have; "" of one without argument; NULL if it
 * was not given. */
const char *invocation_option(const struct invocation *invocation, const char *name);

struct command {
	const char *noun;
	const char *verb;      /* NULL: the noun is the command */
	const char *arguments; /* as help shows them */
	const char *help;      /* one line */
	const char *details;   /* more lines for the command's own help; may be NULL */
	const struct command_option *options; /* besides those of all commands; may be NULL */
	int arguments_min;
	int arguments_max;  /* -1: no limit */
	bool needs_no_maps; /* it works where nothing is loaded */
	bool has_no_json;   /* what it prints is for a program already */
	bool is_hidden;     /* for programs, not for people: help does not show it */
	/* Prints what it has to say to stdout; 0, or -errno and an error. */
	int (*run)(struct invocation *invocation, struct rf_error *error);
};

/* In the order in which help shows them. */
extern const struct command *const commands[];
extern const size_t command_count;

/* Those that every command has, but for --json, which is the first: command_common_options(). */
extern const struct command_option common_options[];

/* Those of them that @command has; NULL: that not every command need have. */
const struct command_option *command_common_options(const struct command *command);

extern const struct command command_complete;
extern const struct command command_completion;
extern const struct command command_doctor;
extern const struct command command_explain;
extern const struct command command_gc;
extern const struct command command_install;
extern const struct command command_monitor;
extern const struct command command_pinhole_add;
extern const struct command command_pinhole_del;
extern const struct command command_pinhole_list;
extern const struct command command_pod_list;
extern const struct command command_pod_show;
extern const struct command command_policy_apply;
extern const struct command command_policy_compile;
extern const struct command command_policy_delete;
extern const struct command command_policy_lint;
extern const struct command command_policy_list;
extern const struct command command_policy_reload;
extern const struct command command_policy_show;
extern const struct command command_pressure;
extern const struct command command_rule_list;
extern const struct command command_session_flush;
extern const struct command command_session_list;
extern const struct command command_session_show;
extern const struct command command_settings;
extern const struct command command_stats;
extern const struct command command_top;
extern const struct command command_uninstall;
extern const struct command command_version;

#endif
