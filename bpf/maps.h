/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pinned maps. Sizes are the defaults, sized for a busy node (docs/decisions.md has the
 * memory); the loader sets others before the first load (dataplane/objects.c).
 */
#ifndef RINGFENCE_BPF_MAPS_H
#define RINGFENCE_BPF_MAPS_H

#include "bpf/abi.h"

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Every address of a pod → pod id. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RF_PODS_DEFAULT *RF_ADDRESSES_PER_POD);
	__type(key, struct rf_address);
	__type(value, __u32);
} pods SEC(".maps");

/* Host side of the veth, an ifindex → pod id. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RF_PODS_DEFAULT);
	__type(key, __u32);
	__type(value, __u32);
} interfaces SEC(".maps");

/* Mapped by user space, which switches the policy word with one atomic store. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, RF_PODS_DEFAULT + 1);
	__type(key, __u32);
	__type(value, struct rf_pod_state);
} pod_state SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RF_PODS_DEFAULT + 1);
	__type(key, __u32);
	__type(value, struct rf_pod_limits);
} pod_limits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, (RF_PODS_DEFAULT + 1) * RF_BUCKET_KINDS);
	__type(key, __u32);
	__type(value, struct rf_bucket);
} buckets SEC(".maps");

/* Mapped by user space, which counts what it removes. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, RF_CENSUS_POD(RF_PODS_DEFAULT) + 1);
	__type(key, __u32);
	__type(value, struct rf_census);
} census SEC(".maps");

/* Apart from `census`, since what is mapped into memory can have no lock. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RF_CENSUS_POD(RF_PODS_DEFAULT) + 1);
	__type(key, __u32);
	__type(value, struct rf_census_turn);
} census_turns SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RF_PINHOLES_DEFAULT);
	__type(key, struct rf_pinhole_key);
	__type(value, struct rf_pinhole);
} pinholes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, RF_PEERS_DEFAULT);
	__type(key, struct rf_peer_key);
	__type(value, struct rf_peer_class);
} peers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, RF_SERVICES_DEFAULT);
	__type(key, struct rf_service_key);
	__type(value, struct rf_service);
} services SEC(".maps");

/* Flows that both sides take part in, and that have not ended. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, RF_SESSIONS_DEFAULT);
	__type(key, struct rf_flow_key);
	__type(value, struct rf_session);
} sessions SEC(".maps");

/* Flows that are not answered yet, or have ended: a flood of them evicts only each other. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, RF_HALF_OPEN_DEFAULT);
	__type(key, struct rf_flow_key);
	__type(value, struct rf_session);
} half_open SEC(".maps");

/* Of packets whose later fragments are to come. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, RF_FRAGMENTS_DEFAULT);
	__type(key, struct rf_fragment_key);
	__type(value, struct rf_fragment);
} fragments SEC(".maps");

/* Element 0 counts the packets of interfaces without a pod. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, RF_PODS_DEFAULT + 1);
	__type(key, __u32);
	__type(value, struct rf_pod_counters);
} pod_counters SEC(".maps");

/* Of the rules that were hit, so it takes memory for those only. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, RF_RULES_DEFAULT);
	__type(key, struct rf_rule_key);
	__type(value, struct rf_rule_counters);
} rule_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RF_DENIES_DEFAULT);
} denies SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RF_FLOWS_DEFAULT);
} flows SEC(".maps");

/* By pod; element 0 is of interfaces without a pod. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, RF_PODS_DEFAULT + 1);
	__type(key, __u32);
	__type(value, struct rf_events_lost);
} events_lost SEC(".maps");

/* Mapped by user space, which changes each word with one store. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rf_settings);
} settings SEC(".maps");

/* Of user space alone: it lives and dies with the maps whose ids it gives out. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rf_identifiers);
} identifiers SEC(".maps");

#endif
