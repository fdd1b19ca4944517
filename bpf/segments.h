/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Super-packets (GSO, GRO): many on the wire, each with headers of its own. */
#ifndef RINGFENCE_BPF_SEGMENTS_H
#define RINGFENCE_BPF_SEGMENTS_H

#include "bpf/packet.h"

static __noinline int count_segments(struct __sk_buff *skb, struct packet *packet)
{
	__u32 size = skb->gso_size, segments = skb->gso_segs;

	/* Nobody has counted those of a virtual machine or a raw socket yet. */
	if (!segments && size)
		segments = (packet->length - packet->payload + size - 1) / size;
	if (segments > 1) {
		packet->segments = segments;
		packet->bytes += (segments - 1) * packet->payload;
	}
	return 0;
}

#endif
