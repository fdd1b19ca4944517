// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/room.h"
#include "dataplane/map_batch.h"
#include "dataplane/policy/share.h"
#include "netconf/cleanup.h"

#include <errno.h>

static int check_map(const struct rf_objects *objects, enum rf_map map, size_t key_size,
		     size_t needed, struct rf_error *error)
{
	size_t used = needed ? rf_map_count(objects->maps[map], key_size) : 0;

	if (used + needed <= objects->max_entries[map])
		return 0;
	rf_error_hint(error,
		      "raise maps.%s in the network configuration; it is taken when the maps are "
		      "next loaded",
		      rf_map_name(map));
	return rf_fail(error, RF_CODE_MAP_FULL, -ENOSPC,
		       "map %s is too small: the policy needs %zu entries, %zu of %u are in use",
		       rf_map_name(map), needed, used, objects->max_entries[map]);
}

/* Without those of classes that are in the maps already. */
static int count_new_services(const struct rf_objects *objects, const struct rf_policy_image *image,
			      size_t *count, struct rf_error *error)
{
	_cleanup_free_ uint32_t *ids = calloc(image->class_count + 1u, sizeof(*ids));
	_cleanup_free_ bool *shared = calloc(image->class_count + 1u, sizeof(*shared));
	int ret;

	if (!ids || !shared)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "classes of a policy");
	ret = rf_policy_share_find(objects->set, image, ids, shared, error);
	for (uint32_t i = 0; i < image->class_count; i++)
		*count += shared[i] ? 0 : image->classes[i].entry_count;
	return ret;
}

int rf_policy_check_room(const struct rf_objects *objects, const struct rf_policy_image *image,
			 struct rf_error *error)
{
	size_t services = 0;
	int ret = count_new_services(objects, image, &services, error);

	if (!ret)
		ret = check_map(objects, RF_MAP_SERVICES, sizeof(struct rf_service_key), services,
				error);
	return ret ? ret
		   : check_map(objects, RF_MAP_PEERS, sizeof(struct rf_peer_key), image->peer_count,
			       error);
}
