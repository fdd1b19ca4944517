/* SPDX-License-Identifier: Apache-2.0 */
/* Whether anything in the maps has changed. */
#ifndef RINGFENCE_TEST_LIB_TRACES_H
#define RINGFENCE_TEST_LIB_TRACES_H

#include "test/lib/programs.h"

/*
 * A digest of every pinned map: keys and values, of all CPUs, and how far each ring was written and
 * read.
 */
uint64_t traces_digest(const struct programs *programs);

#endif
