/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of a policy as a person reads them. What is returned is malloc()ed. */
#ifndef RINGFENCE_CTL_POLICY_RULE_TEXT_H
#define RINGFENCE_CTL_POLICY_RULE_TEXT_H

#include "bpf/abi.h"
#include "netconf/policy.h"

/* "allow", "deny", "log" or "reject". */
const char *rule_action(const struct rf_rule *rule);

/* "80", "80-90"; of ICMP "8" or "8/0". */
#define RULE_PORTS_TEXT 16
const char *rule_ports(const struct rf_port_range *ports, int protocol, char text[RULE_PORTS_TEXT]);

/* "deny tcp 80,443 from 10.0.0.0/8 except 10.1.0.0/16, priority 5", without the id, and without the
 * priority that every rule has unless it says otherwise. */
char *rule_text(const struct rf_rule *rule, enum rf_direction direction);

/*
 * " (base)", for people, behind a rule or default whose `document` is @own; "" if it is of the
 * document that the policy, whose name is @policy, is called after.
 */
char *rule_origin(const char *policy, const char *own);

/* The rules of @direction, best first: an array that is malloc()ed, of pointers into @policy. */
const struct rf_rule **rules_sorted(const struct rf_policy *policy, enum rf_direction direction,
				    size_t *count);

/* The part of @policy for @direction. */
const struct rf_ruleset *rules_of(const struct rf_policy *policy, enum rf_direction direction);

/* "deny", "allow". */
const char *rules_default(const struct rf_ruleset *ruleset);

#endif
