// SPDX-License-Identifier: Apache-2.0
#include "test/lib/bucket.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>

#define HOUR UINT64_C(3600000000000) /* in ns */

void bucket_stop_filling(const struct programs *programs, uint32_t index)
{
	int buckets = programs->objects.maps[RF_MAP_BUCKETS];
	struct rf_bucket bucket = {};

	if (bpf_map_lookup_elem(buckets, &index, &bucket) || !bucket.full_at) {
		fprintf(stderr, "bucket_stop_filling: nothing was taken from bucket %u\n", index);
		abort();
	}
	bucket.full_at += HOUR;
	if (bpf_map_update_elem(buckets, &index, &bucket, BPF_EXIST)) {
		perror("bucket_stop_filling");
		abort();
	}
}
