/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pinholes: exact flows of a pod that are allowed or denied above all its rules, for a time. They
 * live in the map `pinholes` alone, and go with their pod.
 */
#ifndef RINGFENCE_DATAPLANE_PINHOLE_H
#define RINGFENCE_DATAPLANE_PINHOLE_H

#include "dataplane/objects.h"

struct rf_pinhole_entry {
	struct rf_pinhole_key key;
	struct rf_pinhole pinhole;
};

/* ns of CLOCK_MONOTONIC, by which pinholes expire. */
uint64_t rf_pinhole_clock(void);

/*
 * True if @pinhole means nothing any more at @now (rf_pinhole_clock()): it has expired, or its pod
 * is gone. Such an entry is removed when room is needed, and when somebody lists them.
 */
bool rf_pinhole_is_void(const struct rf_objects *objects, const struct rf_pinhole *pinhole,
			uint64_t now);

/*
 * Enter all @count @entries, or none; one whose key is there already takes its place. Live flows of
 * their pods are judged again at their next packet. Takes the lock. MAP_FULL with the numbers if
 * there is no room; CONFIG if a pod is gone.
 */
int rf_pinholes_add(const struct rf_objects *objects, const struct rf_pinhole_entry *entries,
		    size_t count, struct rf_error *error);

/*
 * Remove those of the @count @entries that are there (of their `pinhole` only the pod counts), and
 * how many they were in *@removed. Live flows of the pods are judged again at their next packet.
 * Takes the lock.
 */
int rf_pinholes_remove(const struct rf_objects *objects, const struct rf_pinhole_entry *entries,
		       size_t count, size_t *removed, struct rf_error *error);

/*
 * Call @visit, without the lock, for each pinhole that means something, in no order. Removes the
 * others, unless somebody else is changing something just now. LOAD if the map cannot be read.
 */
int rf_pinholes_each(const struct rf_objects *objects,
		     void (*visit)(const struct rf_pinhole_key *key,
				   const struct rf_pinhole *pinhole, void *context),
		     void *context, struct rf_error *error);

/* Remove all of pod @pod_id, whose id is about to be free. With the lock held. 0 or -errno. */
int rf_pinholes_retract(const struct rf_objects *objects, uint32_t pod_id);

#endif
