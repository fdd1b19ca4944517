/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of the policies: /run/ringfence/policies/<set>/<id>-<digest>.policy holds the image of
 * a policy's entries and its document, whose digest finds an equal one without reading them all. A
 * file ends in ".part" while entries of it may be missing: until they are written, and from when
 * they begin to be removed. Both describe one set of maps (rf_objects.set): another one, which was
 * loaded while the first was mounted over, has the same ids for other policies.
 */
#ifndef RINGFENCE_DATAPLANE_POLICY_FILE_H
#define RINGFENCE_DATAPLANE_POLICY_FILE_H

#include "dataplane/policy/image.h"
#include "netconf/error.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a file's name says. */
struct rf_policy_name {
	uint32_t set;
	uint32_t id;
	uint64_t digest; /* of the document */
	bool is_complete;
};

/* A file that is mapped into memory, read-only. A zeroed one may be closed. */
struct rf_policy_file {
	struct rf_policy_name name;
	struct rf_policy_image image;
	const char *document; /* canonical text, not ended by NUL */
	size_t document_length;
	void *bytes;
	size_t size;
};

/* Enough for each path of a policy file. */
#define RF_POLICY_PATH 128

/* Write the path; returns @path. */
char *rf_policy_path(const struct rf_policy_name *name, char path[RF_POLICY_PATH]);

/*
 * Open the file. The table of its classes is right then; whether its entries are is asked by
 * rf_policy_image_is_whole(). RECORD with -EINVAL if it is damaged, or of another version; -ENOENT
 * without an error filled if it is gone. On success *@out is the caller's (rf_policy_file_close()).
 */
int rf_policy_file_open(const struct rf_policy_name *name, struct rf_policy_file *out,
			struct rf_error *error);
void rf_policy_file_close(struct rf_policy_file *file);
#define _cleanup_policy_file_ __attribute__((cleanup(rf_policy_file_close)))

/* Find the file of policy @id of @set, complete or not. -ENOENT without an error filled if there is
 * none.
 */
int rf_policy_file_by_id(uint32_t set, uint32_t id, struct rf_policy_file *out,
			 struct rf_error *error);

/* Find a complete file, undamaged, with just this @document, of the digest @digest. The same. */
int rf_policy_file_by_document(uint32_t set, const char *document, uint64_t digest,
			       struct rf_policy_file *out, struct rf_error *error);

/*
 * List the policy files of @set, complete or not: *@names is the caller's (free()). 0 or -errno.
 */
int rf_policy_file_list(uint32_t set, struct rf_policy_name **names, size_t *count);

/* Remove files of @set that a kill has left half written. The lock must be held. */
void rf_policy_file_tidy(uint32_t set);

/*
 * Write the file as incomplete, in the directory of its set, which is made: the sealed image and
 * the document.
 */
int rf_policy_file_begin(const struct rf_policy_name *name, const struct rf_policy_image *image,
			 const char *document, struct rf_error *error);

/* Its entries are written (or are about to be removed): rename it. name->is_complete changes. */
int rf_policy_file_set_complete(struct rf_policy_name *name, bool is_complete,
				struct rf_error *error);

int rf_policy_file_remove(const struct rf_policy_name *name, struct rf_error *error);

#endif
