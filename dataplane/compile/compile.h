/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiler: folds the rules of a policy into the entries of the maps `peers` and `services`, so
 * that the programs decide with a constant number of lookups. Pure; touches no map.
 */
#ifndef RINGFENCE_DATAPLANE_COMPILE_COMPILE_H
#define RINGFENCE_DATAPLANE_COMPILE_COMPILE_H

#include "bpf/abi.h"
#include "netconf/error.h"
#include "netconf/policy.h"

#include <stddef.h>

/* Keys hold the direction as scope and class numbers from 1; the image adds the ids (image.h). */
struct rf_peer_entry {
	struct rf_peer_key key;
	struct rf_peer_class value;
};

struct rf_service_entry {
	struct rf_service_key key;
	struct rf_service value;
};

/*
 * Peers are in ascending order of prefix length. Services are in the order of their classes, of
 * which those that are common come first, and within a class in ascending order of prefix length.
 * What a class holds depends on its own rules only, and comes in one order: equal classes of two
 * policies are equal entry by entry.
 */
struct rf_compiled {
	struct rf_peer_entry *peers;
	size_t peer_count;
	struct rf_service_entry *services;
	size_t service_count;
	uint32_t class_count;  /* each has an entry or more */
	uint32_t common_count; /* classes 1 to this are those for every peer */
};

/* How many entries the maps can hold at all: more is refused before memory is spent. */
struct rf_compile_limits {
	size_t peers;
	size_t services;
};

/*
 * Compile @policy. MAP_FULL with -ENOSPC and the numbers if the entries are more than @limits.
 * On success the caller owns *@out; on failure it is untouched.
 */
int rf_compile(const struct rf_policy *policy, const struct rf_compile_limits *limits,
	       struct rf_compiled *out, struct rf_error *error);

/* Free what the entries hold, and zero it. */
void rf_compiled_free(struct rf_compiled *compiled);

#endif
