/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RINGFENCE_DATAPLANE_POLICY_RELOAD_INTERNAL_H
#define RINGFENCE_DATAPLANE_POLICY_RELOAD_INTERNAL_H

#include "dataplane/policy/reload.h"

/* reload_result.c: the pod keeps its policy, for @error's reason (NULL: its directory's). Never
 * fails: without memory there is no reason. */
void rf_reload_fail(struct rf_reload_pod *pod, const struct rf_error *error);

/* reload_select.c: read the pod's directory unless that is done, and choose its documents. The pod
 * has failed then, or knows both. -ENOMEM. */
int rf_reload_select(struct rf_reload *reload, struct rf_reload_pod *pod, struct rf_error *error);

/* By policy: 0 for pods whose policies are made of the same. */
int rf_reload_compare(const struct rf_reload *reload, const struct rf_reload_pod *a,
		      const struct rf_reload_pod *b);

/* reload_group.c: the @count pods, whose policies are made of the same. Each has its result then,
 * save for those that were added again meanwhile. */
void rf_reload_group(const struct rf_objects *objects, const struct rf_reload *reload,
		     struct rf_reload_pod *const *pods, size_t count, bool is_dry_run);

#endif
