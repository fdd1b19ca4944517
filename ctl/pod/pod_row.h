/* SPDX-License-Identifier: Apache-2.0 */
/* A pod as rows and lines. */
#ifndef RINGFENCE_CTL_POD_POD_ROW_H
#define RINGFENCE_CTL_POD_POD_ROW_H

#include "ctl/pod/pods.h"
#include "netconf/policy.h"

#include <cjson/cJSON.h>

/*
 * The document that the pod is judged under: *@policy is the caller's (rf_policy_free()). -errno
 * and an error if it is not known, which changes nothing for the pod: it is in force all the same.
 */
int pod_policy(const struct pods *pods, const struct pod *pod, struct rf_policy *policy,
	       struct rf_error *error);

/* "3 rules, then deny", or "unrestricted". Returns @text. */
const char *pod_ruleset_text(const struct rf_ruleset *ruleset, char text[48]);

/* Add what the pod is called: `pod`, `namespace`, `name`, `network`, `container` and `interface`,
 * its own; null for what there is not, and all of them if @record is NULL. */
void pod_add_names(cJSON *row, const struct rf_record *record);

/* Add `policyId`, `policy`, `ingress`, `egress` and `fault`. @policy: NULL if it is not known, for
 * which @fault has the reason. */
void pod_add_policy(cJSON *row, const struct pod *pod, const struct rf_policy *policy,
		    const struct rf_error *fault);

/* Add what the record says: names, addresses, interface, attachment, mode, limits, bandwidth. */
void pod_add_record(cJSON *row, const struct pod *pod);

/* Call @print with a text for each thing that is limited. */
void pod_each_limit(const struct rf_treatment *treatment,
		    void (*print)(const char *text, void *context), void *context);

#endif
