/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RINGFENCE_CTL_TOP_PER_SECOND_H
#define RINGFENCE_CTL_TOP_PER_SECOND_H

#include "ctl/output/clock.h"

/* How much @growth in @nanoseconds, which are not 0, is in a second, rounded. */
static inline uint64_t per_second(uint64_t growth, uint64_t nanoseconds)
{
	return (uint64_t)((double)growth * (double)NANOSECONDS / (double)nanoseconds + 0.5);
}

#endif
