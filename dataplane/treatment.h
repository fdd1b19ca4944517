/* SPDX-License-Identifier: Apache-2.0 */
/* How a pod is treated, from what the configuration says to what the programs read. */
#ifndef RINGFENCE_DATAPLANE_TREATMENT_H
#define RINGFENCE_DATAPLANE_TREATMENT_H

#include "bpf/abi.h"
#include "netconf/treatment.h"

/* The flags of pod_state by which pod_limits is read, and all that follow from the treatment. */
#define RF_LIMIT_FLAGS                                                                             \
	((uint32_t)(RF_POD_LIMIT_SESSIONS | RF_POD_LIMIT_NEW_FLOWS | RF_POD_RATE_INGRESS |         \
		    RF_POD_RATE_EGRESS))
#define RF_TREATMENT_FLAGS (RF_POD_AUDIT | RF_LIMIT_FLAGS)

uint32_t rf_treatment_flags(const struct rf_treatment *treatment);

/* The pod's element of pod_limits; 0 where the flag is not set. */
struct rf_pod_limits rf_treatment_limits(const struct rf_treatment *treatment);

#endif
