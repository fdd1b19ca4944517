// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/clsact_hook.h"

#include <errno.h>
#include <linux/pkt_sched.h>

/*
 * The owner's, so that a second attach replaces and never adds, and that a late removal by ifindex
 * finds nothing where the kernel has given that ifindex to another pod's interface since.
 */
uint32_t rf_clsact_handle(const struct rf_attach_point *point)
{
	uint32_t handle = (uint32_t)point->owner;

	return handle ? handle : 1;
}

/* The hook is named as the host sees it: what comes from the pod enters here. */
const enum bpf_tc_attach_point rf_clsact_hooks[RF_DIRECTIONS] = {
	[RF_INGRESS] = BPF_TC_EGRESS,
	[RF_EGRESS] = BPF_TC_INGRESS,
};

const char *rf_clsact_hook_name(enum rf_direction direction)
{
	return rf_clsact_hooks[direction] == BPF_TC_EGRESS ? "egress" : "ingress";
}

uint32_t rf_clsact_parent(enum rf_direction direction)
{
	return TC_H_MAKE(TC_H_CLSACT, rf_clsact_hooks[direction] == BPF_TC_EGRESS
					      ? TC_H_MIN_EGRESS
					      : TC_H_MIN_INGRESS);
}

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

void rf_clsact_quiet(void)
{
	libbpf_set_print(quiet);
}

bool rf_clsact_is_none(int ret)
{
	return ret == -ENOENT || ret == -EINVAL || ret == -ENODEV || ret == -EOPNOTSUPP;
}
