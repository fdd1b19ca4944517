// SPDX-License-Identifier: Apache-2.0
#include "dataplane/link/traffic_control.h"
#include "dataplane/link/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

static int read_qdisc(struct nlmsghdr *header, void *out)
{
	struct nlattr *attributes[TCA_MAX + 1];
	struct rf_hook_qdisc *qdisc = out;

	if (nlmsg_parse(header, sizeof(struct tcmsg), attributes, TCA_MAX, NULL) ||
	    !attributes[TCA_KIND])
		return -EPROTO;
	nla_strlcpy(qdisc->kind, attributes[TCA_KIND], sizeof(qdisc->kind));
	if (attributes[TCA_INGRESS_BLOCK])
		qdisc->ingress_block = nla_get_u32(attributes[TCA_INGRESS_BLOCK]);
	if (attributes[TCA_EGRESS_BLOCK])
		qdisc->egress_block = nla_get_u32(attributes[TCA_EGRESS_BLOCK]);
	return 0;
}

/* Without NLM_F_ECHO the kernel tells the answer to those who listen to RTNLGRP_TC, but not to who
 * asked. */
int rf_hook_qdisc(struct nl_sock *socket, uint32_t ifindex, struct rf_hook_qdisc *out)
{
	struct tcmsg at = {.tcm_ifindex = (int)ifindex, .tcm_parent = TC_H_INGRESS};
	_cleanup_message_ struct nl_msg *question = nlmsg_alloc_simple(RTM_GETQDISC, NLM_F_ECHO);
	int ret;

	if (!question || nlmsg_append(question, &at, sizeof(at), NLMSG_ALIGNTO))
		return -ENOMEM;
	*out = (struct rf_hook_qdisc){};
	ret = rf_netlink_ask(socket, question, read_qdisc, out);
	return ret == -ENOENT ? 0 : ret;
}

struct visitor {
	void (*visit)(const struct rf_filter *filter, void *context);
	void *context;
};

static int read_filter(struct nlmsghdr *header, void *out)
{
	struct nlattr *attributes[TCA_MAX + 1], *options[TCA_BPF_MAX + 1];
	const struct tcmsg *message = nlmsg_data(header);
	const struct visitor *visitor = out;
	struct rf_filter filter = {};

	if (header->nlmsg_type != RTM_NEWTFILTER)
		return 0;
	if (nlmsg_parse(header, sizeof(*message), attributes, TCA_MAX, NULL) ||
	    !attributes[TCA_KIND])
		return -EPROTO;
	filter.priority = TC_H_MAJ(message->tcm_info) >> 16;
	filter.protocol = ntohs(TC_H_MIN(message->tcm_info));
	filter.handle = message->tcm_handle;
	if (attributes[TCA_CHAIN])
		filter.chain = nla_get_u32(attributes[TCA_CHAIN]);
	nla_strlcpy(filter.kind, attributes[TCA_KIND], sizeof(filter.kind));
	if (!strcmp(filter.kind, "bpf") && attributes[TCA_OPTIONS] &&
	    !nla_parse_nested(options, TCA_BPF_MAX, attributes[TCA_OPTIONS], NULL) &&
	    options[TCA_BPF_ID])
		filter.program_id = nla_get_u32(options[TCA_BPF_ID]);
	visitor->visit(&filter, visitor->context);
	return 0;
}

int rf_filter_each(struct nl_sock *socket, uint32_t ifindex, uint32_t parent,
		   void (*visit)(const struct rf_filter *filter, void *context), void *context)
{
	struct tcmsg at = {.tcm_ifindex = (int)ifindex, .tcm_parent = parent};
	_cleanup_message_ struct nl_msg *question = nlmsg_alloc_simple(RTM_GETTFILTER, NLM_F_DUMP);
	struct visitor visitor = {.visit = visit, .context = context};

	if (!question || nlmsg_append(question, &at, sizeof(at), NLMSG_ALIGNTO))
		return -ENOMEM;
	return rf_netlink_ask(socket, question, read_filter, &visitor);
}
