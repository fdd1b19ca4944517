/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pins of TCX links: one a direction, named by the owner of the attachment. A pin is renamed
 * into its place, so that the link which was there goes only when the new one is there.
 */
#ifndef RINGFENCE_DATAPLANE_ATTACH_TCX_PIN_H
#define RINGFENCE_DATAPLANE_ATTACH_TCX_PIN_H

#include "bpf/abi.h"
#include "netconf/error.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* A link, open. */
struct rf_tcx_link {
	int fd; /* -errno if it cannot be read; -ENOENT: there is none */
	uint32_t id;
	uint32_t program; /* id */
	uint32_t ifindex; /* 0 if its interface is gone, or if it was detached */
};

/* The pin's path. */
void rf_tcx_pin_path(char path[PATH_MAX], uint64_t owner, enum rf_direction direction);

/* The path that a version with RF_ABI @abi uses. */
void rf_tcx_pin_path_of(char path[PATH_MAX], uint32_t abi, uint64_t owner,
			enum rf_direction direction);

/* Open the pinned link. The caller closes fd. */
struct rf_tcx_link rf_tcx_pin_open(uint64_t owner, enum rf_direction direction);

/*
 * Pin @link, instead of what is pinned there. BPFFS; -ENOENT or -EEXIST if another call for the
 * same attachment did the same just now: try again.
 */
int rf_tcx_pin_put(int link, uint64_t owner, enum rf_direction direction, struct rf_error *error);

/* Remove the pin, and what a kill has left of a new one; *@removed: there was one, and it is gone.
 * BPFFS. */
int rf_tcx_pin_remove(uint64_t owner, enum rf_direction direction, bool *removed,
		      struct rf_error *error);

#endif
