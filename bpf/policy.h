/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the policy says of a flow: pinholes, then the best rule, then the default. */
#ifndef RINGFENCE_BPF_POLICY_H
#define RINGFENCE_BPF_POLICY_H

#include "bpf/decision.h"
#include "bpf/maps.h"
#include "bpf/parse.h"

/*
 * Destination port, or type and code, of the flow as @opener sends it. For an echo that is the
 * request, also when a reply is in hand; a reply that nobody asked for is judged by its own type.
 */
static __always_inline __be16 service_of(const struct packet *packet, __u8 opener)
{
	int is_echo = packet->flow.echo == 1 + opener;

	switch (packet->flow.protocol) {
	case IPPROTO_ICMP:
		return is_echo ? bpf_htons(ICMP_ECHO_REQUEST << 8) : packet->icmp;
	case IPPROTO_ICMPV6:
		return is_echo ? bpf_htons(ICMPV6_ECHO_REQUEST << 8) : packet->icmp;
	}
	return opener == RF_EGRESS ? packet->flow.peer_port : packet->flow.pod_port;
}

static __always_inline int use_pinhole(const struct packet *packet, __u8 opener,
				       const struct rf_pod_state *pod, struct decision *decision)
{
	struct rf_pinhole_key key = {.flow = packet->flow, .direction = opener};
	struct rf_pinhole *pinhole = bpf_map_lookup_elem(&pinholes, &key);

	if (!pinhole || pinhole->incarnation != pod->incarnation ||
	    (pinhole->expires && pinhole->expires <= bpf_ktime_get_ns()))
		return 0;
	decision->rule = pinhole->rule;
	decision->reason =
		pinhole->verdict == RF_ALLOW ? RF_REASON_PINHOLE_ALLOW : RF_REASON_PINHOLE_DENY;
	return 1;
}

/*
 * The better of the entries of the two classes that the peer's prefix leads to. The own class is
 * looked up first: user space removes a policy's entries in the opposite order, so what is found
 * missing here is never a part of the policy, but the whole. A class that another policy has is not
 * removed, and then only the word tells, at which judge_flow() looks again
 * (dataplane/policy/entries.h).
 */
static __always_inline int use_rules(const struct packet *packet, __u8 opener, __be16 service,
				     struct decision *decision)
{
	struct rf_peer_key peer = {
		.prefix_length = 32 + 128,
		.scope = RF_SCOPE(RF_POLICY_ID(decision->policy), opener),
		.peer = packet->flow.peer,
	};
	struct rf_service_key key = {
		.prefix_length = 32 + 8 + 16,
		.protocol = packet->flow.protocol,
		.port = {bpf_ntohs(service) >> 8, bpf_ntohs(service) & 0xff},
	};
	struct rf_service *own = NULL, *common;
	struct rf_peer_class *class = bpf_map_lookup_elem(&peers, &peer);

	if (!class)
		return 0;
	if (class->own) {
		key.class_id = class->own;
		own = bpf_map_lookup_elem(&services, &key);
	}
	key.class_id = class->common;
	common = bpf_map_lookup_elem(&services, &key);
	if (!common)
		return 0;
	if (own && rf_service_wins(own, common))
		common = own;
	decision->rule = common->rule;
	decision->reason = common->reason;
	decision->priority = common->priority;
	decision->dscp = common->dscp;
	decision->effects = (common->flags & RF_SERVICE_LOG ? EFFECT_LOG : 0) |
			    (common->flags & RF_SERVICE_PRIORITY ? EFFECT_PRIORITY : 0) |
			    (common->flags & RF_SERVICE_DSCP ? EFFECT_DSCP : 0);
	return 1;
}

/*
 * Judge the flow of @packet as opened in direction @opener, under the policy of @pod. The policy
 * may be switched and the old one removed meanwhile, and a pinhole added: what was found counts
 * only if the word is still the same, else all is asked again.
 */
static __noinline int judge_flow(const struct packet *packet, __u8 opener,
				 const struct rf_pod_state *pod, struct decision *decision)
{
	__be16 service;

	if (!packet || !pod || !decision)
		return 0;
	service = service_of(packet, opener);
	decision->opener = opener;
	decision->policy = pod->policy;
	for (int attempt = 0; attempt < 3; attempt++) {
		int found;

		decision->rule = 0;
		decision->effects = 0;
		found = use_pinhole(packet, opener, pod, decision) ||
			use_rules(packet, opener, service, decision);
		if (decision->policy == pod->policy) {
			if (found)
				return 0;
			break;
		}
		decision->policy = pod->policy;
	}
	decision->rule = 0;
	decision->effects = 0;
	decision->reason = RF_REASON_NO_POLICY;
	return 0;
}

#endif
