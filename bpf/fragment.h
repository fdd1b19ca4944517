/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a fragment says of itself (RFC 791, 3.2; RFC 8200, 4.5), and whether it is possible. */
#ifndef RINGFENCE_BPF_FRAGMENT_H
#define RINGFENCE_BPF_FRAGMENT_H

#include "bpf/packet.h"

#include <bpf/bpf_endian.h>

#define V4_FRAGMENT_OFFSET 0x1fff
#define V4_FRAGMENT_MORE   0x2000
#define V6_FRAGMENT_SIZE   8 /* of the header */

static __always_inline int is_v4_fragment(__be16 field)
{
	return field & bpf_htons(V4_FRAGMENT_OFFSET | V4_FRAGMENT_MORE);
}

/* @field: flags and offset. */
static __always_inline void take_v4_fragment(struct packet *packet, __be32 id, __be16 field,
					     __u32 header_length)
{
	packet->fragment_id = id;
	packet->fragment_offset = (bpf_ntohs(field) & V4_FRAGMENT_OFFSET) * 8;
	packet->more_fragments = !!(field & bpf_htons(V4_FRAGMENT_MORE));
	packet->fragmented = packet->network + header_length;
	packet->fragment = packet->fragment_offset ? FRAGMENT_LATER : FRAGMENT_FIRST;
}

static __always_inline int is_later_v6(const __u8 *header)
{
	return *(__be16 *)(header + 2) & bpf_htons(0xfff8);
}

static __always_inline void take_v6_fragment(struct packet *packet, const __u8 *header,
					     __u32 offset)
{
	__u16 field = bpf_ntohs(*(__be16 *)(header + 2));

	packet->fragment_id = *(__be32 *)(header + 4);
	packet->fragment_offset = field & 0xfff8;
	packet->more_fragments = field & 1;
	packet->fragmented = offset + V6_FRAGMENT_SIZE;
	packet->fragment = packet->fragment_offset  ? FRAGMENT_LATER
			   : packet->more_fragments ? FRAGMENT_FIRST
						    : FRAGMENT_ATOMIC;
}

/*
 * A fragment has data, which ends on 8 bytes if more follow, and the whole packet a length that 16
 * bits can tell; @unfragmented bytes of that length stand before the part that was fragmented.
 */
static __always_inline int check_fragment(struct packet *packet, __u32 unfragmented)
{
	__u32 size = packet->end - packet->fragmented;

	if (packet->fragmented >= packet->end || (packet->more_fragments && size % 8) ||
	    unfragmented + packet->fragment_offset + size > 0xffff)
		return PACKET_MALFORMED;
	if (packet->fragment != FRAGMENT_LATER)
		return PACKET_FLOW;
	packet->transport = packet->fragmented;
	packet->payload = packet->fragmented;
	packet->stateless = 1;
	return PACKET_FRAGMENT;
}

#endif
