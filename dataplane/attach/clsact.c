// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/clsact.h"
#include "dataplane/link/netlink.h"
#include "netconf/cleanup.h"

#include <bpf/libbpf.h>
#include <linux/pkt_sched.h>
#include <string.h>

#define FILTER_PRIORITY 1

/*
 * The owner's, so that a second attach replaces and never adds, and that a late removal by ifindex
 * finds nothing where the kernel has given that ifindex to another pod's interface since.
 */
static uint32_t filter_handle(const struct rf_attach_point *point)
{
	uint32_t handle = (uint32_t)point->owner;

	return handle ? handle : 1;
}

/* The hook is named as the host sees it: what comes from the pod enters here. */
static const enum bpf_tc_attach_point hooks[RF_DIRECTIONS] = {
	[RF_INGRESS] = BPF_TC_EGRESS,
	[RF_EGRESS] = BPF_TC_INGRESS,
};

static const char *hook_name(size_t direction)
{
	return hooks[direction] == BPF_TC_EGRESS ? "egress" : "ingress";
}

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

int rf_clsact_settle(uint32_t ifindex, bool *make_qdisc, struct rf_error *error)
{
	_cleanup_netlink_ struct nl_sock *socket = NULL;
	char kind[16];
	int ret = rf_netlink_open(&socket, error);

	if (ret)
		return ret;
	ret = rf_ingress_qdisc_kind(socket, ifindex, kind);
	if (ret)
		return rf_fail_system(error, RF_CODE_ATTACH, ret, "read qdiscs of ifindex %u",
				      ifindex);
	if (kind[0] && strcmp(kind, "clsact")) {
		rf_error_hint(error,
			      "with TCX (Linux 6.6 and later, attach: \"auto\") both can be; or "
			      "remove the other plugin from the chain");
		return rf_fail(error, RF_CODE_ATTACH, -EBUSY,
			       "ifindex %u has a qdisc of kind \"%s\" where clsact is needed",
			       ifindex, kind);
	}
	*make_qdisc = !kind[0];
	return 0;
}

int rf_clsact_attach(const struct rf_objects *objects, const struct rf_attach_point *point,
		     struct rf_error *error)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)point->ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	int ret;

	libbpf_set_print(quiet);
	ret = bpf_tc_hook_create(&hook);
	if (ret && ret != -EEXIST)
		return rf_fail_system(error, RF_CODE_ATTACH, ret, "make clsact qdisc on ifindex %u",
				      point->ifindex);
	for (size_t direction = 0; direction < RF_DIRECTIONS; direction++) {
		LIBBPF_OPTS(bpf_tc_opts, filter, .handle = filter_handle(point),
			    .priority = FILTER_PRIORITY, .prog_fd = objects->programs[direction],
			    .flags = BPF_TC_F_REPLACE);

		hook.attach_point = hooks[direction];
		ret = bpf_tc_attach(&hook, &filter);
		if (ret)
			return rf_fail_system(error, RF_CODE_ATTACH, ret,
					      "attach to ifindex %u by clsact %s, priority %d",
					      point->ifindex, hook_name(direction),
					      FILTER_PRIORITY);
	}
	return 0;
}

/* The qdisc goes if we made it and nobody has put a filter of theirs there since. */
static int remove_qdisc(uint32_t ifindex, struct rf_error *error)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	_cleanup_netlink_ struct nl_sock *socket = NULL;
	bool ingress = false, egress = false;
	int ret = rf_netlink_open(&socket, error);

	if (ret)
		return ret;
	if (rf_any_filter(socket, ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), &ingress) ||
	    rf_any_filter(socket, ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS), &egress) ||
	    ingress || egress)
		return 0;
	ret = bpf_tc_hook_destroy(&hook);
	if (ret && ret != -ENOENT && ret != -ENODEV && ret != -EINVAL)
		return rf_fail_system(error, RF_CODE_ATTACH, ret,
				      "remove clsact qdisc of ifindex %u", ifindex);
	return 0;
}

int rf_clsact_detach(const struct rf_attach_point *point, struct rf_error *error)
{
	int result = 0;

	libbpf_set_print(quiet);
	for (size_t direction = 0; direction < RF_DIRECTIONS; direction++) {
		LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)point->ifindex,
			    .attach_point = hooks[direction]);
		LIBBPF_OPTS(bpf_tc_opts, filter, .handle = filter_handle(point),
			    .priority = FILTER_PRIORITY);
		int ret = bpf_tc_detach(&hook, &filter);

		/* ENOENT: no filter; EINVAL: no qdisc; ENODEV: no link. All is gone already. */
		if (ret && ret != -ENOENT && ret != -EINVAL && ret != -ENODEV && !result)
			result = rf_fail_system(error, RF_CODE_ATTACH, ret,
						"detach from ifindex %u, clsact %s", point->ifindex,
						hook_name(direction));
	}
	if (!result && point->made_qdisc)
		result = remove_qdisc(point->ifindex, error);
	return result;
}

int rf_clsact_check(const struct rf_objects *objects, const struct rf_attach_point *point,
		    struct rf_error *error)
{
	libbpf_set_print(quiet);
	for (size_t direction = 0; direction < RF_DIRECTIONS; direction++) {
		LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)point->ifindex,
			    .attach_point = hooks[direction]);
		LIBBPF_OPTS(bpf_tc_opts, filter, .handle = filter_handle(point),
			    .priority = FILTER_PRIORITY);
		int ret = bpf_tc_query(&hook, &filter);

		if (ret)
			return rf_fail_system(error, RF_CODE_NOT_IN_FORCE, ret,
					      "find our filter at ifindex %u, clsact %s",
					      point->ifindex, hook_name(direction));
		if (filter.prog_id != objects->program_ids[direction])
			return rf_fail(
				error, RF_CODE_NOT_IN_FORCE, -ENOENT,
				"the filter at ifindex %u, clsact %s is program %u, not ours (%u)",
				point->ifindex, hook_name(direction), filter.prog_id,
				objects->program_ids[direction]);
	}
	return 0;
}
