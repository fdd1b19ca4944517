/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs have to know of this node before they are loaded (bpf/constants.h). */
#ifndef RINGFENCE_DATAPLANE_CONSTANTS_H
#define RINGFENCE_DATAPLANE_CONSTANTS_H

#include <stdint.h>

struct ringfence;

/* How many ticks the kernel has in a second (its HZ), in which the programs count time. */
uint64_t rf_ticks_per_second(void);

/*
 * By how much a number of ticks is shifted to become that of a slice of the census: the shortest
 * slices of which the longest timeout still takes fewer than RF_CENSUS_SLICES.
 */
uint32_t rf_slice_shift(uint64_t ticks_per_second);

/* Fill the constants of @skeleton, which is open, has its sizes, and is not loaded yet. */
void rf_constants_fill(struct ringfence *skeleton);

#endif
