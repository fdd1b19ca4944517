/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of the policies: /run/ringfence/policies/<set>/<id>-<digest>.json, in which the digest
 * of the document finds an equal one without reading them all. While its entries are written a file
 * ends in ".part". They describe entries of one set of maps (rf_objects.set): another one, which
 * was loaded while the first was mounted over, has the same ids for other policies.
 */
#ifndef RINGFENCE_DATAPLANE_POLICY_FILE_H
#define RINGFENCE_DATAPLANE_POLICY_FILE_H

#include "netconf/error.h"
#include "netconf/policy.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rf_policy_file {
	uint32_t set;
	uint32_t id;
	uint32_t first_class;
	char *document; /* canonical text */
	char path[PATH_MAX];
};

/* Find the file of policy @id of @set, complete or not. -ENOENT without an error filled if there is
 * none.
 */
int rf_policy_file_by_id(uint32_t set, uint32_t id, struct rf_policy_file *out,
			 struct rf_error *error);

/* Find a complete file with just this @document. The same. */
int rf_policy_file_by_document(uint32_t set, const char *document, struct rf_policy_file *out,
			       struct rf_error *error);

/*
 * The ids of all policy files of @set, complete or not: *@ids is the caller's (free()). Removes
 * files that a kill has left unfinished, so the lock must be held. 0 or -errno.
 */
int rf_policy_file_ids(uint32_t set, uint32_t **ids, size_t *count);

/* Write the file as incomplete, in the directory of its set, which is made; file->path is set. */
int rf_policy_file_begin(struct rf_policy_file *file, struct rf_error *error);

/* Its entries are written: the file may be found by its document from now on. */
int rf_policy_file_complete(struct rf_policy_file *file, struct rf_error *error);

/* True if @path is that of a complete file. */
bool rf_policy_file_is_complete(const char *path);

void rf_policy_file_free(struct rf_policy_file *file);
#define _cleanup_policy_file_ __attribute__((cleanup(rf_policy_file_free)))

#endif
