/* SPDX-License-Identifier: Apache-2.0 */
/* The records of all pods, read once: from the names that people know to pods, and from the ids
 * that maps hold to names. */
#ifndef RINGFENCE_CTL_POD_PODS_H
#define RINGFENCE_CTL_POD_PODS_H

#include "dataplane/objects.h"
#include "dataplane/record.h"

#include <stdbool.h>
#include <stddef.h>

struct pod {
	struct rf_record record;
	char *name;     /* namespace/name, or the container's id */
	bool is_loaded; /* in the maps that are pinned: else its ids mean nothing there */
};

struct pods {
	const struct rf_objects *objects;
	struct pod *items; /* in the order of their names */
	size_t count;
	size_t *by_id; /* 1 + index in items; 0 where no pod has the id */
	size_t unread; /* records that cannot be read, each of which stderr was told of, */
	bool is_quiet; /* or was when they were read before */
};

/*
 * Read all records. On success the caller owns *@out (pods_free()); @objects must outlive it. A
 * record that cannot be read is left out. RECORD if they cannot be listed.
 */
int pods_read(const struct rf_objects *objects, struct pods *out, struct rf_error *error);

/* What has come since, and gone; stderr is not told again. 0, or -errno and *@pods as it was. */
int pods_read_again(struct pods *pods);

void pods_free(struct pods *pods);
#define _cleanup_pods_ __attribute__((cleanup(pods_free)))

/* The pod that has the id now, and had it in that use of it; NULL if it is no more. */
const struct pod *pods_by_id(const struct pods *pods, uint32_t id, uint32_t incarnation);

/* Whether the maps have the pod still, as it was when the records were read: what was read of them
 * for its id is its own, if this is asked behind that. */
bool pods_is_there(const struct pods *pods, const struct pod *pod);

/* Whether @text is what the record's pod is called: namespace/name, the container's id, or
 * network/container/interface. */
bool pods_is_called(const struct rf_record *record, const char *text);

/* Whether the container's id begins with @text, of 8 or more characters. */
bool pods_begins_with(const struct rf_record *record, const char *text);

/*
 * The pod that is called @text: namespace/name, the container's id or 8 or more characters that it
 * begins with, or network/container/interface. -ENOENT if there is none, -ENOTUNIQ with all of them
 * in the error's details if that is said of several.
 */
int pods_resolve(const struct pods *pods, const char *text, const struct pod **out,
		 struct rf_error *error);

#endif
