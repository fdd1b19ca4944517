/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy document means for a flow, by its own words: a loop over the rules, from which
 * compiler and programs are independent.
 */
#ifndef RINGFENCE_DATAPLANE_EXPLAIN_POLICY_H
#define RINGFENCE_DATAPLANE_EXPLAIN_POLICY_H

#include "bpf/abi.h"
#include "netconf/policy.h"

struct rf_policy_question {
	enum rf_direction direction; /* who opens the flow */
	struct in6_addr peer;        /* IPv4 as mapped */
	uint8_t protocol;
	uint16_t service; /* destination port, ICMP: type << 8 | code, else 0; host byte order */
};

/* Why a rule decides; pointers into the policy. */
struct rf_policy_match {
	const struct rf_rule *rule;        /* NULL: none matches, the default decides */
	const struct rf_prefix *peer;      /* that the peer lies in; NULL: the rule names none */
	const struct rf_port_range *ports; /* NULL: the rule names none */
	enum rf_reason reason;
};

struct rf_policy_answer {
	bool is_restricted;          /* the document gives this direction */
	struct rf_policy_match best; /* decides */
	struct rf_policy_match next; /* would, if the best one were not there; of a default: the
					same */
};

struct rf_policy_answer rf_policy_ask(const struct rf_policy *policy,
				      const struct rf_policy_question *question);

#endif
