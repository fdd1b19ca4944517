/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policies that configurations gave, without which a pod's policy could not be made again when
 * documents change. They are in files of their own,
 * /run/ringfence/configured/<digest>-<number>.json: one may have megabytes, records are read by
 * everything that lists pods, and as all pods of a network have one configuration, a file is for
 * all who have the same.
 *
 * Each attachment has a hard link to its file, <owner>.link; a file with no other link than its own
 * is nobody's. Call all of these with the lock held, save for rf_record_policy_read().
 */
#ifndef RINGFENCE_DATAPLANE_RECORD_POLICY_H
#define RINGFENCE_DATAPLANE_RECORD_POLICY_H

#include "dataplane/record.h"
#include "netconf/policy.h"

/* The file's name that @document has or will have; *@name is the caller's. */
int rf_record_policy_name(const char *document, char **name, struct rf_error *error);

/*
 * Keep @document, which may be NULL if its file is there, in the file that the record names, for
 * the record's attachment, in the place of what was kept for it before. To be called when the
 * record is written.
 */
int rf_record_policy_keep(const struct rf_record *record, const char *document,
			  struct rf_error *error);

/*
 * Read the policy that the configuration of @record gave: *@out is the caller's
 * (rf_policy_free()). RECORD if it cannot be read.
 */
int rf_record_policy_read(const struct rf_record *record, struct rf_policy *out,
			  struct rf_error *error);

/* Keep nothing for the attachment @owner any more; sweeps. That nothing is kept is fine. */
int rf_record_policy_remove(uint64_t owner, struct rf_error *error);

/* Remove every file that nobody has: what was left behind, and what a kill has left. */
int rf_record_policy_sweep(struct rf_error *error);

#endif
