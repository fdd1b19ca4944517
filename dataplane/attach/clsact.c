// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/clsact.h"
#include "dataplane/attach/program.h"
#include "dataplane/link/netlink.h"
#include "dataplane/link/traffic_control.h"
#include "netconf/cleanup.h"

#include <bpf/libbpf.h>
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
static const enum bpf_tc_attach_point hooks[RF_DIRECTIONS] = {
	[RF_INGRESS] = BPF_TC_EGRESS,
	[RF_EGRESS] = BPF_TC_INGRESS,
};

const char *rf_clsact_hook_name(enum rf_direction direction)
{
	return hooks[direction] == BPF_TC_EGRESS ? "egress" : "ingress";
}

uint32_t rf_clsact_parent(enum rf_direction direction)
{
	return TC_H_MAKE(TC_H_CLSACT,
			 hooks[direction] == BPF_TC_EGRESS ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
}

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

static int make_qdisc(uint32_t ifindex, struct rf_error *error)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	int ret = bpf_tc_hook_create(&hook);
	bool missing;

	/* It may be another's, and of another kind, that was made since it was looked for. */
	if (ret == -EEXIST)
		return rf_clsact_refuse_qdisc(ifindex, &missing, error);
	return ret ? rf_fail_system(error, RF_CODE_ATTACH, ret, "make clsact qdisc on ifindex %u",
				    ifindex)
		   : 0;
}

static int attach_one(const struct rf_objects *objects, const struct rf_attach_point *point,
		      enum rf_direction direction, struct rf_error *error)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)point->ifindex,
		    .attach_point = hooks[direction]);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = rf_clsact_handle(point),
		    .priority = RF_CLSACT_PRIORITY, .prog_fd = objects->programs[direction],
		    .flags = BPF_TC_F_REPLACE);
	int ret = bpf_tc_attach(&hook, &filter);

	if (!ret)
		return 0;
	rf_error_hint(error,
		      "somebody else changes qdiscs or filters there: see tc qdisc show and tc "
		      "filter show");
	return rf_fail_system(error, RF_CODE_ATTACH, ret,
			      "attach to ifindex %u by clsact %s, priority %d", point->ifindex,
			      rf_clsact_hook_name(direction), RF_CLSACT_PRIORITY);
}

int rf_clsact_attach(const struct rf_objects *objects, const struct rf_attach_point *point,
		     struct rf_error *error)
{
	int ret;

	libbpf_set_print(quiet);
	ret = make_qdisc(point->ifindex, error);
	for (size_t direction = 0; direction < RF_DIRECTIONS && !ret; direction++)
		ret = attach_one(objects, point, direction, error);
	return ret;
}

static void note_filter(const struct rf_filter *filter, void *any)
{
	(void)filter;
	*(bool *)any = true;
}

/*
 * ENOENT: no such filter; EINVAL: no qdisc, or filters of another kind; ENODEV: no link;
 * EOPNOTSUPP: filters that are shared with other interfaces, among which ours never are.
 */
static bool is_none(int ret)
{
	return ret == -ENOENT || ret == -EINVAL || ret == -ENODEV || ret == -EOPNOTSUPP;
}

/* The qdisc goes if we made it and nobody has put a filter of theirs there since. */
static int remove_qdisc(uint32_t ifindex, struct rf_error *error)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	_cleanup_netlink_ struct nl_sock *socket = NULL;
	bool any = false;
	int ret = rf_netlink_open(&socket, error);

	if (ret)
		return ret;
	for (size_t direction = 0; direction < RF_DIRECTIONS && !ret; direction++)
		ret = rf_filter_each(socket, ifindex, rf_clsact_parent(direction), note_filter,
				     &any);
	/* No qdisc there, or no interface: it is gone. */
	if (ret)
		return is_none(ret) ? 0
				    : rf_fail_system(error, RF_CODE_ATTACH, ret,
						     "look for filters at ifindex %u", ifindex);
	if (any)
		return 0;
	ret = bpf_tc_hook_destroy(&hook);
	if (ret && !is_none(ret))
		return rf_fail_system(error, RF_CODE_ATTACH, ret,
				      "remove clsact qdisc of ifindex %u", ifindex);
	return 0;
}

static int detach_one(const struct rf_attach_point *point, enum rf_direction direction)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)point->ifindex,
		    .attach_point = hooks[direction]);
	LIBBPF_OPTS(bpf_tc_opts, found, .handle = rf_clsact_handle(point),
		    .priority = RF_CLSACT_PRIORITY);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = rf_clsact_handle(point),
		    .priority = RF_CLSACT_PRIORITY);
	bool ours = false;
	int ret = bpf_tc_query(&hook, &found);

	/* Another's filter may have our handle. */
	if (!ret)
		ret = rf_program_is_ours(found.prog_id, direction, &ours);
	if (!ret && ours)
		ret = bpf_tc_detach(&hook, &filter);
	return is_none(ret) ? 0 : ret;
}

int rf_clsact_detach(const struct rf_attach_point *point, struct rf_error *error)
{
	int result = 0;

	libbpf_set_print(quiet);
	for (size_t direction = 0; direction < RF_DIRECTIONS; direction++) {
		int ret = detach_one(point, direction);

		if (ret && !result)
			result = rf_fail_system(error, RF_CODE_ATTACH, ret,
						"detach from ifindex %u, clsact %s", point->ifindex,
						rf_clsact_hook_name(direction));
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
		LIBBPF_OPTS(bpf_tc_opts, filter, .handle = rf_clsact_handle(point),
			    .priority = RF_CLSACT_PRIORITY);
		int ret = bpf_tc_query(&hook, &filter);

		if (ret)
			return rf_fail_system(error, RF_CODE_NOT_IN_FORCE, ret,
					      "find our filter at ifindex %u, clsact %s",
					      point->ifindex, rf_clsact_hook_name(direction));
		if (filter.prog_id != objects->program_ids[direction])
			return rf_fail(
				error, RF_CODE_NOT_IN_FORCE, -ENOENT,
				"the filter at ifindex %u, clsact %s is program %u, not ours (%u)",
				point->ifindex, rf_clsact_hook_name(direction), filter.prog_id,
				objects->program_ids[direction]);
	}
	return 0;
}
