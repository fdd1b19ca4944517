/* SPDX-License-Identifier: Apache-2.0 */
/* The TCX hooks of an interface as the kernel has them: which programs are there, in which order.
 */
#ifndef RINGFENCE_DATAPLANE_ATTACH_TCX_HOOK_H
#define RINGFENCE_DATAPLANE_ATTACH_TCX_HOOK_H

#include "bpf/abi.h"
#include "netconf/error.h"

#include <stddef.h>
#include <stdint.h>

/* linux/bpf_mprog.h, bpf_mprog_max(): how many the kernel takes at a hook. */
#define RF_TCX_PROGRAMS_MAX 63

struct rf_tcx_programs {
	uint32_t count;
	uint32_t programs[RF_TCX_PROGRAMS_MAX]; /* ids, in the order in which they are called */
	uint32_t links[RF_TCX_PROGRAMS_MAX];    /* ids; 0 if attached without a link */
};

/* The attach type of @direction's hook (enum bpf_attach_type of 6.6). */
int rf_tcx_attach_type(enum rf_direction direction);

/* "ingress" or "egress", as the host sees it. */
const char *rf_tcx_hook_name(enum rf_direction direction);

/*
 * The programs at @direction's hook of @ifindex. Returns 0, -EOPNOTSUPP if the kernel has no TCX,
 * or another -errno (-ENODEV: no such interface).
 */
int rf_tcx_programs(uint32_t ifindex, enum rf_direction direction, struct rf_tcx_programs *out);

/* The place of program @id among @programs; their count if it is not there. */
uint32_t rf_tcx_place(const struct rf_tcx_programs *programs, uint32_t id);

/*
 * Detach link @id. One that cannot be had is fine: it is being released, or the program was
 * attached without a link.
 */
int rf_tcx_detach_link(uint32_t id, uint32_t ifindex, enum rf_direction direction,
		       struct rf_error *error);

/*
 * ATTACH, with what and where, if another's program is among the first @limit at the hook. Nothing
 * that another's program may return is known, and most of it ends the chain.
 */
int rf_tcx_refuse_foreign(const struct rf_tcx_programs *programs, uint32_t limit, uint32_t ifindex,
			  enum rf_direction direction, struct rf_error *error);

#endif
