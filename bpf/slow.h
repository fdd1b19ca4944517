/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is known of a packet that takes more than a look at its session. Not on the stack, which is
 * small; and what the verifier knows of the stack differs with each way through the headers, so
 * that it would look at all that follows once for each of them. Programs are not interrupted by
 * programs on their CPU.
 */
#ifndef RINGFENCE_BPF_SLOW_H
#define RINGFENCE_BPF_SLOW_H

#include "bpf/decision.h"
#include "bpf/packet.h"

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct slow_packet {
	struct packet packet;
	struct packet inner; /* that an ICMP error is about */
	struct decision decision;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct slow_packet);
} slow_packets SEC(".maps");

static __always_inline struct slow_packet *slow_packet(void)
{
	__u32 only = 0;

	return bpf_map_lookup_elem(&slow_packets, &only);
}

#endif
