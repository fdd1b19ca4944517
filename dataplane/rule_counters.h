/* SPDX-License-Identifier: Apache-2.0 */
/* Hits of rules, of all CPUs together. What is not there was never hit. */
#ifndef RINGFENCE_DATAPLANE_RULE_COUNTERS_H
#define RINGFENCE_DATAPLANE_RULE_COUNTERS_H

#include "dataplane/objects.h"

/* The hits of @key; all zero if there are none. 0 or -errno. */
int rf_rule_counters_read(const struct rf_objects *objects, const struct rf_rule_key *key,
			  struct rf_rule_counters *out);

/*
 * Remove what belongs to policies that no pod is judged under: the one that has just gone, and what
 * a packet counted that was still under way when its policy went. With the lock held. 0 or -errno.
 */
int rf_rule_counters_sweep(const struct rf_objects *objects);

#endif
