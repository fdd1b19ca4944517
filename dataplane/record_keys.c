// SPDX-License-Identifier: Apache-2.0
#include "dataplane/record_keys.h"
#include "dataplane/files.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"

#include <limits.h>
#include <string.h>

#define SUFFIX ".json"

struct listing {
	struct rf_record_keys keys;
	size_t room;         /* for so many */
	const char *network; /* whose directory is read */
};

static int make_room(struct listing *listing)
{
	size_t room = listing->room ? 2 * listing->room : 64;
	struct rf_attachment_key *items;

	if (listing->keys.count < listing->room)
		return 0;
	items = reallocarray(listing->keys.items, room, sizeof(*items));
	if (!items)
		return -ENOMEM;
	listing->keys.items = items;
	listing->room = room;
	return 0;
}

/* "<container>:<interface>.json"; a name without a colon is no record's. */
static int take_record(const char *name, struct listing *listing)
{
	const char *interface = strchr(name, ':');
	size_t length = strlen(name);
	struct rf_attachment_key *key;

	if (!interface++ || length <= strlen(SUFFIX) ||
	    strcmp(name + length - strlen(SUFFIX), SUFFIX) != 0)
		return 0;
	if (make_room(listing))
		return -ENOMEM;
	key = &listing->keys.items[listing->keys.count++];
	key->network = strdup(listing->network);
	key->container = strndup(name, (size_t)(interface - name - 1));
	key->interface = strndup(interface, strlen(interface) - strlen(SUFFIX));
	return key->network && key->container && key->interface ? 0 : -ENOMEM;
}

/* What is not there, or goes while we look, has nothing. */
static int each_entry(const char *path, int (*take)(const char *name, struct listing *listing),
		      struct listing *listing)
{
	DIR *stream = opendir(path);
	const struct dirent *entry;
	int ret = 0;

	if (!stream)
		return errno == ENOENT ? 0 : -errno;
	while (!ret && (entry = rf_next_entry(stream, &ret)))
		if (entry->d_name[0] != '.')
			ret = take(entry->d_name, listing);
	closedir(stream);
	return ret;
}

static int take_network(const char *name, struct listing *listing)
{
	char path[PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), RF_ATTACHMENTS_DIRECTORY "/%s", name);
	listing->network = name;
	ret = each_entry(path, take_record, listing);
	/* A file is no network's. */
	return ret == -ENOTDIR ? 0 : ret;
}

int rf_record_keys_list(struct rf_record_keys *out)
{
	struct listing listing = {};
	int ret = each_entry(RF_ATTACHMENTS_DIRECTORY, take_network, &listing);

	/* A record that is not seen would be none. */
	if (ret)
		rf_record_keys_free(&listing.keys);
	else
		*out = listing.keys;
	return ret;
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
