// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/entries.h"
#include "dataplane/map_batch.h"

#include <errno.h>

static struct rf_map_entries peers_of(const struct rf_policy_image *image)
{
	return (struct rf_map_entries){
		.keys = image->peer_keys,
		.values = image->peer_values,
		.key_size = sizeof(*image->peer_keys),
		.value_size = sizeof(*image->peer_values),
		.count = image->peer_count,
	};
}

static struct rf_map_entries services_of(const struct rf_policy_image *image, size_t first,
					 size_t count)
{
	return (struct rf_map_entries){
		.keys = image->service_keys + first,
		.values = image->service_values + first,
		.key_size = sizeof(*image->service_keys),
		.value_size = sizeof(*image->service_values),
		.count = count,
	};
}

static bool is_shared(const bool *shared, uint32_t class)
{
	return shared && shared[class];
}

/* Call @change for the services of the classes that are not shared, of as many at once as there are
 * side by side. Goes on after a failure, if @change may: returns the first. */
static int each_run(int map, const struct rf_policy_image *image, const bool *shared,
		    int (*change)(int map, const struct rf_map_entries *entries))
{
	size_t first = 0, count = 0;
	int ret = 0;

	for (uint32_t i = 0; i <= image->class_count; i++) {
		struct rf_map_entries run = services_of(image, first, count);
		int failure;

		if (i < image->class_count && !is_shared(shared, i)) {
			count += image->classes[i].entry_count;
			continue;
		}
		failure = change(map, &run);
		ret = ret ? ret : failure;
		first += count + (i < image->class_count ? image->classes[i].entry_count : 0);
		count = 0;
	}
	return ret;
}

static size_t count_own(const struct rf_policy_image *image, const bool *shared)
{
	size_t count = 0;

	for (uint32_t i = 0; i < image->class_count; i++)
		if (!is_shared(shared, i))
			count += image->classes[i].entry_count;
	return count;
}

static int refuse(const struct rf_objects *objects, enum rf_map map, size_t needed, size_t key_size,
		  int errnum, struct rf_error *error)
{
	size_t used;
	int ret;

	if (errnum != -ENOSPC)
		return rf_fail_system(error, RF_CODE_LOAD, errnum, "write map %s",
				      rf_map_name(map));
	used = rf_map_count(objects->maps[map], key_size);
	ret = rf_fail(error, RF_CODE_MAP_FULL, errnum,
		      "map %s is too small: the policy needs %zu entries, %zu of %u are in use",
		      rf_map_name(map), needed, used, objects->max_entries[map]);
	rf_error_hint(error,
		      "raise maps.%s in the network configuration; it is taken when the maps "
		      "are next loaded",
		      rf_map_name(map));
	return ret;
}

static int remove_entries(const struct rf_objects *objects, const struct rf_policy_image *image,
			  const bool *shared)
{
	const struct rf_map_entries peers = peers_of(image);
	int ret = rf_map_delete_all(objects->maps[RF_MAP_PEERS], &peers);
	int second = each_run(objects->maps[RF_MAP_SERVICES], image, shared, rf_map_delete_all);

	return ret ? ret : second;
}

int rf_policy_entries_write(const struct rf_objects *objects, const struct rf_policy_image *image,
			    const bool *shared, struct rf_error *error)
{
	const struct rf_map_entries peers = peers_of(image);
	int ret = each_run(objects->maps[RF_MAP_SERVICES], image, shared, rf_map_update_all);

	if (ret) {
		remove_entries(objects, image, shared);
		return refuse(objects, RF_MAP_SERVICES, count_own(image, shared),
			      sizeof(*image->service_keys), ret, error);
	}
	ret = rf_map_update_all(objects->maps[RF_MAP_PEERS], &peers);
	if (ret) {
		remove_entries(objects, image, shared);
		return refuse(objects, RF_MAP_PEERS, image->peer_count, sizeof(*image->peer_keys),
			      ret, error);
	}
	return 0;
}

static int check_map(const struct rf_objects *objects, enum rf_map map, uint32_t policy,
		     const struct rf_map_entries *entries, struct rf_error *error)
{
	size_t missing = 0;
	int ret = rf_map_count_missing(objects->maps[map], entries, &missing);

	if (ret)
		return rf_fail_system(error, RF_CODE_LOAD, ret, "read map %s", rf_map_name(map));
	return missing ? rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
				 "map %s lacks %zu of the %zu entries of policy %u",
				 rf_map_name(map), missing, entries->count, policy)
		       : 0;
}

int rf_policy_entries_check(const struct rf_objects *objects, const struct rf_policy_image *image,
			    struct rf_error *error)
{
	const struct rf_map_entries peers = peers_of(image);
	const struct rf_map_entries services = services_of(image, 0, image->service_count);
	int ret = check_map(objects, RF_MAP_PEERS, image->policy, &peers, error);

	return ret ? ret : check_map(objects, RF_MAP_SERVICES, image->policy, &services, error);
}

int rf_policy_entries_remove(const struct rf_objects *objects, const struct rf_policy_image *image,
			     const bool *shared, struct rf_error *error)
{
	int ret = remove_entries(objects, image, shared);

	return ret ? rf_fail_system(error, RF_CODE_LOAD, ret, "remove the entries of policy %u",
				    image->policy)
		   : 0;
}
