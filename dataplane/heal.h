/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no DEL ever came for: a node's runtime may have forgotten a pod, or have been killed between
 * the pod's end and the DEL. Later calls find it, since the pod's interface is gone.
 */
#ifndef RINGFENCE_DATAPLANE_HEAL_H
#define RINGFENCE_DATAPLANE_HEAL_H

#include "dataplane/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many pods, records and pins an ADD looks at. */
#define RF_HEAL_SOME 8
#define RF_HEAL_ALL  SIZE_MAX

/*
 * Remove all of each attachment whose interface is gone, records without pods and pins without
 * either. Looks at no more than @most of each kind, from a random one on, and does nothing if
 * somebody else holds the lock, for which RF_HEAL_ALL waits. What belongs to an interface that is
 * there, or to another host netns than this one, is left alone. It cannot fail: what cannot be
 * removed now is found again. Returns how many attachments were removed.
 */
size_t rf_heal(const struct rf_objects *objects, size_t most);

enum rf_heal_kind {
	RF_HEAL_POD,    /* in the maps, with all that leads to it */
	RF_HEAL_RECORD, /* without a pod */
	RF_HEAL_PIN,    /* without either */
};

/* Who is told of what is removed, or would be. */
struct rf_heal_listener {
	/* @key is NULL if it is not known. */
	void (*attachment)(enum rf_heal_kind kind, uint64_t owner,
			   const struct rf_attachment_key *key, void *context);
	void (*policy)(uint32_t id, void *context); /* NULL: policies are not asked for */
	void *context;
};

/*
 * As rf_heal() of all, telling @listener of each; if it hears of policies, those that no other pod
 * is judged under are removed, too (rf_policy_sweep()). Without @remove it is only told, and of the
 * same. What cannot be removed is not told of, and fails when all else is done. TRY_AGAIN if the
 * lock is not to be had, or another failure to look or to sweep.
 */
int rf_heal_told(const struct rf_objects *objects, bool remove,
		 const struct rf_heal_listener *listener, struct rf_error *error);

#endif
