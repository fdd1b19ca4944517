/* SPDX-License-Identifier: Apache-2.0 */
/* Plugins into the text of a list, and out of it. */
#include "netconf/conflist.h"

#include "netconf/cleanup.h"
#include "netconf/conflist_layout.h"

#include <errno.h>
#include <string.h>

/* What was written to @stream is in *@text; 0 or -ENOMEM. */
static int finish(FILE *stream, char **text, char **out)
{
	bool failed = ferror(stream);

	if (fclose(stream) || failed) {
		free(*text);
		*text = NULL;
		return -ENOMEM;
	}
	*out = *text;
	return 0;
}

int rf_conflist_append(const struct rf_conflist *list, const cJSON *entry, char **out,
		       size_t *out_length)
{
	size_t end = list->plugins[list->count - 1].end;
	struct rf_conflist_layout layout = rf_conflist_layout(list);
	char *text = NULL;
	FILE *stream = open_memstream(&text, out_length);

	if (!stream)
		return -ENOMEM;
	fwrite(list->text, 1, end, stream);
	fputc(',', stream);
	rf_conflist_write(&layout, entry, stream);
	fwrite(list->text + end, 1, list->length - end, stream);
	return finish(stream, &text, out);
}

/*
 * A plugin goes with all between it and the one before, so that what was appended leaves nothing.
 * Those that are the first ones go with all between them and the one behind.
 */
int rf_conflist_remove(const struct rf_conflist *list, const char *type, char **out,
		       size_t *out_length)
{
	const struct rf_conflist_plugin *plugins = list->plugins;
	char *text = NULL;
	size_t from = 0, first = 0;
	FILE *stream;

	while (first < list->count && !strcmp(plugins[first].type, type))
		first++;
	if (first == list->count)
		return -EINVAL;
	stream = open_memstream(&text, out_length);
	if (!stream)
		return -ENOMEM;
	if (first) {
		fwrite(list->text, 1, plugins[0].start, stream);
		from = plugins[first].start;
	}
	for (size_t i = first + 1; i < list->count; i++) {
		if (strcmp(plugins[i].type, type) != 0)
			continue;
		fwrite(list->text + from, 1, plugins[i - 1].end - from, stream);
		from = plugins[i].end;
	}
	fwrite(list->text + from, 1, list->length - from, stream);
	return finish(stream, &text, out);
}
