/* SPDX-License-Identifier: Apache-2.0 */
/* Policies whose rules would multiply if they were folded without care. */
#ifndef RINGFENCE_TEST_LIB_SHAPES_H
#define RINGFENCE_TEST_LIB_SHAPES_H

#include "netconf/policy.h"

struct shape {
	const char *name;
	/* Such as a document can say. The caller frees it (rf_policy_free()). */
	void (*make)(struct rf_policy *policy);
	/* Entries that it needs. */
	size_t peers;
	size_t services;
	bool is_beyond_count; /* so many that nobody counts them to the end */
};

/* With the default sizes of the maps: those that fit, and those that do not. */
#define SHAPES_FITTING  8
#define SHAPES_TOO_MUCH 2
extern const struct shape shapes_fitting[SHAPES_FITTING];
extern const struct shape shapes_too_much[SHAPES_TOO_MUCH];

#endif
