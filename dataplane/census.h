/* SPDX-License-Identifier: Apache-2.0 */
/* The census of sessions and fragments (bpf/census.h), as user space counts in it. */
#ifndef RINGFENCE_DATAPLANE_CENSUS_H
#define RINGFENCE_DATAPLANE_CENSUS_H

#include "dataplane/objects.h"

/*
 * The kernel's ticks, as bpf_jiffies64() gives them, or as many more as 10 milliseconds have. Never
 * fewer: who is behind the programs would count out of a slice that they have dropped, which they
 * would hold to be used again (rf_census_leave()).
 */
uint64_t rf_ticks_now(void);

/* The number of the slice of the census that is current, or will be in 10 milliseconds. */
uint32_t rf_census_current(void);

/*
 * Map the node's elements (up to RF_CENSUS_NODE) into memory, where the programs go on counting in
 * them. On success the caller owns *@subjects (rf_census_close()). 0 or -errno.
 */
int rf_census_open(const struct rf_objects *objects, struct rf_census **subjects);
void rf_census_close(struct rf_census **subjects);
#define _cleanup_census_ __attribute__((cleanup(rf_census_close)))

/* The same of all elements, those of the pods too. */
struct rf_census_all {
	struct rf_census *subjects;
	size_t size; /* bytes */
};

int rf_census_open_all(const struct rf_objects *objects, struct rf_census_all *out);
void rf_census_close_all(struct rf_census_all *all);
#define _cleanup_census_all_ __attribute__((cleanup(rf_census_close_all)))

/* One that would have lived until slice @slice is no more. */
void rf_census_leave(struct rf_census *counts, uint32_t slice, uint32_t current);

/* What rf_census_leave() has taken was not to be taken. */
void rf_census_return(struct rf_census *counts, uint32_t slice, uint32_t current);

/*
 * How many of @subject, an element of both maps whose counts are @counts, live: whatever nobody has
 * settled yet. 0 or -errno.
 */
int rf_census_live(const struct rf_objects *objects, uint32_t subject,
		   const struct rf_census *counts, uint32_t *live);

#endif
