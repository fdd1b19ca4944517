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
	PACKET_FLOW,      /* flow is filled */
	PACKET_NEIGHBOUR, /* neighbour or listener discovery, valid by its hop limit */
	PACKET_NOT_IP,
	PACKET_FRAGMENT,
	PACKET_MALFORMED,
};

struct packet {
	struct rf_flow_key flow;
	__u32 length;    /* bytes, with the Ethernet header */
	__u32 bytes;     /* the same on the wire: of a super-packet, of all its segments */
	__u32 segments;  /* packets on the wire */
	__u32 network;   /* offset of the IP header */
	__u32 transport; /* offset of the transport header */
	__u32 payload;   /* offset behind it */
	__u32 end;       /* offset behind the IP packet: padding is not part of it */
	__be32 tcp_sequence;
	__be32 tcp_acknowledgement;
	__be16 ether_type;
	__be16 icmp;    /* type and code */
	__u8 kind;      /* enum packet_kind */
	__u8 direction; /* enum rf_direction */
	__u8 tcp_flags;
	__u8 to_group;  /* Ethernet broadcast or multicast: no session can come of it */
	__u8 stateless; /* judged each by itself: ICMP that is no echo request */
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
 * Copy @size bytes from there to @to; false if they are not within the IP packet. For what is read
 * rarely: where it lies is nothing that the verifier must know, which saves it most of its work.
 */
static __always_inline int transport_copy(struct __sk_buff *skb, const struct packet *packet,
					  __u32 offset, void *to, __u32 size)
{
	return offset + size <= packet->end && !bpf_skb_load_bytes(skb, offset, to, size);
}

#endif
