/* SPDX-License-Identifier: Apache-2.0 */
/* A policy, compiled: that its entries are as compile.h promises, and mean what the model says. */
#ifndef RINGFENCE_TEST_LIB_COMPILED_CHECK_H
#define RINGFENCE_TEST_LIB_COMPILED_CHECK_H

#include "dataplane/compile/compile.h"
#include "test/lib/policy_model.h"

extern const struct rf_compile_limits compiled_no_limits;

/* Compile @policy without limits; fails the test if that fails, or the entries are not well formed.
 * The caller frees *@compiled (rf_compiled_free()). */
void compiled_make(const struct rf_policy *policy, struct rf_compiled *compiled);

/* Fails the test, and prints the policy, if its entries answer @question otherwise than the model
 * does. */
void compiled_assert_answer(const struct rf_policy *policy, const struct rf_compiled *compiled,
			    const struct policy_question *question);

#endif
