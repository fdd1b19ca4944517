/* SPDX-License-Identifier: Apache-2.0 */
/* The programs and maps that this build has in itself (build/bpf/ringfence.skel.h). */
#ifndef RINGFENCE_DATAPLANE_SKELETON_H
#define RINGFENCE_DATAPLANE_SKELETON_H

#include "dataplane/maps.h"
#include "netconf/error.h"
#include "netconf/netconf.h"

struct bpf_map;
struct ringfence;

/* Tells the programs of this build from those of another: made of their object file, never 0. */
uint64_t rf_skeleton_build(void);

/*
 * Open it, with @sizes; nothing is in the kernel yet. LOAD. On success the caller owns *@skeleton
 * (rf_skeleton_free()).
 */
int rf_skeleton_open(const struct rf_map_sizes *sizes, struct ringfence **skeleton,
		     struct rf_error *error);

/* One of its maps; NULL if it has none of that name, which would be a fault of the build. */
struct bpf_map *rf_skeleton_map(const struct ringfence *skeleton, enum rf_map map);

/*
 * Load what it has into the kernel. LOAD; what the kernel said of a refused program is in the
 * message.
 */
int rf_skeleton_load(struct ringfence *skeleton, struct rf_error *error);

void rf_skeleton_free(struct ringfence **skeleton);
#define _cleanup_skeleton_ __attribute__((cleanup(rf_skeleton_free)))

#endif
