/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions as user space sees them. */
#ifndef RINGFENCE_DATAPLANE_SESSIONS_H
#define RINGFENCE_DATAPLANE_SESSIONS_H

#include "dataplane/objects.h"

#include <stdbool.h>

/* Call @visit for every entry of @map, RF_MAP_SESSIONS or RF_MAP_HALF_OPEN, as rf_map_each() does.
 */
int rf_sessions_each(const struct rf_objects *objects, enum rf_map map,
		     void (*visit)(const struct rf_flow_key *flow, const struct rf_session *session,
				   void *context),
		     void *context);

/*
 * Delete all sessions of one use of a pod id, which is over, and how many they were in *@count (may
 * be NULL). 0 or -errno.
 */
int rf_sessions_flush(const struct rf_objects *objects, uint32_t pod_id, uint32_t incarnation,
		      size_t *count);

/*
 * Delete the sessions that @choose says yes to, half-open ones too, and how many they were in
 * *@count; they are counted out of their maps and of their pods, which go on. @choose is asked
 * again of a session as it is just before it goes. 0, or -errno when some may be deleted.
 */
int rf_sessions_remove(const struct rf_objects *objects,
		       bool (*choose)(const struct rf_flow_key *flow,
				      const struct rf_session *session, void *context),
		       void *context, size_t *count);

#endif
