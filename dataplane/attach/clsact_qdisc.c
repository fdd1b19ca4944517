// SPDX-License-Identifier: Apache-2.0
#include "dataplane/attach/clsact_qdisc.h"
#include "dataplane/attach/clsact_hook.h"
#include "dataplane/link/netlink.h"
#include "dataplane/link/traffic_control.h"
#include "netconf/cleanup.h"

#include <string.h>

static void hint_tcx(struct rf_error *error)
{
	rf_error_hint(error, "with TCX (Linux 6.6 and later, attach: \"auto\") both can be; or "
			     "remove the other plugin from the chain");
}

int rf_clsact_refuse_qdisc(uint32_t ifindex, bool *missing, struct rf_error *error)
{
	_cleanup_netlink_ struct nl_sock *socket = NULL;
	struct rf_hook_qdisc qdisc;
	int ret = rf_netlink_open(&socket, error);

	if (ret)
		return ret;
	ret = rf_hook_qdisc(socket, ifindex, &qdisc);
	if (ret)
		return rf_fail_system(error, RF_CODE_ATTACH, ret, "read qdiscs of ifindex %u",
				      ifindex);
	if (qdisc.kind[0] && strcmp(qdisc.kind, "clsact")) {
		hint_tcx(error);
		return rf_fail(error, RF_CODE_ATTACH, -EBUSY,
			       "ifindex %u has a qdisc of kind \"%s\" where clsact is needed",
			       ifindex, qdisc.kind);
	}
	if (qdisc.ingress_block || qdisc.egress_block) {
		hint_tcx(error);
		return rf_fail(error, RF_CODE_ATTACH, -EBUSY,
			       "the filters of ifindex %u are shared with other interfaces: %s of "
			       "its clsact qdisc is %u",
			       ifindex, qdisc.ingress_block ? "ingress_block" : "egress_block",
			       qdisc.ingress_block ? qdisc.ingress_block : qdisc.egress_block);
	}
	*missing = !qdisc.kind[0];
	return 0;
}

int rf_clsact_make_qdisc(uint32_t ifindex, struct rf_error *error)
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

static void note_filter(const struct rf_filter *filter, void *any)
{
	(void)filter;
	*(bool *)any = true;
}

int rf_clsact_remove_qdisc(uint32_t ifindex, struct rf_error *error)
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
		return rf_clsact_is_none(ret)
			       ? 0
			       : rf_fail_system(error, RF_CODE_ATTACH, ret,
						"look for filters at ifindex %u", ifindex);
	if (any)
		return 0;
	ret = bpf_tc_hook_destroy(&hook);
	if (ret && !rf_clsact_is_none(ret))
		return rf_fail_system(error, RF_CODE_ATTACH, ret,
				      "remove clsact qdisc of ifindex %u", ifindex);
	return 0;
}
