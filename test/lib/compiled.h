/* SPDX-License-Identifier: Apache-2.0 */
/* What the entries of a compiled policy answer: looked up here as the programs do it in the maps.
 */
#ifndef RINGFENCE_TEST_LIB_COMPILED_H
#define RINGFENCE_TEST_LIB_COMPILED_H

#include "dataplane/compile/compile.h"
#include "test/lib/policy_model.h"

/* Aborts if an entry is missing. */
struct policy_answer compiled_answer(const struct rf_compiled *compiled,
				     const struct policy_question *question);

#endif
