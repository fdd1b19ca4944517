/* SPDX-License-Identifier: Apache-2.0 */
/* Where clsact filters of ours are: at which hook, with which priority and handle. */
#ifndef RINGFENCE_DATAPLANE_ATTACH_CLSACT_HOOK_H
#define RINGFENCE_DATAPLANE_ATTACH_CLSACT_HOOK_H

#include "dataplane/attach/attach.h"

#include <bpf/libbpf.h>

/* The first that there is. A new filter of kind "bpf" goes before those of the same priority. */
#define RF_CLSACT_PRIORITY 1

/* The handle of point->owner's filters. */
uint32_t rf_clsact_handle(const struct rf_attach_point *point);

/* By direction, as libbpf calls it. */
extern const enum bpf_tc_attach_point rf_clsact_hooks[RF_DIRECTIONS];

/* The parent of the filters for @direction, as rtnetlink calls it. */
uint32_t rf_clsact_parent(enum rf_direction direction);

/* "ingress" or "egress", as the host sees it. */
const char *rf_clsact_hook_name(enum rf_direction direction);

/* libbpf would print what the kernel says of filters that are not there. */
void rf_clsact_quiet(void);

/*
 * True if the kernel's answer @ret (-errno) means that there is no filter of ours. ENOENT: no such
 * filter; EINVAL: no qdisc, or filters of another kind; ENODEV: no link; EOPNOTSUPP: filters that
 * are shared with other interfaces, among which ours never are.
 */
bool rf_clsact_is_none(int ret);

#endif
