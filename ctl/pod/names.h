/* SPDX-License-Identifier: Apache-2.0 */
/* From what the maps hold to the names that people know, each looked up once. */
#ifndef RINGFENCE_CTL_POD_NAMES_H
#define RINGFENCE_CTL_POD_NAMES_H

#include "ctl/pod/pods.h"
#include "ctl/policy/policy_names.h"

#include <cjson/cJSON.h>

struct names {
	struct pods pods;
	struct policy_names policies;
	uint32_t *gone; /* by pod id: the incarnation that was not found when it was looked for */
};

/* The caller owns *@out (names_free()). As pods_read(). */
int names_read(const struct rf_objects *objects, struct names *out, struct rf_error *error);
void names_free(struct names *names);
#define _cleanup_names_ __attribute__((cleanup(names_free)))

/*
 * The name of a pod, "(gone)" if it is no more, "(no record)" if that is not there or cannot be
 * read, "(no pod)" of id 0. Valid until the next call; the
 * records are read again once for a pod that is not known yet.
 */
const char *names_pod(struct names *names, uint32_t id, uint32_t incarnation);

/* The name of policy @id: NULL if its document has none, or is there no longer. Valid until another
 * policy is asked for, as all names of policies and documents. */
const char *names_policy(struct names *names, uint32_t id);

/*
 * The document that rule @rule of policy @policy is from, or with 0 the policy's default for flows
 * that @direction opens: "" if that document has no name, NULL if the policy has none, or is there
 * no longer.
 */
const char *names_document(struct names *names, uint32_t policy, enum rf_direction direction,
			   uint32_t rule);

/*
 * The same of what decided for @reason, rule @rule or the default; NULL also if neither did, as
 * where a pinhole is meant.
 */
const char *names_judge(struct names *names, uint32_t policy, enum rf_direction direction,
			uint32_t rule, enum rf_reason reason);

/*
 * The same of what lets a session pass that was judged under @word, with its flags: NULL also if
 * that is a pinhole, or that the node itself has opened it.
 */
const char *names_session(struct names *names, uint64_t word, uint8_t flags,
			  enum rf_direction direction, uint32_t rule);

/* "rule 7 (web)", by the id of rule and policy, with the rule's document, if it is known. */
const char *names_rule(struct names *names, uint32_t rule, uint32_t policy, char *text,
		       size_t size);

/* The name of a pod, or null if it is no more, or of id 0; the caller's. Else as names_pod(). */
cJSON *names_pod_json(struct names *names, uint32_t id, uint32_t incarnation);

/* Add `pod`, as names_pod_json(), `podId` and `container`; what there is not is null. */
void names_add_pod(struct names *names, cJSON *row, uint32_t id, uint32_t incarnation);

/* Add `policyId` and `policy`, its name; null for 0, and for what has no name (NULL). */
void names_add_policy(cJSON *row, uint32_t id, const char *name);

/* Add `rule`, `document`, which is @document, `policyId` and `policy`. */
void names_add_rule(struct names *names, cJSON *row, uint32_t rule, uint32_t policy,
		    const char *document);

#endif
