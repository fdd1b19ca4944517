/* SPDX-License-Identifier: Apache-2.0 */
/* From what the maps hold to the names that people know, each looked up once. */
#ifndef RINGFENCE_CTL_POD_NAMES_H
#define RINGFENCE_CTL_POD_NAMES_H

#include "ctl/pod/pods.h"

#include <cjson/cJSON.h>

struct policy_name;

struct names {
	struct pods pods;
	struct policy_name *policies;
	size_t policy_count;
	uint32_t *gone; /* by pod id: the incarnation that was not found when it was looked for */
};

/* The caller owns *@out (names_free()). As pods_read(). */
int names_read(const struct rf_objects *objects, struct names *out, struct rf_error *error);
void names_free(struct names *names);
#define _cleanup_names_ __attribute__((cleanup(names_free)))

/*
 * The name of a pod, "(gone)" if it is no more, "(no pod)" of id 0. Valid until the next call; the
 * records are read again once for a pod that is not known yet.
 */
const char *names_pod(struct names *names, uint32_t id, uint32_t incarnation);

/* The name of policy @id: NULL if its document has none, or is there no longer. */
const char *names_policy(struct names *names, uint32_t id);

/* "rule 7 (web)", by the id of rule and policy, or without what has no name. */
const char *names_rule(struct names *names, uint32_t rule, uint32_t policy, char *text,
		       size_t size);

/* The name of a pod, or null if it is no more, or of id 0; the caller's. Else as names_pod(). */
cJSON *names_pod_json(struct names *names, uint32_t id, uint32_t incarnation);

/* Add `pod`, as names_pod_json(), `podId` and `container`; what there is not is null. */
void names_add_pod(struct names *names, cJSON *row, uint32_t id, uint32_t incarnation);

/* Add `policyId` and `policy`, its name; null for 0, and for what has no name (NULL). */
void names_add_policy(cJSON *row, uint32_t id, const char *name);

/* Add `rule`, `policyId` and `policy`. Of rule and policy 0 stands for none. */
void names_add_rule(struct names *names, cJSON *row, uint32_t rule, uint32_t policy);

#endif
