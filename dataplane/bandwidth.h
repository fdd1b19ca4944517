/* SPDX-License-Identifier: Apache-2.0 */
/* From what the standard asks for (runtimeConfig.bandwidth, in bits) to struct rf_pod_limits. */
#ifndef RINGFENCE_DATAPLANE_BANDWIDTH_H
#define RINGFENCE_DATAPLANE_BANDWIDTH_H

#include <stdint.h>

/* Bytes a second, at least one. */
uint64_t rf_bandwidth_rate(uint64_t rate_bits);

/*
 * Bytes that may pass at once, for a rate in bits a second and the burst in bits that is asked for,
 * 0 if none is. It is bounded by time, since a runtime asks for the same burst whatever the rate.
 */
uint64_t rf_bandwidth_burst(uint64_t rate_bits, uint64_t burst_bits);

#endif
