// SPDX-License-Identifier: Apache-2.0
#include "dataplane/link/netlink.h"
#include "netconf/cleanup.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <string.h>

int rf_netlink_open(struct nl_sock **out, struct rf_error *error)
{
	const struct timeval patience = {.tv_sec = 5};
	struct nl_sock *socket = nl_socket_alloc();
	int ret;

	if (!socket)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM,
				      "allocate a netlink socket");
	errno = 0;
	if (nl_connect(socket, NETLINK_ROUTE)) {
		ret = errno ? -errno : -EIO;
		nl_socket_free(socket);
		return rf_fail_system(error, RF_CODE_INTERNAL, ret, "open a netlink socket");
	}
	/* The kernel answers at once, or something is wrong: a plugin must not hang. */
	setsockopt(nl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	*out = socket;
	return 0;
}

void rf_cleanup_netlink(struct nl_sock **socket)
{
	nl_socket_free(*socket);
}

void rf_cleanup_message(struct nl_msg **message)
{
	nlmsg_free(*message);
}

/* What the handlers of an answer need, and what the kernel said if it refused. */
struct answer {
	int (*read)(struct nlmsghdr *header, void *out);
	void *out;
	int result;
	bool complete;
};

static int on_message(struct nl_msg *message, void *argument)
{
	struct answer *answer = argument;

	answer->result = answer->read(nlmsg_hdr(message), answer->out);
	return NL_OK;
}

static int on_end(struct nl_msg *message, void *argument)
{
	struct answer *answer = argument;

	(void)message;
	answer->complete = true;
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *refusal, void *argument)
{
	struct answer *answer = argument;

	(void)from;
	answer->result = refusal->error;
	answer->complete = true;
	return NL_STOP;
}

int rf_netlink_ask(struct nl_sock *socket, struct nl_msg *question,
		   int (*read)(struct nlmsghdr *header, void *out), void *out)
{
	struct answer answer = {.read = read, .out = out};
	int ret = 0;

	nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, on_message, &answer);
	nl_socket_modify_cb(socket, NL_CB_ACK, NL_CB_CUSTOM, on_end, &answer);
	nl_socket_modify_cb(socket, NL_CB_FINISH, NL_CB_CUSTOM, on_end, &answer);
	nl_socket_modify_err_cb(socket, NL_CB_CUSTOM, on_error, &answer);
	/* libnl has few errors of its own: the kernel's say more. */
	errno = 0;
	if (nl_send_auto(socket, question) < 0)
		return errno ? -errno : -EIO;
	while (!answer.complete && ret >= 0)
		ret = nl_recvmsgs_default(socket);
	/* cppcheck-suppress knownConditionTrueFalse ; the handlers set it */
	if (answer.complete)
		return answer.result;
	return ret == -NLE_AGAIN || !errno ? -ETIMEDOUT : -errno;
}

static int read_link(struct nlmsghdr *header, void *out)
{
	struct nlattr *attributes[IFLA_MAX + 1], *information[IFLA_INFO_MAX + 1];
	struct ifinfomsg *interface = nlmsg_data(header);
	struct rf_link link = {.peer_netns_id = -1};

	if (header->nlmsg_type != RTM_NEWLINK ||
	    nlmsg_parse(header, sizeof(*interface), attributes, IFLA_MAX, NULL))
		return -EPROTO;
	link.ifindex = interface->ifi_index;
	if (attributes[IFLA_IFNAME])
		nla_strlcpy(link.name, attributes[IFLA_IFNAME], sizeof(link.name));
	if (attributes[IFLA_LINK])
		link.peer_ifindex = nla_get_u32(attributes[IFLA_LINK]);
	if (attributes[IFLA_LINK_NETNSID])
		link.peer_netns_id = nla_get_s32(attributes[IFLA_LINK_NETNSID]);
	if (attributes[IFLA_LINKINFO] &&
	    !nla_parse_nested(information, IFLA_INFO_MAX, attributes[IFLA_LINKINFO], NULL) &&
	    information[IFLA_INFO_KIND])
		nla_strlcpy(link.kind, information[IFLA_INFO_KIND], sizeof(link.kind));
	*(struct rf_link *)out = link;
	return 0;
}

static int get_link(struct nl_sock *socket, const char *name, uint32_t ifindex, struct rf_link *out)
{
	struct ifinfomsg interface = {.ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex};
	_cleanup_message_ struct nl_msg *question = nlmsg_alloc_simple(RTM_GETLINK, 0);

	if (!question || nlmsg_append(question, &interface, sizeof(interface), NLMSG_ALIGNTO) ||
	    nla_put_u32(question, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS) ||
	    (name && nla_put_string(question, IFLA_IFNAME, name)))
		return -ENOMEM;
	return rf_netlink_ask(socket, question, read_link, out);
}

int rf_link_by_name(struct nl_sock *socket, const char *name, struct rf_link *out)
{
	return get_link(socket, name, 0, out);
}

int rf_link_by_index(struct nl_sock *socket, uint32_t ifindex, struct rf_link *out)
{
	return get_link(socket, NULL, ifindex, out);
}

static int read_netns_id(struct nlmsghdr *header, void *out)
{
	struct nlattr *attributes[NETNSA_MAX + 1];

	if (nlmsg_parse(header, sizeof(struct rtgenmsg), attributes, NETNSA_MAX, NULL) ||
	    !attributes[NETNSA_NSID])
		return -EPROTO;
	*(int32_t *)out = nla_get_s32(attributes[NETNSA_NSID]);
	return 0;
}

int rf_netns_id(struct nl_sock *socket, int netns, int32_t *id)
{
	struct rtgenmsg general = {.rtgen_family = AF_UNSPEC};
	_cleanup_message_ struct nl_msg *question = nlmsg_alloc_simple(RTM_GETNSID, 0);

	if (!question || nlmsg_append(question, &general, sizeof(general), NLMSG_ALIGNTO) ||
	    nla_put_u32(question, NETNSA_FD, netns))
		return -ENOMEM;
	return rf_netlink_ask(socket, question, read_netns_id, id);
}
