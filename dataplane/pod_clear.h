/* SPDX-License-Identifier: Apache-2.0 */
/* What the maps hold of each pod id, and its next owner must not inherit. */
#ifndef RINGFENCE_DATAPLANE_POD_CLEAR_H
#define RINGFENCE_DATAPLANE_POD_CLEAR_H

#include "dataplane/objects.h"

/*
 * Let all that is counted of pod @id, and its limits, begin at zero. Only for an id that is free:
 * of an earlier owner's sessions, nobody counts any out of it (bpf/session_count.h,
 * dataplane/sessions.c).
 */
int rf_pod_clear(const struct rf_objects *objects, uint32_t id, struct rf_error *error);

/* Fill the buckets of what struct rf_pod_limits limits. */
int rf_pod_refill(const struct rf_objects *objects, uint32_t id, struct rf_error *error);

#endif
