// SPDX-License-Identifier: Apache-2.0
#include "ctl/command.h"
#include "ctl/policy/lint.h"
#include "netconf/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX ".json"

/* False if the document has faults. */
static bool lint_document(struct lint *lint, const char *path, struct policy_document *document)
{
	struct rf_error error = {};

	if (policy_document_load(path, document, &error)) {
		lint_report(lint, LINT_FAULT, path, 0, "%s", error.message);
		return false;
	}
	if (!lint_faults(lint, document))
		return false;
	lint_warnings(lint, document);
	return true;
}

static void lint_file(struct lint *lint, const char *path)
{
	struct policy_document document = {};

	lint_document(lint, path, &document);
	policy_document_free(&document);
}

/* As policyDir takes them. */
static int is_document(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > strlen(SUFFIX) &&
	       !strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX);
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void lint_entries(struct lint *lint, const char *directory, struct dirent **entries,
			 size_t count)
{
	_cleanup_free_ struct policy_document *documents = calloc(count + 1, sizeof(*documents));
	_cleanup_free_ char **paths = calloc(count + 1, sizeof(*paths));
	struct stat status;
	size_t right = 0;

	if (!documents || !paths)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (asprintf(&paths[i], "%s/%s", directory, entries[i]->d_name) < 0)
			abort();
		/* A pipe would be waited for. */
		if (stat(paths[i], &status) || !S_ISREG(status.st_mode))
			lint_report(lint, LINT_FAULT, paths[i], 0, "is no regular file");
		else if (lint_document(lint, paths[i], &documents[right]))
			right++;
		else
			policy_document_free(&documents[right]);
	}
	lint_conflicts(lint, documents, right);
	for (size_t i = 0; i < right; i++)
		policy_document_free(&documents[i]);
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
}

static void lint_directory(struct lint *lint, const char *directory)
{
	struct dirent **entries = NULL;
	int count = scandir(directory, &entries, is_document, compare_names);

	if (count < 0) {
		lint_report(lint, LINT_FAULT, directory, 0, "read directory: %s", strerror(errno));
		return;
	}
	lint_entries(lint, directory, entries, (size_t)count);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
}

static int run(struct invocation *invocation, struct rf_error *error)
{
	struct lint lint = {.json = invocation->json};

	(void)error;
	if (lint.json)
		putchar('[');
	for (char **path = invocation->arguments; *path; path++) {
		struct stat status;

		if (!stat(*path, &status) && S_ISDIR(status.st_mode))
			lint_directory(&lint, *path);
		else
			lint_file(&lint, *path);
	}
	if (lint.json)
		printf("]\n");
	else
		printf("%zu fault%s, %zu warning%s\n", lint.faults, lint.faults == 1 ? "" : "s",
		       lint.warnings, lint.warnings == 1 ? "" : "s");
	invocation->status = lint.faults ? STATUS_FAILED : STATUS_OK;
	return 0;
}

const struct command command_policy_lint = {
	.noun = "policy",
	.verb = "lint",
	.arguments = "FILE|DIRECTORY...",
	.help = "what is wrong with documents, or useless in them",
	.details = "Faults are what ADD refuses; the rules of a direction are read one by "
		   "one, so that all that are\nwrong are told. Warnings: rules and defaults "
		   "that never decide, and rules that allow everything.\nOf a directory, as "
		   "policyDir: also documents that cannot be joined for one pod. Exit status "
		   "1 if\nthere is a fault. Needs nothing loaded.",
	.arguments_min = 1,
	.arguments_max = -1,
	.needs_no_maps = true,
	.run = run,
};
