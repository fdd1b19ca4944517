/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A packet while it is decided: what is known of it, and safe access to its headers. */
#ifndef RINGFENCE_BPF_PACKET_H
#define RINGFENCE_BPF_PACKET_H

#include "bpf/abi.h"

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define likely(condition)   __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

#define HEADERS_MAX 2048 /* bytes before the transport header */

enum packet_kind {
	PACKET_FLOW = 0,  /* flow is filled */
	PACKET_NEIGHBOUR, /* neighbour or listener discovery, valid by its hop limit */
	PACKET_NOT_IP,
	PACKET_FRAGMENT,     /* a later fragment: its first one knows the flow */
	PACKET_SOURCE_ROUTE, /* it would go on to another destination than it names */
	PACKET_MALFORMED,
};

enum packet_fragment {
	FRAGMENT_NONE = 0,
	FRAGMENT_ATOMIC, /* IPv6: a fragment header, and yet whole (RFC 6946) */
	FRAGMENT_FIRST,
	FRAGMENT_LATER, /* without transport header: neither TCP flags nor a session can come of it
			 */
};

/*
 * What is stored at a multiple of 8 the verifier tracks, on each way of parsing apart: what is the
 * same on all of them stands there, so that it has less to look at.
 */
struct packet {
	struct rf_flow_key flow;
	__u32 bytes;      /* on the wire: of a super-packet, of all its segments */
	__u32 segments;   /* packets on the wire */
	__u32 length;     /* bytes here, with the Ethernet header */
	__u32 network;    /* offset of the IP header */
	__u32 end;        /* offset behind the IP packet: padding is not part of it */
	__u32 transport;  /* offset of the transport header */
	__u32 payload;    /* offset behind it */
	__u32 fragmented; /* of a fragment: offset of the part that was fragmented */
	__be32 tcp_sequence;
	__be32 tcp_acknowledgement;
	__be16 icmp;       /* type and code */
	__be16 ether_type; /* behind the tags */
	__be32 fragment_id;
	__u16 fragment_offset; /* bytes */
	__u8 kind;             /* enum packet_kind */
	__u8 fragment;         /* enum packet_fragment */
	__u8 more_fragments;
	__u8 direction; /* enum rf_direction */
	__u8 tcp_flags;
	__u8 to_group;  /* Ethernet broadcast or multicast: no session can come of it */
	__u8 stateless; /* no session comes of it: ICMP that is no echo request, later fragments */
};

/* By assembly, since the compiler moves these fields through 32-bit registers, which no pointer
 * survives. */
#define PACKET_POINTER(skb, field)                                                                 \
	({                                                                                         \
		void *pointer;                                                                     \
		asm volatile("%0 = *(u32 *)(%1 + %2)"                                              \
			     : "=r"(pointer)                                                       \
			     : "r"(skb), "i"(__builtin_offsetof(struct __sk_buff, field)));        \
		pointer;                                                                           \
	})

/*
 * @size bytes at @offset in the linear part. The empty assembly keeps the pointer that is checked
 * and the one that is used the same register, as the verifier wants it.
 */
static __always_inline void *linear_at(struct __sk_buff *skb, __u32 offset, __u32 size)
{
	void *header = PACKET_POINTER(skb, data) + offset;

	asm volatile("" : "+r"(header));
	return header + size > PACKET_POINTER(skb, data_end) ? NULL : header;
}

/*
 * As linear_at(), pulled into the linear part if need be. Pulling is the exception: it may copy a
 * cloned skb. Invalidates all earlier pointers into the packet.
 */
static __always_inline void *header_at(struct __sk_buff *skb, __u32 offset, __u32 size)
{
	void *header = linear_at(skb, offset, size);

	if (likely(header))
		return header;
	return bpf_skb_pull_data(skb, offset + size) ? NULL : linear_at(skb, offset, size);
}

/* As header_at(), for a header that must lie within the IP packet. */
static __always_inline void *transport_at(struct __sk_buff *skb, const struct packet *packet,
					  __u32 offset, __u32 size)
{
	if (offset > HEADERS_MAX || offset + size > packet->end)
		return NULL;
	return header_at(skb, offset, size);
}

/*
 * Copy @size bytes at @offset, which must lie within the IP packet: for headers that are rare, as
 * it costs a call. True if they are there.
 */
static __always_inline int load_at(struct __sk_buff *skb, const struct packet *packet, __u32 offset,
				   void *header, __u32 size)
{
	return offset + size <= packet->end && !bpf_skb_load_bytes(skb, offset, header, size);
}

#endif
