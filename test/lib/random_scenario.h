/* SPDX-License-Identifier: Apache-2.0 */
/* Random scenarios, drawn so that most packets belong to a flow that has been under way. */
#ifndef RINGFENCE_TEST_LIB_RANDOM_SCENARIO_H
#define RINGFENCE_TEST_LIB_RANDOM_SCENARIO_H

#include "test/lib/prng.h"
#include "test/lib/scenario.h"

/* The caller frees it with scenario_free(). Aborts if memory is out. */
void random_scenario(struct prng *prng, struct scenario *scenario);

#endif
