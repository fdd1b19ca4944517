/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An attachment from beginning to end: the order of steps that keeps a pod from ever being attached
 * without its policy, and that lets one removal undo whatever a kill has left.
 *
 *   add:    record → policy entries → pod in the maps → programs attached
 *   remove: the same backwards, by the record alone
 */
#ifndef RINGFENCE_DATAPLANE_ATTACHMENT_H
#define RINGFENCE_DATAPLANE_ATTACHMENT_H

#include "dataplane/record.h"
#include "dataplane/link/veth.h"

#include <time.h>

struct rf_attachment_request {
	struct rf_attachment_key key;
	const char *pod_namespace; /* "" if not known */
	const char *pod_name;      /* the same */
	struct rf_veth veth;
	const struct rf_netconf *netconf; /* with its prevResult's addresses, and as its policy
					     what is to be in force */
	const char *own_policy;           /* what the configuration itself says, as text, where
					     documents were joined to it; NULL: none were */
	struct timespec generation;       /* of the documents (policy/generation.h) */
};

/*
 * Put the pod's policy in force. On failure nothing of it is left; if the same attachment was there
 * before, it stays protected. Added twice, it is there once. -ESTALE without an error filled if a
 * reload has begun since @request's generation: its documents have to be read again.
 */
int rf_attachment_add(const struct rf_objects *objects, const struct rf_attachment_request *request,
		      struct rf_error *error);

/*
 * Remove the attachment, whatever of it is there. None at all is fine, as are missing pins and a
 * broken record. Stops at the first failure: a program that stays attached keeps its policy, and
 * the record stays, so that it can be tried again.
 */
int rf_attachment_remove(const struct rf_attachment_key *key, struct rf_error *error);

/* The same, for one who holds the attachment's lock (rf_lock_attachment()). */
int rf_attachment_undo(const struct rf_attachment_key *key, struct rf_error *error);

/* NOT_IN_FORCE unless all of the attachment is there, ours, and for @request's veth and addresses.
 */
int rf_attachment_check(const struct rf_objects *objects,
			const struct rf_attachment_request *request, struct rf_error *error);

/*
 * The same by the record of @key alone, for its own interface and addresses. -ENOENT without an
 * error filled if it has none; -EXDEV if it is of another ABI, in whose maps nothing is looked at.
 */
int rf_attachment_check_recorded(const struct rf_objects *objects,
				 const struct rf_attachment_key *key, struct rf_error *error);

#endif
