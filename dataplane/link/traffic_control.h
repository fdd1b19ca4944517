/* SPDX-License-Identifier: Apache-2.0 */
/* What tc(8) has at the ingress hook of an interface: the qdisc there, and the filters in it. */
#ifndef RINGFENCE_DATAPLANE_TRAFFIC_CONTROL_H
#define RINGFENCE_DATAPLANE_TRAFFIC_CONTROL_H

#include <stdint.h>

struct nl_sock;

/* The qdisc at the ingress hook; only a clsact has an egress side. */
struct rf_hook_qdisc {
	char kind[16];          /* "clsact", "ingress", or "" if there is none */
	uint32_t ingress_block; /* whose filters it has, if they are shared; else 0 */
	uint32_t egress_block;
};

/* The qdisc at the ingress hook of @ifindex. Returns 0 or -errno. */
int rf_hook_qdisc(struct nl_sock *socket, uint32_t ifindex, struct rf_hook_qdisc *out);

/* A filter, or the place of one kind of filters (with handle 0): the kernel tells both. */
struct rf_filter {
	uint32_t chain;
	uint16_t priority;
	uint16_t protocol; /* an EtherType, in host byte order */
	uint32_t handle;
	char kind[16];
	uint32_t program_id; /* of kind "bpf"; else 0 */
};

/*
 * Call @visit for each filter at @parent (TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS or
 * TC_H_MIN_EGRESS)) of @ifindex: within a chain by priority, and those of kind "bpf" with one
 * priority in the order in which they are called. Returns 0 or -errno.
 */
int rf_filter_each(struct nl_sock *socket, uint32_t ifindex, uint32_t parent,
		   void (*visit)(const struct rf_filter *filter, void *context), void *context);

#endif
