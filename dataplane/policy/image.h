/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy's entries as they are in the maps `peers` and `services`, in one piece of memory that is
 * also what its file holds. So what was written is found again as it was written, by a later
 * version too, whose compiler may fold the document in another way.
 */
#ifndef RINGFENCE_DATAPLANE_POLICY_IMAGE_H
#define RINGFENCE_DATAPLANE_POLICY_IMAGE_H

#include "dataplane/compile/compile.h"

#include <stdbool.h>

struct rf_image_class {
	uint64_t digest; /* of its entries, without the class id */
	uint32_t id;
	uint32_t entry_count;
};

/* All arrays point into @bytes, in the order of the entries of compile.h. */
struct rf_policy_image {
	char *bytes;
	size_t size;
	uint32_t policy;
	uint32_t class_count;
	uint32_t common_count; /* classes before this index are those for every peer */
	uint32_t peer_count;
	uint32_t service_count;
	size_t document_length; /* bytes of the document, which stands behind the image in a file */
	struct rf_image_class *classes;
	struct rf_peer_key *peer_keys;
	struct rf_peer_class *peer_values;
	struct rf_service_key *service_keys;
	struct rf_service *service_values;
};

/*
 * Make the image of @compiled, under no ids yet: class ids are the compiler's numbers. -EFBIG if
 * the compiler has more entries than a file can hold (2^31), -ENOMEM. The caller owns *@out
 * (rf_policy_image_free()).
 */
int rf_policy_image_make(const struct rf_compiled *compiled, struct rf_policy_image *out);

/* Enter the ids that a new image is given: class i of it becomes ids[i]. Once. */
void rf_policy_image_assign(struct rf_policy_image *image, uint32_t policy, const uint32_t *ids);

/* Finish it for a file, in which a document of @document_length bytes follows. */
void rf_policy_image_seal(struct rf_policy_image *image, size_t document_length);

/*
 * Look at the image that the @size bytes at @bytes begin with, which stay the caller's and must be
 * aligned to 8. The table of its classes is checked, the entries are not; nothing that *@out says
 * lies beyond @size. -EINVAL if it is damaged, or of another version.
 */
int rf_policy_image_open(char *bytes, size_t size, struct rf_policy_image *out);

/* Whether the entries are as they were sealed, too, and of this policy and its classes only. */
bool rf_policy_image_is_whole(const struct rf_policy_image *image);

/* Whether class @i of @a, from entry @first_a of its services on, is class @j of @b: the same
 * entries, for the same kind of peers. */
bool rf_policy_image_same_class(const struct rf_policy_image *a, uint32_t i, size_t first_a,
				const struct rf_policy_image *b, uint32_t j, size_t first_b);

/* Free an image that was made. */
void rf_policy_image_free(struct rf_policy_image *image);

#endif
