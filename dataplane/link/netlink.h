/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink(7): how it is asked, and what ringfence asks it of links. Each question is for one
 * link, and dumps nothing. */
#ifndef RINGFENCE_DATAPLANE_NETLINK_H
#define RINGFENCE_DATAPLANE_NETLINK_H

#include "netconf/error.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct nl_msg;
struct nl_sock;
struct nlmsghdr;

struct rf_link {
	uint32_t ifindex;
	uint32_t peer_ifindex; /* IFLA_LINK: of a veth, the other side; 0 if there is none */
	int32_t peer_netns_id; /* IFLA_LINK_NETNSID; -1 if the other side is in the same netns */
	char name[IF_NAMESIZE];
	char kind[16]; /* IFLA_INFO_KIND; "" for a device without */
};

/* A socket in the network namespace that the thread is in. The caller frees it
 * (_cleanup_netlink_). */
int rf_netlink_open(struct nl_sock **out, struct rf_error *error);

/* Release a socket at the end of its scope. */
void rf_cleanup_netlink(struct nl_sock **socket);
#define _cleanup_netlink_ __attribute__((cleanup(rf_cleanup_netlink)))

/* Release a message at the end of its scope. */
void rf_cleanup_message(struct nl_msg **message);
#define _cleanup_message_ __attribute__((cleanup(rf_cleanup_message)))

/*
 * Send @question and give each message that comes to @read, until the kernel's acknowledgement or
 * the end of a dump. There may be nothing to read (an empty dump; a qdisc of the kernel's own):
 * then what the caller has preset in @out stays. Returns what @read has returned for the last
 * message, or the kernel's -errno; -EIO, -ETIMEDOUT.
 */
int rf_netlink_ask(struct nl_sock *socket, struct nl_msg *question,
		   int (*read)(struct nlmsghdr *header, void *out), void *out);

/* The link called @name. Returns 0 or -errno (-ENODEV: there is none). */
int rf_link_by_name(struct nl_sock *socket, const char *name, struct rf_link *out);

/* The link with @ifindex. Returns 0 or -errno (-ENODEV: there is none). */
int rf_link_by_index(struct nl_sock *socket, uint32_t ifindex, struct rf_link *out);

/* The id that the socket's netns has for the one of @netns; -1 if it has none. 0 or -errno. */
int rf_netns_id(struct nl_sock *socket, int netns, int32_t *id);

#endif
