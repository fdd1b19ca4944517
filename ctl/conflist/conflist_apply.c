// SPDX-License-Identifier: Apache-2.0
#include "ctl/conflist/conflist_apply.h"
#include "ctl/output/error_stream.h"
#include "ctl/output/table.h"
#include "netconf/cleanup.h"

#include <errno.h>

int conflist_open_asked(struct invocation *invocation, struct conflist_file *out,
			struct rf_error *error)
{
	const char *directory = invocation_option(invocation, "directory");
	bool for_change = !invocation_option(invocation, "dry-run");
	_cleanup_free_ char *active = NULL;
	int ret = 0;

	if (invocation->argument_count && directory) {
		invocation->status = STATUS_USAGE;
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "--directory is where a list is looked for, and CONFLIST is one: "
			       "give one of them");
	}
	if (!invocation->argument_count)
		ret = conflist_find_active(directory ? directory : CONFLIST_DIRECTORY, &active,
					   error);
	return ret ? ret
		   : conflist_open(active ? active : invocation->arguments[0], for_change, out,
				   error);
}

/* malloc()ed. */
static char *diff_text(const struct conflist_file *file, const char *text, size_t length)
{
	char *diff = NULL;
	size_t diff_length;
	FILE *stream = open_memstream(&diff, &diff_length);

	if (!stream)
		return NULL;
	conflist_diff(file, text, length, stream);
	fclose(stream);
	return diff;
}

static void print_json(const struct conflist_file *file, bool changes, const char *diff,
		       cJSON *warnings)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "conflist", file->path);
	cJSON_AddBoolToObject(json, "changed", changes && !diff);
	row_add_text(json, "diff", diff);
	cJSON_AddItemToObject(json, "warnings", warnings);
	json_print(json);
}

static void print_text(const struct conflist_file *file, const char *diff, const char *sentence,
		       cJSON *warnings)
{
	const cJSON *warning;

	if (diff)
		fputs(diff, stdout);
	else
		printf("%s: %s\n", file->path, sentence);
	cJSON_ArrayForEach (warning, warnings) {
		fprintf(error_stream(), "ringfencectl: warning: %s\n", warning->valuestring);
	}
	cJSON_Delete(warnings);
}

int conflist_apply(const struct invocation *invocation, const struct conflist_file *file,
		   const char *text, size_t length, const char *sentence, cJSON *warnings,
		   struct rf_error *error)
{
	_cleanup_free_ char *diff = NULL;
	int ret = 0;

	if (text && invocation_option(invocation, "dry-run"))
		diff = diff_text(file, text, length);
	else if (text)
		ret = conflist_replace(file, text, length, error);
	if (ret) {
		cJSON_Delete(warnings);
		return ret;
	}
	if (invocation->json)
		print_json(file, text, diff, warnings);
	else
		print_text(file, diff, sentence, warnings);
	return 0;
}
