/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The Internet checksum (RFC 1071) of what the programs write. */
#ifndef RINGFENCE_BPF_CHECKSUM_H
#define RINGFENCE_BPF_CHECKSUM_H

#include "bpf/packet.h"

#include <bpf/bpf_endian.h>

/* Add @size bytes, a multiple of 4 and at most 512, to a sum. */
static __always_inline __u32 checksum_add(__u32 sum, const void *bytes, __u32 size)
{
	return bpf_csum_diff(NULL, 0, (__be32 *)bytes, size, sum);
}

static __always_inline __u16 checksum_finish(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/*
 * What the pseudo header of @size bytes of @protocol adds, between the two @addresses, in any order
 * (RFC 9293, 3.1; RFC 8200, 8.1). One for both families: the prefix of a mapped address adds
 * 0xffff, which is nothing.
 */
static __always_inline __u32 checksum_pseudo_header(const struct rf_address addresses[2],
						    __u8 protocol, __u32 size)
{
	return checksum_add(bpf_htonl(protocol + size), addresses, 2 * sizeof(*addresses));
}

#endif
