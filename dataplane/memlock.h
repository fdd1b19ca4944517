/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RLIMIT_MEMLOCK. Kernels before 5.11 charge maps and programs to it; later ones to the memory
 * cgroup, and the limit does not matter.
 */
#ifndef RINGFENCE_DATAPLANE_MEMLOCK_H
#define RINGFENCE_DATAPLANE_MEMLOCK_H

#include "netconf/error.h"

#include <stdint.h>

/* What of a map decides its memory. */
struct rf_map_shape {
	uint32_t type; /* enum bpf_map_type */
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries;
	uint32_t flags; /* BPF_F_… */
};

/* The bytes that a kernel of the 5.10 series charges for a map, with @cpus possible CPUs. */
uint64_t rf_memlock_of_map(const struct rf_map_shape *shape, uint32_t cpus);

/*
 * Give @error, of a load that the kernel did not permit, its message and details, if the reason is
 * that @needed bytes are more than the limit allows. Returns 0 if that is the reason.
 */
int rf_memlock_explain(uint64_t needed, struct rf_error *error);

#endif
