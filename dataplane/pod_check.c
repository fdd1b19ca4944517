// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pod.h"
#include "dataplane/pod_internal.h"
#include "dataplane/treatment.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

static int check_interface(const struct rf_objects *objects, const struct rf_record *record,
			   struct rf_error *error)
{
	uint32_t ifindex = record->point.ifindex;
	int ret = rf_pod_look_up(objects, RF_MAP_INTERFACES, &ifindex, record->pod_id);

	if (ret && ret != -ENOENT)
		return rf_fail_system(error, RF_CODE_LOAD, ret, "read map interfaces");
	if (ret || objects->pod_state[record->pod_id].ifindex != ifindex)
		return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
			       "map interfaces does not lead from ifindex %u to pod id %u", ifindex,
			       record->pod_id);
	return 0;
}

static int check_address(const struct rf_objects *objects, const struct rf_record *record,
			 const struct in6_addr *address, struct rf_error *error)
{
	struct rf_prefix prefix = {
		.address = *address,
		.length = 128,
		.is_v4 = IN6_IS_ADDR_V4MAPPED(address),
	};
	char text[RF_PREFIX_TEXT];
	int ret = rf_pod_look_up(objects, RF_MAP_PODS, address, record->pod_id);

	if (ret && ret != -ENOENT)
		return rf_fail_system(error, RF_CODE_LOAD, ret, "read map pods");
	return ret ? rf_fail(error, RF_CODE_NOT_IN_FORCE, ret,
			     "map pods does not lead from %s to pod id %u",
			     rf_prefix_format(&prefix, text), record->pod_id)
		   : 0;
}

static int check_treatment(const struct rf_objects *objects, const struct rf_record *record,
			   struct rf_error *error)
{
	struct rf_pod_limits expected = rf_treatment_limits(&record->treatment), limits;
	uint32_t flags = rf_treatment_flags(&record->treatment);
	uint32_t in_force = objects->pod_state[record->pod_id].flags & RF_TREATMENT_FLAGS;

	if ((in_force ^ flags) & RF_POD_AUDIT)
		return rf_fail(
			error, RF_CODE_NOT_IN_FORCE, -ENOENT, "pod id %u is in mode %s, not %s",
			record->pod_id,
			rf_mode_names[in_force & RF_POD_AUDIT ? RF_MODE_AUDIT : RF_MODE_ENFORCE],
			rf_mode_names[record->treatment.mode]);
	if (bpf_map_lookup_elem(objects->maps[RF_MAP_POD_LIMITS], &record->pod_id, &limits))
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "read map pod_limits");
	/* What is a sane burst may be another in another version, which the pod may be of. */
	memcpy(expected.burst, limits.burst, sizeof(expected.burst));
	if (in_force != flags || memcmp(&limits, &expected, sizeof(limits)) != 0)
		return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
			       "pod id %u has other limits than its record", record->pod_id);
	return 0;
}

static const char *boolean_text(bool value)
{
	return value ? "true" : "false";
}

/* antiSpoof, hostAccess and etherTypes. A record of an earlier version does not know them. */
static int check_settings(const struct rf_objects *objects, const struct rf_record *record,
			  struct rf_error *error)
{
	const struct rf_pod_state *state = &objects->pod_state[record->pod_id];
	struct rf_pod_state expected = rf_pod_settings(record);
	uint32_t other = state->flags ^ expected.flags;

	if (!record->configured.is_known)
		return 0;
	if (other & RF_POD_ANTI_SPOOF)
		return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
			       "pod id %u is judged with antiSpoof %s, not %s", record->pod_id,
			       boolean_text(state->flags & RF_POD_ANTI_SPOOF),
			       boolean_text(expected.flags & RF_POD_ANTI_SPOOF));
	if (other & RF_POD_HOST_BY_POLICY)
		return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
			       "pod id %u is judged with hostAccess %s, not %s", record->pod_id,
			       state->flags & RF_POD_HOST_BY_POLICY ? "policy" : "allow",
			       expected.flags & RF_POD_HOST_BY_POLICY ? "policy" : "allow");
	if (memcmp(state->ether_types, expected.ether_types, sizeof(expected.ether_types)) != 0)
		return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
			       "pod id %u has other etherTypes than its record", record->pod_id);
	return 0;
}

int rf_pod_check(const struct rf_objects *objects, const struct rf_record *record,
		 struct rf_error *error)
{
	int ret;

	if (!record->pod_id || rf_pod_find(objects, record->point.owner) != record->pod_id)
		return rf_fail(error, RF_CODE_NOT_IN_FORCE, -ENOENT,
			       "pod id %u in map pod_state is not of this attachment",
			       record->pod_id);
	ret = check_interface(objects, record, error);
	if (!ret)
		ret = check_treatment(objects, record, error);
	if (!ret)
		ret = check_settings(objects, record, error);
	for (size_t i = 0; i < record->address_count && !ret; i++)
		ret = check_address(objects, record, &record->addresses[i], error);
	return ret;
}
