/* SPDX-License-Identifier: Apache-2.0 */
/* The host side of a pod's veth pair, by what the kernel says; names in a prevResult are hints
 * only. */
#ifndef RINGFENCE_DATAPLANE_VETH_H
#define RINGFENCE_DATAPLANE_VETH_H

#include "netconf/error.h"

#include <net/if.h>
#include <stdint.h>

struct rf_veth {
	uint32_t ifindex; /* of the host side, in the netns that the caller is in */
	char name[IF_NAMESIZE];
};

/*
 * Find the host side of the link @interface in @netns: a veth whose other side is here, and which
 * points back at it (IFLA_LINK, IFLA_LINK_NETNSID). NO_VETH: there is no such link, it is of
 * another kind, or its other side is somewhere else.
 */
int rf_veth_resolve(int netns, const char *interface, struct rf_veth *out, struct rf_error *error);

#endif
