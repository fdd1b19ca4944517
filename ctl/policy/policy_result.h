/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a pod, as `policy apply` and `policy reload` both tell it to programs. */
#ifndef RINGFENCE_CTL_POLICY_RESULT_H
#define RINGFENCE_CTL_POLICY_RESULT_H

#include "dataplane/record.h"

/*
 * A new row: the pod, of which @record may be NULL if it cannot be read, @result, @policy, the name
 * of what it is to be under (NULL: none), and @error (the same).
 */
cJSON *policy_result_row(const struct rf_record *record, const char *result, const char *policy,
			 const struct rf_error *error);

/* Add @error to @object, with `code`, `msg` and `details`; null if it is NULL. */
void policy_result_add_error(cJSON *object, const struct rf_error *error);

#endif
