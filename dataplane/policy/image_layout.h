/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy file begins with: this header, the classes, keys and values of the peers, keys and
 * values of the services, and behind these the document. All in the host's byte order, since no
 * other host reads it.
 */
#ifndef RINGFENCE_DATAPLANE_POLICY_IMAGE_LAYOUT_H
#define RINGFENCE_DATAPLANE_POLICY_IMAGE_LAYOUT_H

#include <stdint.h>

#define RF_IMAGE_MAGIC                                                                             \
	{                                                                                          \
		'r', 'f', 'p', 'o', 'l', 'i', 'c', 'y'                                             \
	}
#define RF_IMAGE_FORMAT 1

struct rf_image_header {
	char magic[8];
	uint32_t format; /* of this file */
	uint32_t abi;    /* of keys and values */
	uint32_t policy;
	uint32_t class_count;
	uint32_t common_count;
	uint32_t peer_count;
	uint32_t service_count;
	uint32_t pad;
	uint64_t document_length; /* bytes */
	uint64_t entries_digest;  /* of peers and services */
	uint64_t table_digest;    /* of all this and the classes */
};

_Static_assert(sizeof(struct rf_image_header) == 64, "what follows is aligned to 8");

#endif
