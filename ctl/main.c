// SPDX-License-Identifier: Apache-2.0
/* ringfencectl: what is protected, what was denied and why, and a policy that changes under live
 * traffic. */
#include "ctl/command.h"
#include "ctl/help.h"
#include "ctl/output/error_stream.h"
#include "ctl/words.h"
#include "dataplane/capabilities.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *allocate(size_t size)
{
	void *memory = malloc(size);

	if (memory)
		return memory;
	fprintf(stderr, "ringfencectl: out of memory\n");
	_Exit(STATUS_FAILED);
}

/*
 * What is opened later must not take the place of a standard stream that is closed, and be written
 * to as that. What stands there instead fails as a closed one would.
 */
static void occupy_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	_cleanup_objects_ struct rf_objects objects = RF_OBJECTS_NONE;
	int ret;

	if (invocation->command->needs_no_maps)
		return invocation->command->run(invocation, error);
	ret = rf_objects_open(&objects, error);
	if (ret == -ENOENT) {
		invocation->status = STATUS_NOT_LOADED;
		return rf_fail(
			error, RF_CODE_LOAD, ret,
			"nothing is loaded: the first pod that ringfence is called for loads it");
	}
	invocation->objects = &objects;
	if (!ret)
		ret = invocation->command->run(invocation, error);
	invocation->objects = NULL;
	return ret;
}

/* Maps, programs and records are root's. */
static void explain_refusal(struct rf_error *error)
{
	struct rf_error missing = {};

	if (!error->details[0] && rf_capabilities_check(&missing))
		rf_error_hint(error, "run it as root: %s", missing.message);
}

static void help(FILE *stream, const struct invocation *invocation)
{
	if (invocation->command)
		help_print_command(stream, invocation->command);
	else
		help_print_commands(stream, invocation->noun);
}

/* Where the words that are right stand. */
static void point_to_help(const struct invocation *invocation)
{
	const struct command *command = invocation->command;

	if (command)
		fprintf(stderr, "  see ringfencectl %s%s%s --help\n", command->noun,
			command->verb ? " " : "", command->verb ? command->verb : "");
	else
		fprintf(stderr, "  see ringfencectl --help\n");
}

/* What was printed may be on no disk yet. */
static int finish(enum exit_status status)
{
	bool is_incomplete = ferror(stdout);

	if (fflush(stdout))
		fprintf(stderr, "ringfencectl: write to stdout: %s\n", strerror(errno));
	else if (is_incomplete)
		fprintf(stderr, "ringfencectl: write to stdout: not all of it could be written\n");
	else
		return (int)status;
	return STATUS_FAILED;
}

int main(int argc, char **argv)
{
	cJSON_Hooks hooks = {.malloc_fn = allocate, .free_fn = free};
	struct invocation invocation = {.status = STATUS_OK};
	struct rf_error error = {};
	int ret;

	occupy_standard_streams();
	cJSON_InitHooks(&hooks);
	switch (words_read(argc, argv, &invocation)) {
	case WORDS_HELP:
		help(stdout, &invocation);
		return finish(STATUS_OK);
	case WORDS_SHORT:
		help(stderr, &invocation);
		return STATUS_USAGE;
	case WORDS_WRONG:
		point_to_help(&invocation);
		return STATUS_USAGE;
	case WORDS_COMMAND:
		break;
	}
	ret = run(&invocation, &error);
	if (ret == -EPERM || ret == -EACCES)
		explain_refusal(&error);
	if (ret) {
		fprintf(error_stream(), "ringfencectl: %s\n", error.message);
		if (error.details[0])
			fprintf(stderr, "  %s\n", error.details);
		else if (invocation.status == STATUS_USAGE)
			point_to_help(&invocation);
		return invocation.status ? (int)invocation.status : STATUS_FAILED;
	}
	return finish(invocation.status);
}
