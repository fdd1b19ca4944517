// SPDX-License-Identifier: Apache-2.0
#include "dataplane/identifiers.h"

#include <bpf/bpf.h>
#include <errno.h>

int rf_identifiers_read(const struct rf_objects *objects, struct rf_identifiers *identifiers,
			struct rf_error *error)
{
	__u32 zero = 0;

	*identifiers = (struct rf_identifiers){};
	if (bpf_map_lookup_elem(objects->maps[RF_MAP_IDENTIFIERS], &zero, identifiers))
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "read map identifiers");
	return 0;
}

static int store(const struct rf_objects *objects, const struct rf_identifiers *identifiers,
		 struct rf_error *error)
{
	__u32 zero = 0;

	if (bpf_map_update_elem(objects->maps[RF_MAP_IDENTIFIERS], &zero, identifiers, BPF_ANY))
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "write map identifiers");
	return 0;
}

int rf_next_epoch(const struct rf_objects *objects, uint32_t *epoch, struct rf_error *error)
{
	struct rf_identifiers identifiers;
	int ret = rf_identifiers_read(objects, &identifiers, error);

	if (ret)
		return ret;
	/* Wraps after 2^32 changes; a session that old has long timed out. 0 marks a free pod. */
	if (!++identifiers.epoch)
		identifiers.epoch = 1;
	*epoch = identifiers.epoch;
	return store(objects, &identifiers, error);
}

int rf_next_policy(const struct rf_objects *objects, uint32_t class_count, uint32_t *policy,
		   uint32_t *first_class, struct rf_error *error)
{
	struct rf_identifiers identifiers;
	int ret = rf_identifiers_read(objects, &identifiers, error);

	if (ret)
		return ret;
	if (identifiers.policy >= RF_POLICY_ID_MAX ||
	    UINT32_MAX - identifiers.class_id < class_count) {
		ret = rf_fail(error, RF_CODE_MAP_FULL, -ENOSPC,
			      "ids are used up: %u of %u policies, %u of %u classes",
			      identifiers.policy, RF_POLICY_ID_MAX, identifiers.class_id,
			      UINT32_MAX);
		rf_error_hint(error, "drain the node and reboot it");
		return ret;
	}
	*policy = ++identifiers.policy;
	*first_class = identifiers.class_id + 1;
	identifiers.class_id += class_count;
	return store(objects, &identifiers, error);
}

int rf_identifiers_set_build(const struct rf_objects *objects, uint64_t build, uint64_t refused,
			     struct rf_error *error)
{
	struct rf_identifiers identifiers;
	int ret = rf_identifiers_read(objects, &identifiers, error);

	identifiers.build = build;
	identifiers.refused = refused;
	return ret ? ret : store(objects, &identifiers, error);
}
