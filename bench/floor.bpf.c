// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the packet path is measured against: a program that does nothing, and the floor, which only
 * parses, looks one session up and counts. Nothing that keeps sessions can be faster.
 */
#include "bpf/abi.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, RF_SESSIONS_DEFAULT);
	__type(key, struct rf_flow_key);
	__type(value, struct rf_session);
} floor_sessions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, RF_PODS_DEFAULT + 1);
	__type(key, __u32);
	__type(value, struct rf_pod_counters);
} floor_counters SEC(".maps");

SEC("tc")
int empty(struct __sk_buff *skb)
{
	(void)skb;
	return TC_ACT_UNSPEC;
}

SEC("tc")
int floor_to_pod(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct ethhdr *ethernet = data;
	struct iphdr *ip = data + sizeof(*ethernet);
	struct tcphdr *tcp = data + sizeof(*ethernet) + sizeof(*ip);
	struct rf_flow_key key = {};
	struct rf_pod_counters *counters;
	struct rf_session *session;
	__u32 id;

	if ((void *)(tcp + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 ||
	    ip->protocol != IPPROTO_TCP)
		return TC_ACT_SHOT;
	key.pod.word[2] = key.peer.word[2] = bpf_htonl(0xffff);
	key.pod.word[3] = ip->daddr;
	key.peer.word[3] = ip->saddr;
	key.pod_port = tcp->dest;
	key.peer_port = tcp->source;
	key.protocol = IPPROTO_TCP;
	session = bpf_map_lookup_elem(&floor_sessions, &key);
	if (!session)
		return TC_ACT_SHOT;
	id = session->pod;
	counters = bpf_map_lookup_elem(&floor_counters, &id);
	if (counters) {
		counters->count[RF_INGRESS][RF_REASON_SESSION].packets++;
		counters->count[RF_INGRESS][RF_REASON_SESSION].bytes += skb->len;
	}
	return TC_ACT_UNSPEC;
}

char floor_license[] SEC("license") = "Dual BSD/GPL";
