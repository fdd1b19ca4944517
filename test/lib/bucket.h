/* SPDX-License-Identifier: Apache-2.0 */
/* Token buckets that do not fill while a test runs, however long it is held up. */
#ifndef RINGFENCE_TEST_LIB_BUCKET_H
#define RINGFENCE_TEST_LIB_BUCKET_H

#include "test/lib/programs.h"

/* Let no time pass for bucket @index (RF_BUCKET()), from which something was taken, for an hour:
 * what it lacks it lacks. Aborts the test if nothing was taken. */
void bucket_stop_filling(const struct programs *programs, uint32_t index);

#endif
