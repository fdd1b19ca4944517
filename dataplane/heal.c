// SPDX-License-Identifier: Apache-2.0
#include "dataplane/heal.h"
#include "dataplane/attach/pins.h"
#include "dataplane/link/netlink.h"
#include "dataplane/link/netns.h"
#include "dataplane/lock.h"
#include "dataplane/pod.h"
#include "dataplane/policy/store.h"
#include "dataplane/record_keys.h"
#include "dataplane/record_policy.h"
#include "dataplane/sessions.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <time.h>

/* A pod id that is being given back. */
struct healed_pod {
	uint32_t id;
	uint32_t incarnation;
};

struct healing {
	const struct rf_objects *objects;
	struct nl_sock *socket;
	uint32_t netns;
	struct rf_record_keys records;
	uint64_t *pinned; /* owners */
	size_t pinned_count;
	struct healed_pod *pods; /* room for as many as there are ids */
	size_t pod_count;
	size_t count; /* attachments, with or without a pod */
	bool only_look;
	bool *leaving; /* by pod id: it would be removed, if this were not to look only */
	struct rf_heal_listener listener;
	struct rf_error failure; /* of the first removal that failed */
};

static void tell(const struct healing *healing, enum rf_heal_kind kind, uint64_t owner,
		 const struct rf_attachment_key *key)
{
	const struct rf_heal_listener *listener = &healing->listener;

	if (listener->attachment)
		listener->attachment(kind, owner, key, listener->context);
}

/* What a removal has come to, with what it says if it failed. */
static int note(struct healing *healing, int ret, const struct rf_error *failure)
{
	if (ret && !healing->failure.code)
		healing->failure = *failure;
	return ret;
}

static void free_healing(struct healing *healing)
{
	rf_cleanup_netlink(&healing->socket);
	rf_record_keys_free(&healing->records);
	free(healing->pinned);
	free(healing->pods);
	free(healing->leaving);
}

/* What another netns has cannot be asked here. */
static bool is_of_this_netns(const struct healing *healing, uint32_t netns)
{
	return !netns || netns == healing->netns;
}

/* False also if the kernel does not say. */
static bool is_gone(const struct healing *healing, uint32_t ifindex)
{
	struct rf_link link;

	return rf_link_by_index(healing->socket, ifindex, &link) == -ENODEV;
}

/* The kernel has given the interface's number to another pod's since. */
static bool is_superseded(const struct healing *healing, uint32_t pod_id)
{
	const struct rf_pod_state *state = &healing->objects->pod_state[pod_id];
	uint32_t leads_to;

	return state->ifindex &&
	       !bpf_map_lookup_elem(healing->objects->maps[RF_MAP_INTERFACES], &state->ifindex,
				    &leads_to) &&
	       leads_to != pod_id;
}

/* Under the lock nobody is adding or removing the pod just now, save for attaching it. */
static bool is_abandoned_pod(const struct healing *healing, uint32_t pod_id,
			     const struct rf_attachment_key *key)
{
	const struct rf_pod_state *state = &healing->objects->pod_state[pod_id];
	_cleanup_record_ struct rf_record record = {.point = {.ifindex = state->ifindex}};
	int ret;

	if (rf_pins_are_attached(state->owner))
		return false;
	ret = key ? rf_record_read(key, &record, NULL) : 0;
	/* A broken record says nothing; one that cannot be read just now may say that it is
	 * another netns's. */
	if (ret && ret != -EINVAL && ret != -ENOENT)
		return false;
	/* Claimed, but never published, and its record is gone. */
	if (!record.point.ifindex)
		return !key;
	return is_of_this_netns(healing, record.netns) &&
	       (is_superseded(healing, pod_id) || is_gone(healing, record.point.ifindex));
}

static int remove_files(struct healing *healing, uint64_t owner,
			const struct rf_attachment_key *key)
{
	struct rf_error failure = {};
	int ret = rf_pins_remove(owner, &failure);

	if (!ret)
		ret = key ? rf_record_remove(key, &failure)
			  : rf_record_policy_remove(owner, &failure);
	return note(healing, ret, &failure);
}

static int retract(struct healing *healing, uint32_t pod_id)
{
	struct rf_error failure = {};
	int ret = rf_pod_retract(healing->objects, pod_id);

	if (ret)
		rf_fail_system(&failure, RF_CODE_LOAD, ret, "remove entries of pod id %u", pod_id);
	return note(healing, ret, &failure);
}

static void heal_pod(struct healing *healing, uint32_t pod_id)
{
	const struct rf_pod_state *state = &healing->objects->pod_state[pod_id];
	const struct rf_attachment_key *key = rf_record_keys_find(&healing->records, state->owner);

	if (!is_abandoned_pod(healing, pod_id, key))
		return;
	healing->leaving[pod_id] = true;
	if (healing->only_look) {
		tell(healing, RF_HEAL_POD, state->owner, key);
		return;
	}
	if (retract(healing, pod_id))
		return;
	healing->pods[healing->pod_count++] = (struct healed_pod){pod_id, state->incarnation};
	healing->count++;
	if (!remove_files(healing, state->owner, key))
		tell(healing, RF_HEAL_POD, state->owner, key);
}

/* A record whose pod is not in the maps: of an ADD that was killed early, or of earlier maps. */
static void heal_record(struct healing *healing, const struct rf_attachment_key *key)
{
	_cleanup_record_ struct rf_record record = {};
	uint64_t owner = rf_owner(key);

	if (rf_pod_find(healing->objects, owner) || rf_record_read(key, &record, NULL) ||
	    rf_pins_are_attached(owner) || !is_of_this_netns(healing, record.netns) ||
	    !is_gone(healing, record.point.ifindex) ||
	    (!healing->only_look && remove_files(healing, owner, key)))
		return;
	tell(healing, RF_HEAL_RECORD, owner, key);
	healing->count++;
}

/* Links that nobody has: no record, and no pod to whom their packets could belong. */
static void heal_pin(struct healing *healing, uint64_t owner)
{
	struct rf_error failure = {};

	if (rf_pod_find(healing->objects, owner) || rf_record_keys_find(&healing->records, owner))
		return;
	if (healing->only_look || !note(healing, rf_pins_remove(owner, &failure), &failure))
		tell(healing, RF_HEAL_PIN, owner, NULL);
}

static size_t random_below(size_t end)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return end ? (size_t)now.tv_nsec / 64 % end : 0;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void heal_pods(struct healing *healing, size_t most)
{
	size_t slots = healing->objects->max_entries[RF_MAP_POD_STATE];
	size_t start = random_below(slots);

	for (size_t i = 0; i < slots && most; i++) {
		uint32_t id = (uint32_t)((start + i) % slots);

		if (!id || !healing->objects->pod_state[id].owner)
			continue;
		heal_pod(healing, id);
		most--;
	}
}

static void heal_files(struct healing *healing, size_t most)
{
	size_t count = healing->records.count;
	size_t start = random_below(count);

	for (size_t i = 0; i < least(count, most); i++)
		heal_record(healing, &healing->records.items[(start + i) % count]);
	count = healing->pinned_count;
	start = random_below(count);
	for (size_t i = 0; i < least(count, most); i++)
		heal_pin(healing, healing->pinned[(start + i) % count]);
}

static int sweep(const struct healing *healing, struct rf_error *error)
{
	const struct rf_heal_listener *listener = &healing->listener;

	if (listener->policy && healing->only_look)
		return rf_policy_each_unused(healing->objects, healing->leaving, listener->policy,
					     listener->context, error);
	if (listener->policy || healing->pod_count)
		return rf_policy_sweep_told(healing->objects, listener->policy, listener->context,
					    error);
	return 0;
}

/* With the lock held. */
static int heal_all_kinds(struct healing *healing, size_t most, struct rf_error *error)
{
	int ret = rf_record_keys_list(&healing->records);

	if (!ret)
		ret = rf_pins_list(&healing->pinned, &healing->pinned_count);
	if (ret)
		return rf_fail_system(error, RF_CODE_RECORD, ret, "list records and pins");
	heal_pods(healing, most);
	heal_files(healing, most);
	ret = sweep(healing, error);
	for (size_t i = 0; i < healing->pod_count; i++)
		rf_pod_free(healing->objects, healing->pods[i].id);
	return ret;
}

static int begin(struct healing *healing, const struct rf_objects *objects, struct rf_error *error)
{
	healing->objects = objects;
	healing->netns = rf_netns_own();
	healing->pods = calloc(objects->max_entries[RF_MAP_POD_STATE], sizeof(*healing->pods));
	healing->leaving =
		calloc(objects->max_entries[RF_MAP_POD_STATE], sizeof(*healing->leaving));
	if (!healing->pods || !healing->leaving)
		return rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
	return rf_netlink_open(&healing->socket, error);
}

/* No packet can belong to them any more: this only tidies, and needs no lock. */
static void flush(const struct healing *healing)
{
	for (size_t i = 0; i < healing->pod_count; i++)
		rf_sessions_flush(healing->objects, healing->pods[i].id,
				  healing->pods[i].incarnation, NULL);
}

static bool lock(size_t most, int *fd)
{
	return most == RF_HEAL_ALL ? !rf_lock(fd, NULL) : rf_lock_if_free(fd);
}

size_t rf_heal(const struct rf_objects *objects, size_t most)
{
	__attribute__((cleanup(free_healing))) struct healing healing = {};
	int fd = -1;

	if (begin(&healing, objects, NULL))
		return 0;
	if (lock(most, &fd))
		heal_all_kinds(&healing, most, NULL);
	rf_cleanup_close(&fd);
	flush(&healing);
	return healing.count;
}

int rf_heal_told(const struct rf_objects *objects, bool remove,
		 const struct rf_heal_listener *listener, struct rf_error *error)
{
	__attribute__((cleanup(free_healing))) struct healing healing = {
		.only_look = !remove,
		.listener = *listener,
	};
	int fd = -1;
	int ret = begin(&healing, objects, error);

	if (!ret)
		ret = rf_lock(&fd, error);
	if (ret)
		return ret;
	ret = heal_all_kinds(&healing, RF_HEAL_ALL, error);
	rf_cleanup_close(&fd);
	flush(&healing);
	if (ret || !healing.failure.code)
		return ret;
	if (error)
		*error = healing.failure;
	return -EIO;
}
