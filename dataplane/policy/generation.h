/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which reading of the documents a policy is made of. An ADD that has read them before they
 * changed, and enters its pod after the reload that followed has listed the pods, would be
 * forgotten. So a reload begins a new generation before it lists and reads, and an ADD that finds
 * another one than before it read, under the lock, reads again. It is the time of modification of
 * the lock's file, to which nobody writes.
 */
#ifndef RINGFENCE_DATAPLANE_POLICY_GENERATION_H
#define RINGFENCE_DATAPLANE_POLICY_GENERATION_H

#include "netconf/error.h"

#include <stdbool.h>
#include <time.h>

/* The generation; zero before there is any. */
struct timespec rf_policy_generation(void);

bool rf_policy_generation_is(const struct timespec *generation);

/* Begin a new one. Takes the lock. */
int rf_policy_generation_begin(struct rf_error *error);

#endif
