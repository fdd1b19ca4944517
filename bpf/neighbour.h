/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Neighbour and listener discovery: what is valid, what a pod may claim by it, and how far it goes.
 */
#ifndef RINGFENCE_BPF_NEIGHBOUR_H
#define RINGFENCE_BPF_NEIGHBOUR_H

#include "bpf/address.h"
#include "bpf/transport.h"

#include <linux/ipv6.h>

#define DISCOVERY_OPTIONS_MAX 64 /* far more than anyone sends */

/* A solicitation or advertisement with one link-layer address of Ethernet. */
#define DISCOVERY_UNICAST_MAX (sizeof(struct ipv6hdr) + 24 + 8)

/*
 * Neighbour discovery is valid only with hop limit 255 (RFC 4861, 6.1 and 7.1), listener discovery
 * only with 1 and to a group (RFC 3810, 5). A pod is no router: it may not advertise itself as one
 * or redirect. A fragment header makes it void, even if the packet is whole (RFC 6980, 5).
 */
static __always_inline int is_discovery(const struct packet *packet, __u8 hop_limit)
{
	if (packet->flow.protocol != IPPROTO_ICMPV6 || (packet->icmp & bpf_htons(0xff)) ||
	    packet->fragment)
		return 0;
	switch (icmp_type(packet)) {
	case ICMPV6_NEIGHBOUR_SOLICIT:
	case ICMPV6_NEIGHBOUR_ADVERT:
	case ICMPV6_ROUTER_SOLICIT:
		return hop_limit == 255;
	case ICMPV6_ROUTER_ADVERT:
	case ICMPV6_REDIRECT:
		return hop_limit == 255 && packet->direction == RF_INGRESS;
	case ICMPV6_LISTENER_QUERY ... ICMPV6_LISTENER_DONE:
	case ICMPV6_LISTENER_REPORT_2:
		return hop_limit == 1 && packet->to_group;
	}
	return 0;
}

/* Bytes before the options (RFC 4861, 4); 0: listener discovery, which has none. */
static __always_inline __u32 discovery_size(__u8 type)
{
	switch (type) {
	case ICMPV6_ROUTER_SOLICIT:
		return 8;
	case ICMPV6_ROUTER_ADVERT:
		return 16;
	case ICMPV6_NEIGHBOUR_SOLICIT:
	case ICMPV6_NEIGHBOUR_ADVERT:
		return 24;
	case ICMPV6_REDIRECT:
		return 40;
	}
	return 0;
}

static __always_inline int names_target(const struct packet *packet)
{
	__u8 type = icmp_type(packet);

	return type == ICMPV6_NEIGHBOUR_SOLICIT || type == ICMPV6_NEIGHBOUR_ADVERT;
}

/* An option says its length in 8 bytes, which is not 0 (RFC 4861, 4.6). */
static __always_inline int has_valid_options(struct __sk_buff *skb, const struct packet *packet,
					     __u32 offset)
{
	for (int i = 0; i < DISCOVERY_OPTIONS_MAX && offset < packet->end; i++) {
		__u8 option[2];

		if (!load_at(skb, packet, offset, option, sizeof(option)) || !option[1])
			return 0;
		offset += option[1] * 8;
	}
	return offset == packet->end;
}

/* A link-local address is whose it is by the link's own rules, unless it was given to a pod. */
static __always_inline int may_claim_on_link(const struct rf_address *address,
					     const struct rf_pod_state *pod,
					     const struct decision *decision)
{
	return may_claim(address, pod, decision) ||
	       (is_link_local_v6(address) && !bpf_map_lookup_elem(&pods, address));
}

/*
 * An advertisement claims its target, and so does the probe for duplicates, which comes from no
 * address yet (RFC 4862, 5.4.2). Any other comes from an address that must be the pod's.
 */
static __always_inline int has_true_claims(const struct packet *packet,
					   const struct rf_address *target,
					   const struct rf_pod_state *pod,
					   const struct decision *decision)
{
	__u8 type = icmp_type(packet);
	int is_unspecified = is_unspecified_v6(&packet->flow.pod);

	if (!is_unspecified && !may_claim_on_link(&packet->flow.pod, pod, decision))
		return 0;
	if (type == ICMPV6_NEIGHBOUR_ADVERT || (type == ICMPV6_NEIGHBOUR_SOLICIT && is_unspecified))
		return may_claim_on_link(target, pod, decision);
	return 1;
}

/*
 * Discovery is not judged by the policy, and so must not become a way out for a pod that is to talk
 * to nobody. What no router forwards is harmless. Whether another address is a neighbour's cannot
 * be seen here, and neighbours are probed and answered at it (RFC 4861, 7.3.3): that may be no more
 * than it needs.
 */
static __always_inline int is_among_neighbours(const struct packet *packet,
					       const struct rf_address *target)
{
	const struct rf_address *to = &packet->flow.peer;

	if (is_link_local_v6(to) || is_link_multicast_v6(to))
		return 1;
	if (packet->end - packet->network > DISCOVERY_UNICAST_MAX)
		return 0;
	return icmp_type(packet) == ICMPV6_NEIGHBOUR_ADVERT ||
	       (icmp_type(packet) == ICMPV6_NEIGHBOUR_SOLICIT && is_same_address(to, target));
}

/* The message of neighbour discovery is whole and has no part that cannot be; @target is filled. */
static __always_inline int is_whole(struct __sk_buff *skb, const struct packet *packet,
				    struct rf_address *target)
{
	__u32 options = packet->transport + discovery_size(icmp_type(packet));

	if (options > packet->end || !has_valid_options(skb, packet, options))
		return 0;
	if (!names_target(packet))
		return 1;
	return load_at(skb, packet, packet->transport + 8, target, sizeof(*target)) &&
	       !is_multicast_v6(target);
}

/* False: no neighbour needs to send this, so that it is to be judged like any ICMPv6. */
static __noinline int judge_neighbour(struct __sk_buff *skb, const struct packet *packet,
				      const struct rf_pod_state *pod, struct decision *decision)
{
	struct rf_address target = {};
	int is_listener;

	if (!packet || !pod || !decision)
		return 0;
	is_listener = !discovery_size(icmp_type(packet));
	decision->reason = RF_REASON_NEIGHBOUR;
	if (!is_listener && !is_whole(skb, packet, &target))
		decision->reason = RF_REASON_MALFORMED;
	else if (packet->direction == RF_INGRESS)
		return 1;
	else if (!has_true_claims(packet, &target, pod, decision))
		decision->reason = RF_REASON_SPOOFED;
	else
		return is_listener || is_among_neighbours(packet, &target);
	return 1;
}

#endif
