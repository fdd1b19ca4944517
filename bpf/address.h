/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kinds of addresses, and whose they are. */
#ifndef RINGFENCE_BPF_ADDRESS_H
#define RINGFENCE_BPF_ADDRESS_H

#include "bpf/decision.h"
#include "bpf/maps.h"

#include <bpf/bpf_endian.h>

static __always_inline int is_same_address(const struct rf_address *one,
					   const struct rf_address *other)
{
	return !((one->word[0] ^ other->word[0]) | (one->word[1] ^ other->word[1]) |
		 (one->word[2] ^ other->word[2]) | (one->word[3] ^ other->word[3]));
}

static __always_inline int is_unspecified_v6(const struct rf_address *address)
{
	return !(address->word[0] | address->word[1] | address->word[2] | address->word[3]);
}

static __always_inline int is_link_local_v6(const struct rf_address *address)
{
	return (address->word[0] & bpf_htonl(0xffc00000)) == bpf_htonl(0xfe800000);
}

static __always_inline int is_multicast_v6(const struct rf_address *address)
{
	return (address->word[0] & bpf_htonl(0xff000000)) == bpf_htonl(0xff000000);
}

/* By its scope (RFC 4291, 2.7) it leaves neither the interface nor the link. */
static __always_inline int is_link_multicast_v6(const struct rf_address *address)
{
	__u32 scope = bpf_ntohl(address->word[0]) >> 16 & 0xf;

	return is_multicast_v6(address) && (scope == 1 || scope == 2);
}

/*
 * True if the pod may say that @address is its own. Without antiSpoof it may say so of any, but
 * never of another pod's.
 */
static __always_inline int may_claim(const struct rf_address *address,
				     const struct rf_pod_state *pod,
				     const struct decision *decision)
{
	__u32 *owner = bpf_map_lookup_elem(&pods, address);

	if (owner)
		return *owner == decision->pod;
	return !(pod->flags & RF_POD_ANTI_SPOOF);
}

#endif
