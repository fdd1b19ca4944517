/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * "Administratively prohibited" (RFC 1812, 5.2.7.1; RFC 4443, 3.1), with as much of the packet as
 * an error may quote.
 */
#ifndef RINGFENCE_BPF_REJECT_ICMP_H
#define RINGFENCE_BPF_REJECT_ICMP_H

#include "bpf/reply.h"
#include "bpf/transport.h"

#include <linux/in.h>
#include <linux/in6.h>

#define ICMP_PROHIBITED 13
#define ICMP_TYPES      18 /* the last one that a host has to know */
/* Unreachable, source quench, redirect, time exceeded, parameter problem. */
#define ICMP_ERRORS               (1u << 3 | 1u << 4 | 1u << 5 | 1u << 11 | 1u << 12)
#define ICMPV6_PROHIBITED         1
#define ICMPV6_TYPE_INFORMATIONAL 128 /* from here on */

/* With its IP header: RFC 1812, 4.3.2.3; RFC 4443, 2.4 (c). */
#define ERROR_MAX_V4 576
#define ERROR_MAX_V6 1280

#define QUOTE_CHUNK  64 /* a power of two */
#define QUOTE_CHUNKS (ERROR_MAX_V6 / QUOTE_CHUNK)

struct icmp_error {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__be32 unused;
};

/* Never about an error, or what may be one (RFC 1122, 3.2.2; RFC 4443, 2.4 (e)). */
static __always_inline int may_prohibit(const struct packet *packet)
{
	__u8 type = bpf_ntohs(packet->icmp) >> 8;

	switch (packet->flow.protocol) {
	case IPPROTO_ICMP:
		return type <= ICMP_TYPES && !(ICMP_ERRORS >> type & 1);
	case IPPROTO_ICMPV6:
		return type >= ICMPV6_TYPE_INFORMATIONAL && type != ICMPV6_REDIRECT;
	}
	return 1;
}

/*
 * Move @size bytes, at least one, back from @from to @to, and add them to @sum. The last ones go
 * first, since the two places overlap.
 */
static __always_inline int move_quote(struct __sk_buff *skb, __u32 from, __u32 to, __u32 size,
				      __u32 *sum)
{
	__u32 last = (size - 1) % QUOTE_CHUNK, offset = size - 1 - last;

	for (int i = 0; i < QUOTE_CHUNKS; i++) {
		__u8 chunk[QUOTE_CHUNK] = {};

		/* So that any verifier sees how many bytes there can be (capture(), bpf/event.h).
		 */
		asm volatile("%0 &= %1" : "+r"(last) : "i"(QUOTE_CHUNK - 1));
		if (bpf_skb_load_bytes(skb, from + offset, chunk, last + 1) ||
		    bpf_skb_store_bytes(skb, to + offset, chunk, last + 1, BPF_F_RECOMPUTE_CSUM))
			return -1;
		*sum = checksum_add(*sum, chunk, sizeof(chunk));
		if (!offset)
			return 0;
		offset -= QUOTE_CHUNK;
		last = QUOTE_CHUNK - 1;
	}
	return -1;
}

/*
 * Make the packet, whose IP part ends at @end, into the error about it. Returns 0, or it is good
 * for nothing any more.
 */
__weak int prohibit_flow(struct __sk_buff *skb, __u32 pod, __u32 network, __u32 transport,
			 __u32 end)
{
	struct icmp_error error = {ICMPV6_UNREACHABLE, ICMPV6_PROHIBITED, 0, 0};
	__u32 quote = end - network, max = ERROR_MAX_V6, headers, size, sum = 0;
	__u8 protocol = IPPROTO_ICMPV6;
	struct reply reply;

	if (reply_begin(skb, pod, network, transport, &reply))
		return -1;
	if (reply.is_v4) {
		error.type = ICMP_UNREACHABLE;
		error.code = ICMP_PROHIBITED;
		protocol = IPPROTO_ICMP;
		max = ERROR_MAX_V4;
	}
	headers = reply.ip_size + sizeof(error);
	if (quote > max - headers)
		quote = max - headers;
	size = sizeof(error) + quote;
	if (!reply.is_v4)
		sum = reply_pseudo_header(&reply, protocol, size);
	sum = checksum_add(sum, &error, sizeof(error));
	if (reply_resize(skb, &reply, size) ||
	    move_quote(skb, network, network + reply.cut + headers, quote, &sum) ||
	    reply_write_headers(skb, &reply, protocol, size))
		return -1;
	error.checksum = checksum_finish(sum);
	return reply_write_transport(skb, &reply, &error, sizeof(error));
}

#endif
