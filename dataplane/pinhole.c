// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pinhole.h"
#include "dataplane/lock.h"
#include "dataplane/map_batch.h"
#include "dataplane/pod.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t rf_pinhole_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* An incarnation is given once: a pod that has it is the one that was meant. */
static bool has_pod(const struct rf_objects *objects, const struct rf_pinhole *pinhole)
{
	return pinhole->pod && pinhole->pod < objects->max_entries[RF_MAP_POD_STATE] &&
	       objects->pod_state[pinhole->pod].incarnation == pinhole->incarnation;
}

bool rf_pinhole_is_void(const struct rf_objects *objects, const struct rf_pinhole *pinhole,
			uint64_t now)
{
	return (pinhole->expires && pinhole->expires <= now) || !has_pod(objects, pinhole);
}

struct sweep {
	const struct rf_objects *objects;
	uint64_t now;
	size_t left; /* how many are not void */
	int result;
};

static int delete_entry(int map, const struct rf_pinhole_key *key)
{
	return bpf_map_delete_elem(map, key) && errno != ENOENT ? -errno : 0;
}

static void sweep_one(const void *key, const void *value, void *context)
{
	struct sweep *sweep = context;
	int ret;

	if (!rf_pinhole_is_void(sweep->objects, value, sweep->now)) {
		sweep->left++;
		return;
	}
	ret = delete_entry(sweep->objects->maps[RF_MAP_PINHOLES], key);
	if (ret)
		sweep->result = ret;
}

static int each(const struct rf_objects *objects,
		void (*visit)(const void *key, const void *value, void *context), void *context)
{
	return rf_map_each(objects->maps[RF_MAP_PINHOLES], sizeof(struct rf_pinhole_key),
			   sizeof(struct rf_pinhole), visit, context);
}

/* Remove what is void, under the lock: else it might be replaced just then. */
static int remove_void(const struct rf_objects *objects, size_t *left, struct rf_error *error)
{
	struct sweep sweep = {.objects = objects, .now = rf_pinhole_clock()};
	int ret = each(objects, sweep_one, &sweep);

	if (!ret)
		ret = sweep.result;
	*left = sweep.left;
	return ret ? rf_fail_system(error, RF_CODE_LOAD, ret, "tidy map pinholes") : 0;
}

/* What stood in the place of an entry, so that it can be put back. */
struct former {
	bool was_there;
	struct rf_pinhole pinhole;
};

static int look_up(const struct rf_objects *objects, const struct rf_pinhole_entry *entries,
		   size_t count, struct former *formers, struct rf_error *error)
{
	for (size_t i = 0; i < count; i++) {
		if (!has_pod(objects, &entries[i].pinhole))
			return rf_fail(error, RF_CODE_CONFIG, -ENOENT, "pod %u is gone",
				       entries[i].pinhole.pod);
		formers[i].was_there = !bpf_map_lookup_elem(objects->maps[RF_MAP_PINHOLES],
							    &entries[i].key, &formers[i].pinhole);
		if (!formers[i].was_there && errno != ENOENT)
			return rf_fail_system(error, RF_CODE_LOAD, -errno, "read map pinholes");
	}
	return 0;
}

static int check_room(const struct rf_objects *objects, size_t used, const struct former *formers,
		      size_t count, struct rf_error *error)
{
	uint32_t max = objects->max_entries[RF_MAP_PINHOLES];
	size_t needed = 0;

	for (size_t i = 0; i < count; i++)
		needed += !formers[i].was_there;
	if (used + needed <= max)
		return 0;
	rf_error_hint(error,
		      "delete pinholes that are not needed (ringfencectl pinhole list), or raise "
		      "maps.pinholes in the network configuration; it is taken when the maps are "
		      "next loaded");
	return rf_fail(error, RF_CODE_MAP_FULL, -ENOSPC,
		       "map pinholes is too small: %zu of %u entries are in use, %zu more are "
		       "needed",
		       used, max, needed);
}

static void put_back(const struct rf_objects *objects, const struct rf_pinhole_entry *entries,
		     const struct former *formers, size_t count)
{
	int map = objects->maps[RF_MAP_PINHOLES];

	for (size_t i = 0; i < count; i++)
		if (formers[i].was_there)
			bpf_map_update_elem(map, &entries[i].key, &formers[i].pinhole, BPF_ANY);
		else
			delete_entry(map, &entries[i].key);
}

/* Each pod once, as far as entries of a pod stand together. */
static int judge_again(const struct rf_objects *objects, const struct rf_pinhole_entry *entries,
		       size_t count, struct rf_error *error)
{
	int ret = 0;

	for (size_t i = 0; i < count && !ret; i++)
		if (!i || entries[i].pinhole.pod != entries[i - 1].pinhole.pod)
			ret = rf_pod_judge_again(objects, entries[i].pinhole.pod, error);
	return ret;
}

static int write_all(const struct rf_objects *objects, const struct rf_pinhole_entry *entries,
		     const struct former *formers, size_t count, struct rf_error *error)
{
	size_t written = 0;
	int ret = 0;

	for (; written < count && !ret; written++)
		if (bpf_map_update_elem(objects->maps[RF_MAP_PINHOLES], &entries[written].key,
					&entries[written].pinhole, BPF_ANY))
			ret = rf_fail_system(error, RF_CODE_LOAD, -errno, "write map pinholes");
	if (!ret)
		ret = judge_again(objects, entries, count, error);
	if (ret)
		put_back(objects, entries, formers, written);
	return ret;
}

int rf_pinholes_add(const struct rf_objects *objects, const struct rf_pinhole_entry *entries,
		    size_t count, struct rf_error *error)
{
	_cleanup_free_ struct former *formers = calloc(count, sizeof(*formers));
	_cleanup_close_ int lock = -1;
	size_t used = 0;
	int ret;

	if (!formers)
		return rf_fail(error, RF_CODE_INTERNAL, -ENOMEM, "out of memory");
	ret = rf_lock(&lock, error);
	if (!ret)
		ret = remove_void(objects, &used, error);
	if (!ret)
		ret = look_up(objects, entries, count, formers, error);
	if (!ret)
		ret = check_room(objects, used, formers, count, error);
	return ret ? ret : write_all(objects, entries, formers, count, error);
}

static bool is_there(const struct rf_objects *objects, const struct rf_pinhole_entry *entry)
{
	struct rf_pinhole pinhole;

	return !bpf_map_lookup_elem(objects->maps[RF_MAP_PINHOLES], &entry->key, &pinhole) &&
	       pinhole.pod == entry->pinhole.pod &&
	       pinhole.incarnation == entry->pinhole.incarnation;
}

int rf_pinholes_remove(const struct rf_objects *objects, const struct rf_pinhole_entry *entries,
		       size_t count, size_t *removed, struct rf_error *error)
{
	_cleanup_close_ int lock = -1;
	size_t used;
	int ret = rf_lock(&lock, error);

	*removed = 0;
	if (!ret)
		ret = remove_void(objects, &used, error);
	for (size_t i = 0; i < count && !ret; i++) {
		if (!is_there(objects, &entries[i]))
			continue;
		ret = delete_entry(objects->maps[RF_MAP_PINHOLES], &entries[i].key);
		if (ret)
			return rf_fail_system(error, RF_CODE_LOAD, ret, "write map pinholes");
		++*removed;
	}
	return ret || !*removed ? ret : judge_again(objects, entries, count, error);
}

struct visitor {
	const struct rf_objects *objects;
	uint64_t now;
	void (*visit)(const struct rf_pinhole_key *key, const struct rf_pinhole *pinhole,
		      void *context);
	void *context;
};

static void pass_on(const void *key, const void *value, void *context)
{
	const struct visitor *visitor = context;

	if (!rf_pinhole_is_void(visitor->objects, value, visitor->now))
		visitor->visit(key, value, visitor->context);
}

/* What is void and stays is passed over. */
static int remove_void_if_free(const struct rf_objects *objects, struct rf_error *error)
{
	_cleanup_close_ int lock = -1;
	size_t left;

	return rf_lock_if_free(&lock) ? remove_void(objects, &left, error) : 0;
}

/* Who visits may print, and who reads that may take any time. */
int rf_pinholes_each(const struct rf_objects *objects,
		     void (*visit)(const struct rf_pinhole_key *key,
				   const struct rf_pinhole *pinhole, void *context),
		     void *context, struct rf_error *error)
{
	struct visitor visitor = {objects, rf_pinhole_clock(), visit, context};
	int ret = remove_void_if_free(objects, error);

	if (ret)
		return ret;
	ret = each(objects, pass_on, &visitor);
	return ret ? rf_fail_system(error, RF_CODE_LOAD, ret, "read map pinholes") : 0;
}
