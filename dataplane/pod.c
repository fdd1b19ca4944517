// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pod.h"
#include "dataplane/identifiers.h"
#include "dataplane/map_batch.h"
#include "dataplane/pinhole.h"
#include "dataplane/pod_clear.h"
#include "dataplane/pod_internal.h"
#include "dataplane/treatment.h"
#include "netconf/cleanup.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <net/if.h>
#include <string.h>

static int refuse_another(uint32_t pods, struct rf_error *error)
{
	rf_error_hint(error,
		      "raise maps.pods in the network configuration; it is taken when the maps "
		      "are next loaded");
	return rf_fail(error, RF_CODE_MAP_FULL, -ENOSPC,
		       "map pod_state is too small: %u of %u pods are in use", pods, pods);
}

int rf_pod_check_free(const struct rf_objects *objects, struct rf_error *error)
{
	uint32_t slots = objects->max_entries[RF_MAP_POD_STATE];
	char name[IF_NAMESIZE];

	for (uint32_t slot = 1; slot < slots; slot++)
		if (!objects->pod_state[slot].owner)
			return 0;
	for (uint32_t slot = 1; slot < slots; slot++)
		if (objects->pod_state[slot].ifindex &&
		    !if_indextoname(objects->pod_state[slot].ifindex, name))
			return 0;
	return refuse_another(slots - 1, error);
}

int rf_pod_allocate(const struct rf_objects *objects, uint64_t owner, uint32_t *id,
		    uint32_t *incarnation, struct rf_error *error)
{
	uint32_t slots = objects->max_entries[RF_MAP_POD_STATE], found = 0;
	int ret;

	for (uint32_t slot = 1; slot < slots; slot++) {
		if (objects->pod_state[slot].owner == owner) {
			*id = slot;
			*incarnation = objects->pod_state[slot].incarnation;
			return 0;
		}
		if (!found && !objects->pod_state[slot].owner)
			found = slot;
	}
	if (!found)
		return refuse_another(slots - 1, error);
	ret = rf_pod_clear(objects, found, error);
	if (!ret)
		ret = rf_next_epoch(objects, incarnation, error);
	if (!ret)
		*id = found;
	return ret;
}

/* HASH maps answer E2BIG when they are full. */
static int refuse(const struct rf_objects *objects, enum rf_map map, int errnum,
		  struct rf_error *error)
{
	int ret;

	if (errnum != -E2BIG)
		return rf_fail_system(error, RF_CODE_LOAD, errnum, "write map %s",
				      rf_map_name(map));
	ret = rf_fail(error, RF_CODE_MAP_FULL, -ENOSPC,
		      "map %s is too small: all %u entries are in use", rf_map_name(map),
		      objects->max_entries[map]);
	rf_error_hint(error,
		      "raise maps.pods in the network configuration; it is taken when the maps "
		      "are next loaded");
	return ret;
}

static int change_limits(const struct rf_objects *objects, uint32_t pod_id,
			 const struct rf_pod_limits *limits, struct rf_error *error)
{
	int ret = rf_pod_refill(objects, pod_id, error);

	if (ret)
		return ret;
	if (bpf_map_update_elem(objects->maps[RF_MAP_POD_LIMITS], &pod_id, limits, BPF_ANY))
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "write map %s",
				      rf_map_name(RF_MAP_POD_LIMITS));
	return 0;
}

/*
 * A bucket counts in its rate's time: what is owed at the former rate could be years of the new
 * one. So while limits change, which is a moment, there are none.
 */
static int write_limits(const struct rf_objects *objects, const struct rf_record *record,
			uint32_t flags, struct rf_error *error)
{
	struct rf_pod_limits limits = rf_treatment_limits(&record->treatment), former;
	struct rf_pod_state *state = &objects->pod_state[record->pod_id];
	uint32_t before = state->flags;
	int ret = 0;

	if (bpf_map_lookup_elem(objects->maps[RF_MAP_POD_LIMITS], &record->pod_id, &former) ||
	    memcmp(&former, &limits, sizeof(limits)) != 0) {
		__atomic_store_n(&state->flags, before & ~RF_LIMIT_FLAGS, __ATOMIC_RELEASE);
		ret = change_limits(objects, record->pod_id, &limits, error);
	}
	__atomic_store_n(&state->flags, ret ? before : flags, __ATOMIC_RELEASE);
	return ret;
}

static void switch_word(struct rf_pod_state *state, uint64_t word)
{
	__atomic_store_n(&state->policy, word, __ATOMIC_RELEASE);
}

int rf_pod_publish(const struct rf_objects *objects, const struct rf_record *record,
		   const struct rf_pod_state *settings, struct rf_error *error)
{
	struct rf_pod_state *state = &objects->pod_state[record->pod_id];
	uint32_t epoch;
	int ret = rf_next_epoch(objects, &epoch, error);

	if (ret)
		return ret;
	/* What may fail comes first. Until the element is filled, all of it leads to a pod that is
	 * denied. */
	for (size_t i = 0; i < record->address_count; i++)
		if (bpf_map_update_elem(objects->maps[RF_MAP_PODS], &record->addresses[i],
					&record->pod_id, BPF_ANY))
			return refuse(objects, RF_MAP_PODS, -errno, error);
	if (bpf_map_update_elem(objects->maps[RF_MAP_INTERFACES], &record->point.ifindex,
				&record->pod_id, BPF_ANY))
		return refuse(objects, RF_MAP_INTERFACES, -errno, error);
	ret = write_limits(objects, record, settings->flags, error);
	if (ret)
		return ret;
	memcpy(state->ether_types, settings->ether_types, sizeof(state->ether_types));
	state->ifindex = record->point.ifindex;
	switch_word(state, RF_POLICY_WORD(record->policy_id, epoch));
	return 0;
}

int rf_pod_switch_policy(const struct rf_objects *objects, uint32_t pod_id, uint32_t policy,
			 struct rf_error *error)
{
	uint32_t epoch;
	int ret = rf_next_epoch(objects, &epoch, error);

	if (!ret)
		switch_word(&objects->pod_state[pod_id], RF_POLICY_WORD(policy, epoch));
	return ret;
}

int rf_pod_judge_again(const struct rf_objects *objects, uint32_t pod_id, struct rf_error *error)
{
	uint32_t policy = rf_pod_policy(objects, pod_id);

	return policy ? rf_pod_switch_policy(objects, pod_id, policy, error) : 0;
}

/* Remove @key from @map if it still leads to this pod. */
static void remove_own(const struct rf_objects *objects, enum rf_map map, const void *key,
		       uint32_t pod_id)
{
	if (!rf_pod_look_up(objects, map, key, pod_id))
		bpf_map_delete_elem(objects->maps[map], key);
}

static bool has_address(const struct rf_record *record, const struct in6_addr *address)
{
	for (size_t i = 0; i < record->address_count; i++)
		if (IN6_ARE_ADDR_EQUAL(&record->addresses[i], address))
			return true;
	return false;
}

void rf_pod_leave(const struct rf_objects *objects, const struct rf_record *these,
		  const struct rf_record *those)
{
	/* After maps were loaded anew, an earlier record's id may be another pod's. */
	if (these->incarnation != those->incarnation)
		return;
	if (these->point.ifindex != those->point.ifindex)
		remove_own(objects, RF_MAP_INTERFACES, &these->point.ifindex, these->pod_id);
	for (size_t i = 0; i < these->address_count; i++)
		if (!has_address(those, &these->addresses[i]))
			remove_own(objects, RF_MAP_PODS, &these->addresses[i], these->pod_id);
}

void rf_pod_claim(const struct rf_objects *objects, const struct rf_record *record)
{
	struct rf_pod_state *state = &objects->pod_state[record->pod_id];

	state->incarnation = record->incarnation;
	state->owner = record->point.owner;
}

struct retraction {
	int map;
	uint32_t pod_id;
	int result;
};

static void retract_entry(const void *key, const void *value, void *context)
{
	struct retraction *retraction = context;

	if (*(const uint32_t *)value == retraction->pod_id &&
	    bpf_map_delete_elem(retraction->map, key) && errno != ENOENT)
		retraction->result = -errno;
}

int rf_pod_retract(const struct rf_objects *objects, uint32_t pod_id)
{
	struct retraction retraction = {
		.map = objects->maps[RF_MAP_INTERFACES],
		.pod_id = pod_id,
	};
	int ret;

	switch_word(&objects->pod_state[pod_id], 0);
	/* By what leads to the pod, not by its record: a kill may have left more than that knows.
	 */
	ret = rf_map_each(retraction.map, sizeof(uint32_t), sizeof(uint32_t), retract_entry,
			  &retraction);
	if (ret)
		return ret;
	retraction.map = objects->maps[RF_MAP_PODS];
	ret = rf_map_each(retraction.map, sizeof(struct rf_address), sizeof(uint32_t),
			  retract_entry, &retraction);
	if (!ret)
		ret = retraction.result;
	return ret ? ret : rf_pinholes_retract(objects, pod_id);
}

void rf_pod_free(const struct rf_objects *objects, uint32_t pod_id)
{
	const struct rf_pod_limits none = {};

	/* Only to tidy: nobody looks at limits without flags. */
	bpf_map_update_elem(objects->maps[RF_MAP_POD_LIMITS], &pod_id, &none, BPF_ANY);
	memset(&objects->pod_state[pod_id], 0, sizeof(objects->pod_state[pod_id]));
}
