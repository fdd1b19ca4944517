// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/entries.h"
#include "dataplane/map_batch.h"
#include "netconf/cleanup.h"

/* The entries as the kernel takes them: with the ids of this policy, keys and values apart. */
struct arrays {
	struct rf_peer_key *peer_keys;
	struct rf_peer_class *peer_values;
	struct rf_service_key *service_keys;
	struct rf_service *service_values;
	struct rf_map_entries peers;
	struct rf_map_entries services;
};

static void free_arrays(struct arrays *arrays)
{
	free(arrays->peer_keys);
	free(arrays->peer_values);
	free(arrays->service_keys);
	free(arrays->service_values);
}

static uint32_t class_id(uint32_t number, uint32_t first_class)
{
	return number ? first_class + number - 1 : 0;
}

static int make_arrays(uint32_t policy, uint32_t first_class, const struct rf_compiled *compiled,
		       struct arrays *arrays, struct rf_error *error)
{
	/* One element more: an empty policy must not look like a failed allocation. */
	arrays->peer_keys = calloc(compiled->peer_count + 1, sizeof(*arrays->peer_keys));
	arrays->peer_values = calloc(compiled->peer_count + 1, sizeof(*arrays->peer_values));
	arrays->service_keys = calloc(compiled->service_count + 1, sizeof(*arrays->service_keys));
	arrays->service_values =
		calloc(compiled->service_count + 1, sizeof(*arrays->service_values));
	if (!arrays->peer_keys || !arrays->peer_values || !arrays->service_keys ||
	    !arrays->service_values)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "%zu policy entries",
				      compiled->peer_count + compiled->service_count);
	for (size_t i = 0; i < compiled->peer_count; i++) {
		const struct rf_peer_entry *entry = &compiled->peers[i];

		arrays->peer_keys[i] = entry->key;
		arrays->peer_keys[i].scope = RF_SCOPE(policy, entry->key.scope);
		arrays->peer_values[i].own = class_id(entry->value.own, first_class);
		arrays->peer_values[i].common = class_id(entry->value.common, first_class);
	}
	for (size_t i = 0; i < compiled->service_count; i++) {
		const struct rf_service_entry *entry = &compiled->services[i];

		arrays->service_keys[i] = entry->key;
		arrays->service_keys[i].class_id = class_id(entry->key.class_id, first_class);
		arrays->service_values[i] = entry->value;
	}
	arrays->peers = (struct rf_map_entries){
		.keys = arrays->peer_keys,
		.values = arrays->peer_values,
		.key_size = sizeof(*arrays->peer_keys),
		.value_size = sizeof(*arrays->peer_values),
		.count = compiled->peer_count,
	};
	arrays->services = (struct rf_map_entries){
		.keys = arrays->service_keys,
		.values = arrays->service_values,
		.key_size = sizeof(*arrays->service_keys),
		.value_size = sizeof(*arrays->service_values),
		.count = compiled->service_count,
	};
	return 0;
}

static int refuse(const struct rf_objects *objects, enum rf_map map, size_t needed, size_t key_size,
		  int errnum, struct rf_error *error)
{
	size_t used = rf_map_count(objects->maps[map], key_size);
	int ret;

	if (errnum != -ENOSPC)
		return rf_fail_system(error, RF_CODE_LOAD, errnum, "write map %s",
				      rf_map_name(map));
	ret = rf_fail(error, RF_CODE_MAP_FULL, errnum,
		      "map %s is too small: the policy needs %zu entries, %zu of %u are in use",
		      rf_map_name(map), needed, used, objects->max_entries[map]);
	rf_error_hint(error,
		      "raise maps.%s in the network configuration; it is taken when the maps "
		      "are next loaded",
		      rf_map_name(map));
	return ret;
}

static int remove_arrays(const struct rf_objects *objects, const struct arrays *arrays)
{
	int ret = rf_map_delete_all(objects->maps[RF_MAP_PEERS], &arrays->peers);
	int second = rf_map_delete_all(objects->maps[RF_MAP_SERVICES], &arrays->services);

	return ret ? ret : second;
}

int rf_policy_entries_write(const struct rf_objects *objects, uint32_t policy, uint32_t first_class,
			    const struct rf_compiled *compiled, struct rf_error *error)
{
	__attribute__((cleanup(free_arrays))) struct arrays arrays = {};
	enum rf_map map = RF_MAP_SERVICES;
	int ret = make_arrays(policy, first_class, compiled, &arrays, error);

	if (ret)
		return ret;
	ret = rf_map_update_all(objects->maps[RF_MAP_SERVICES], &arrays.services);
	if (!ret) {
		map = RF_MAP_PEERS;
		ret = rf_map_update_all(objects->maps[RF_MAP_PEERS], &arrays.peers);
	}
	if (!ret)
		return 0;
	remove_arrays(objects, &arrays);
	return map == RF_MAP_PEERS ? refuse(objects, map, arrays.peers.count,
					    sizeof(*arrays.peer_keys), ret, error)
				   : refuse(objects, map, arrays.services.count,
					    sizeof(*arrays.service_keys), ret, error);
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

int rf_policy_entries_check(const struct rf_objects *objects, uint32_t policy, uint32_t first_class,
			    const struct rf_compiled *compiled, struct rf_error *error)
{
	__attribute__((cleanup(free_arrays))) struct arrays arrays = {};
	int ret = make_arrays(policy, first_class, compiled, &arrays, error);

	if (!ret)
		ret = check_map(objects, RF_MAP_PEERS, policy, &arrays.peers, error);
	if (!ret)
		ret = check_map(objects, RF_MAP_SERVICES, policy, &arrays.services, error);
	return ret;
}

int rf_policy_entries_remove(const struct rf_objects *objects, uint32_t policy,
			     uint32_t first_class, const struct rf_compiled *compiled,
			     struct rf_error *error)
{
	__attribute__((cleanup(free_arrays))) struct arrays arrays = {};
	int ret = make_arrays(policy, first_class, compiled, &arrays, error);

	if (ret)
		return ret;
	ret = remove_arrays(objects, &arrays);
	return ret ? rf_fail_system(error, RF_CODE_LOAD, ret, "remove the entries of policy %u",
				    policy)
		   : 0;
}
