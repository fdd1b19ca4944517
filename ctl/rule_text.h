/* SPDX-License-Identifier: Apache-2.0 */
/* A rule in short. */
#ifndef RINGFENCE_CTL_RULE_TEXT_H
#define RINGFENCE_CTL_RULE_TEXT_H

#include <cjson/cJSON.h>

/*
 * The rule that @rule, of a document in canonical form (rf_policy_to_json()), is:
 *
 *   1001 allow tcp 443,8000-8100, peers 10.0.0.0/8,fd00::/8 except 10.9.0.0/16, priority 5, log
 *
 * malloc()ed.
 */
char *rule_text(const cJSON *rule);

#endif
