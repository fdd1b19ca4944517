/* SPDX-License-Identifier: Apache-2.0 */
/* The few questions that ringfence has for rtnetlink(7). Each asks for one object, and dumps
 * nothing. */
#ifndef RINGFENCE_DATAPLANE_NETLINK_H
#define RINGFENCE_DATAPLANE_NETLINK_H

#include "netconf/error.h"

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct nl_sock;

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

/* The link called @name. Returns 0 or -errno (-ENODEV: there is none). */
int rf_link_by_name(struct nl_sock *socket, const char *name, struct rf_link *out);

/* The link with @ifindex. Returns 0 or -errno (-ENODEV: there is none). */
int rf_link_by_index(struct nl_sock *socket, uint32_t ifindex, struct rf_link *out);

/* The id that the socket's netns has for the one of @netns; -1 if it has none. 0 or -errno. */
int rf_netns_id(struct nl_sock *socket, int netns, int32_t *id);

/*
 * The kind of the qdisc at the ingress hook of @ifindex: "clsact", "ingress", or "" if there is
 * none. Returns 0 or -errno.
 */
int rf_ingress_qdisc_kind(struct nl_sock *socket, uint32_t ifindex, char kind[16]);

/*
 * True in *@any if a filter is at the clsact hook @parent (TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS
 * or TC_H_MIN_EGRESS)) of @ifindex. Returns 0 or -errno.
 */
int rf_any_filter(struct nl_sock *socket, uint32_t ifindex, uint32_t parent, bool *any);

#endif
