// SPDX-License-Identifier: Apache-2.0
#include "test/lib/veth.h"
#include "dataplane/link/netlink.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static void expect(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	abort();
}

static int no_answer(struct nlmsghdr *header, void *out)
{
	(void)header;
	(void)out;
	return 0;
}

static bool put_side(struct nl_msg *message, const char *name)
{
	return !nla_put_string(message, IFLA_IFNAME, name) &&
	       !nla_put_u32(message, IFLA_MTU, VETH_MTU);
}

static void ask(struct nl_sock *netlink, struct nl_msg *message, const char *what)
{
	errno = -rf_netlink_ask(netlink, message, no_answer, NULL);
	expect(!errno, what);
}

static void make_veth(struct nl_sock *netlink)
{
	struct ifinfomsg side = {};
	_cleanup_message_ struct nl_msg *message =
		nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *information, *data, *peer;

	expect(message && !nlmsg_append(message, &side, sizeof(side), NLMSG_ALIGNTO) &&
		       put_side(message, "host"),
	       "veth");
	information = nla_nest_start(message, IFLA_LINKINFO);
	expect(information && !nla_put_string(message, IFLA_INFO_KIND, "veth"), "veth");
	data = nla_nest_start(message, IFLA_INFO_DATA);
	peer = data ? nla_nest_start(message, VETH_INFO_PEER) : NULL;
	expect(peer && !nlmsg_append(message, &side, sizeof(side), NLMSG_ALIGNTO) &&
		       put_side(message, "pod"),
	       "veth");
	nla_nest_end(message, peer);
	nla_nest_end(message, data);
	nla_nest_end(message, information);
	ask(netlink, message, "make a veth pair");
}

static void set_up(struct nl_sock *netlink, const char *name)
{
	struct ifinfomsg link = {
		.ifi_index = (int)if_nametoindex(name), .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
	_cleanup_message_ struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWLINK, 0);

	expect(message && !nlmsg_append(message, &link, sizeof(link), NLMSG_ALIGNTO), "veth");
	ask(netlink, message, "set a veth up");
}

/* By clsact, which every kernel has. */
static void attach(const struct programs *programs, int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, from_pod, .prog_fd = programs->objects.programs[RF_EGRESS]);
	LIBBPF_OPTS(bpf_tc_opts, to_pod, .prog_fd = programs->objects.programs[RF_INGRESS]);

	expect(!bpf_tc_hook_create(&hook), "clsact");
	hook.attach_point = BPF_TC_INGRESS;
	expect(!bpf_tc_attach(&hook, &from_pod), "attach");
	hook.attach_point = BPF_TC_EGRESS;
	expect(!bpf_tc_attach(&hook, &to_pod), "attach");
}

struct veth veth_open(const struct programs *programs)
{
	_cleanup_netlink_ struct nl_sock *netlink = NULL;
	struct rf_error error = {};
	struct veth veth;

	expect(!unshare(CLONE_NEWNET), "network namespace");
	expect(!rf_netlink_open(&netlink, &error), "netlink");
	make_veth(netlink);
	set_up(netlink, "host");
	set_up(netlink, "pod");
	veth.host = (int)if_nametoindex("host");
	veth.pod = (int)if_nametoindex("pod");
	attach(programs, veth.host);
	return veth;
}
