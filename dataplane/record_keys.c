// SPDX-License-Identifier: Apache-2.0
#include "dataplane/record_keys.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"

#include <glob.h>
#include <string.h>

#define SUFFIX ".json"

/* "<network>/<container>:<interface>.json"; a name without a colon is no record's. */
static int take(const char *name, struct rf_record_keys *keys)
{
	struct rf_attachment_key *key = &keys->items[keys->count];
	const char *container = strchr(name, '/') + 1;
	const char *interface = strchr(container, ':');

	if (!interface++)
		return 0;
	key->network = strndup(name, (size_t)(container - name - 1));
	key->container = strndup(container, (size_t)(interface - container - 1));
	key->interface = strndup(interface, strlen(interface) - strlen(SUFFIX));
	keys->count++;
	return key->network && key->container && key->interface ? 0 : -ENOMEM;
}

static int take_all(const glob_t *files, struct rf_record_keys *keys)
{
	int ret = 0;

	keys->items = calloc(files->gl_pathc + 1, sizeof(*keys->items));
	if (!keys->items)
		return -ENOMEM;
	for (size_t i = 0; i < files->gl_pathc && !ret; i++)
		ret = take(files->gl_pathv[i] + strlen(RF_ATTACHMENTS_DIRECTORY "/"), keys);
	return ret;
}

int rf_record_keys_list(struct rf_record_keys *out)
{
	_cleanup_record_keys_ struct rf_record_keys keys = {};
	glob_t files = {};
	int ret =
		glob(RF_ATTACHMENTS_DIRECTORY "/*/*" SUFFIX, GLOB_NOSORT | GLOB_ERR, NULL, &files);

	/* A record that is not seen would be none. */
	ret = ret && ret != GLOB_NOMATCH ? -EIO : take_all(&files, &keys);
	globfree(&files);
	if (ret)
		return ret;
	*out = keys;
	keys = (struct rf_record_keys){};
	return 0;
}

const struct rf_attachment_key *rf_record_keys_find(const struct rf_record_keys *keys,
						    uint64_t owner)
{
	for (size_t i = 0; i < keys->count; i++)
		if (rf_owner(&keys->items[i]) == owner)
			return &keys->items[i];
	return NULL;
}

static void free_text(const char *text)
{
	free((char *)(uintptr_t)text);
}

void rf_record_keys_free(struct rf_record_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		free_text(keys->items[i].network);
		free_text(keys->items[i].container);
		free_text(keys->items[i].interface);
	}
	free(keys->items);
	*keys = (struct rf_record_keys){};
}
