/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What stands between the IP header and the transport header: IPv4 options, IPv6 extensions. */
#ifndef RINGFENCE_BPF_EXTENSION_H
#define RINGFENCE_BPF_EXTENSION_H

#include "bpf/fragment.h"

#include <linux/in.h>
#include <linux/in6.h>

/* RFC 791, 3.1 */
#define OPTION_END          0
#define OPTION_NOP          1
#define OPTION_LOOSE_ROUTE  131
#define OPTION_STRICT_ROUTE 137
#define OPTIONS_MAX         40 /* bytes */

#define EXTENSIONS_MAX 6

/*
 * Look through the IPv4 options from @offset up to @end. PACKET_FLOW: nothing is to be said against
 * them. Global, so that the verifier looks at it once.
 */
__noinline int check_options(struct __sk_buff *skb, __u32 offset, __u32 end)
{
	__u8 type, size;

	for (int i = 0; i < OPTIONS_MAX && offset < end; i++) {
		if (bpf_skb_load_bytes(skb, offset, &type, 1))
			return PACKET_MALFORMED;
		switch (type) {
		case OPTION_END:
			return PACKET_FLOW;
		case OPTION_NOP:
			offset++;
			continue;
		case OPTION_LOOSE_ROUTE:
		case OPTION_STRICT_ROUTE:
			return PACKET_SOURCE_ROUTE;
		}
		if (bpf_skb_load_bytes(skb, offset + 1, &size, 1) || size < 2)
			return PACKET_MALFORMED;
		offset += size;
	}
	return offset == end ? PACKET_FLOW : PACKET_MALFORMED;
}

static __always_inline int is_extension(__u32 protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_DSTOPTS || protocol == IPPROTO_AH ||
	       protocol == IPPROTO_FRAGMENT;
}

/* What walk_extensions() found, in one number, as that is all that a global function returns. */
#define EXTENSIONS_END(walked)      ((__u32)(walked)&0xffff)
#define EXTENSIONS_NEXT(walked)     ((__u32)((walked) >> 16) & 0xff)
#define EXTENSIONS_KIND(walked)     ((__u32)((walked) >> 24) & 0xff) /* enum packet_kind */
#define EXTENSIONS_FRAGMENT(walked) ((__u32)((walked) >> 32)) /* offset of that header; 0: none */
#define EXTENSIONS(kind, end, next, fragment)                                                      \
	((__u64)(fragment) << 32 | (__u64)(kind) << 24 | (__u64)(next) << 16 | (__u64)(end))

/*
 * Step over the extension headers (RFC 8200, 4) from @offset, the first of which is of type @next,
 * to the transport header or the end of a later fragment's header. Global, so that the verifier
 * looks at it once, and not at each of its ways again with all that follows.
 */
__noinline __u64 walk_extensions(struct __sk_buff *skb, __u32 offset, __u32 end, __u32 next)
{
	__u32 fragment = 0;
	__u8 header[8];

	for (int i = 0; i <= EXTENSIONS_MAX; i++) {
		__u32 size = 8;

		if (offset > end || offset > HEADERS_MAX)
			break;
		if (!is_extension(next))
			return EXTENSIONS(PACKET_FLOW, offset, next, fragment);
		if (offset + sizeof(header) > end ||
		    bpf_skb_load_bytes(skb, offset, header, sizeof(header)))
			break;
		if (next == IPPROTO_FRAGMENT) {
			/* One packet is fragmented once. */
			if (fragment)
				break;
			fragment = offset;
		} else if (next == IPPROTO_AH) {
			size = (header[1] + 2) * 4;
		} else {
			/* RFC 8200, 4.1: only first. */
			if (next == IPPROTO_HOPOPTS && i)
				break;
			if (next == IPPROTO_ROUTING && header[3])
				return EXTENSIONS(PACKET_SOURCE_ROUTE, 0, next, 0);
			size = (header[1] + 1) * 8;
		}
		if (fragment == offset && is_later_v6(header))
			return EXTENSIONS(PACKET_FLOW, offset + size, header[0], fragment);
		next = header[0];
		offset += size;
	}
	return EXTENSIONS(PACKET_MALFORMED, 0, next, 0);
}

/*
 * Needs of @packet: the type of the first header, at @offset, in flow.protocol, and `end`. Returns
 * the offset of the transport header and leaves its type in flow.protocol; of a fragment, the
 * fields of it are filled, and of a later one the offset is that of its data. 0: @packet->kind
 * tells what they are instead: malformed, more than anyone sends, or a source route.
 */
static __always_inline __u32 skip_extensions(struct __sk_buff *skb, struct packet *packet,
					     __u32 offset)
{
	__u64 walked = walk_extensions(skb, offset, packet->end, packet->flow.protocol);
	__u32 fragment = EXTENSIONS_FRAGMENT(walked);
	__u8 header[V6_FRAGMENT_SIZE];

	packet->flow.protocol = EXTENSIONS_NEXT(walked);
	packet->kind = EXTENSIONS_KIND(walked);
	if (packet->kind != PACKET_FLOW)
		return 0;
	if (fragment) {
		if (bpf_skb_load_bytes(skb, fragment, header, sizeof(header)))
			return 0;
		take_v6_fragment(packet, header, fragment);
	}
	return EXTENSIONS_END(walked);
}

#endif
