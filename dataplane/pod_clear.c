// SPDX-License-Identifier: Apache-2.0
#include "dataplane/pod_clear.h"
#include "netconf/cleanup.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

static int write_zeros(const struct rf_objects *objects, enum rf_map map, uint32_t key, size_t size,
		       struct rf_error *error)
{
	_cleanup_free_ void *zeros = calloc(1, size);

	if (!zeros)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "element of map %s",
				      rf_map_name(map));
	if (bpf_map_update_elem(objects->maps[map], &key, zeros, BPF_ANY))
		return rf_fail_system(error, RF_CODE_LOAD, -errno, "clear element %u of map %s",
				      key, rf_map_name(map));
	return 0;
}

static int clear_bucket(const struct rf_objects *objects, uint32_t id, uint32_t kind,
			struct rf_error *error)
{
	return write_zeros(objects, RF_MAP_BUCKETS, RF_BUCKET(id, kind), sizeof(struct rf_bucket),
			   error);
}

int rf_pod_refill(const struct rf_objects *objects, uint32_t id, struct rf_error *error)
{
	int ret = clear_bucket(objects, id, RF_BUCKET_INGRESS_BYTES, error);

	if (!ret)
		ret = clear_bucket(objects, id, RF_BUCKET_EGRESS_BYTES, error);
	return ret ? ret : clear_bucket(objects, id, RF_BUCKET_NEW_FLOWS, error);
}

static int clear_buckets(const struct rf_objects *objects, uint32_t id, struct rf_error *error)
{
	int ret = 0;

	for (uint32_t kind = 0; kind < RF_BUCKET_KINDS && !ret; kind++)
		ret = clear_bucket(objects, id, kind, error);
	return ret;
}

int rf_pod_clear(const struct rf_objects *objects, uint32_t id, struct rf_error *error)
{
	int cpus = libbpf_num_possible_cpus(), ret;

	if (cpus < 0)
		return rf_fail_system(error, RF_CODE_LOAD, cpus,
				      "read /sys/devices/system/cpu/possible");
	ret = write_zeros(objects, RF_MAP_POD_COUNTERS, id, sizeof(struct rf_pod_counters) * cpus,
			  error);
	if (!ret)
		ret = write_zeros(objects, RF_MAP_EVENTS_LOST, id,
				  sizeof(struct rf_events_lost) * cpus, error);
	if (!ret)
		ret = write_zeros(objects, RF_MAP_POD_LIMITS, id, sizeof(struct rf_pod_limits),
				  error);
	if (!ret)
		ret = write_zeros(objects, RF_MAP_CENSUS, RF_CENSUS_POD(id),
				  sizeof(struct rf_census), error);
	return ret ? ret : clear_buckets(objects, id, error);
}
