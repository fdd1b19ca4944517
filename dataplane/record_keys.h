/* SPDX-License-Identifier: Apache-2.0 */
/* Which attachments have a record, by the names of the files alone: no record is read. */
#ifndef RINGFENCE_DATAPLANE_RECORD_KEYS_H
#define RINGFENCE_DATAPLANE_RECORD_KEYS_H

#include "dataplane/record.h"

struct rf_record_keys {
	struct rf_attachment_key *items; /* with strings of their own */
	size_t count;
};

/*
 * List the records of all networks, in no order. On success the caller owns *@out
 * (rf_record_keys_free()). 0 or -errno, also if a part of them cannot be listed.
 */
int rf_record_keys_list(struct rf_record_keys *out);

/* The key of the attachment @owner; NULL if it has no record. */
const struct rf_attachment_key *rf_record_keys_find(const struct rf_record_keys *keys,
						    uint64_t owner);

void rf_record_keys_free(struct rf_record_keys *keys);
#define _cleanup_record_keys_ __attribute__((cleanup(rf_record_keys_free)))

#endif
