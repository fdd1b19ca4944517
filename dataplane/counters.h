/* SPDX-License-Identifier: Apache-2.0 */
/* The counters, summed over the CPUs. */
#ifndef RINGFENCE_DATAPLANE_COUNTERS_H
#define RINGFENCE_DATAPLANE_COUNTERS_H

#include "dataplane/objects.h"

/* The counters of @pod_id; 0: of interfaces without a pod. 0 or -errno. */
int rf_counters_read(const struct rf_objects *objects, uint32_t pod_id,
		     struct rf_pod_counters *out);

/* Events of @pod_id (0: of interfaces without a pod) that no ring took. 0 or -errno. */
int rf_events_lost_read(const struct rf_objects *objects, uint32_t pod_id,
			struct rf_events_lost *out);

/* The reason's name, as everything that is shown to people has it. */
const char *rf_reason_name(uint32_t reason);

#endif
