/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy means, as a loop over its rules: compiler and programs are held against it. */
#ifndef RINGFENCE_TEST_LIB_POLICY_MODEL_H
#define RINGFENCE_TEST_LIB_POLICY_MODEL_H

#include "bpf/abi.h"
#include "netconf/policy.h"

/* A flow that is opened. */
struct policy_question {
	enum rf_direction direction;
	struct in6_addr peer; /* IPv4 as mapped */
	uint8_t protocol;
	uint16_t service; /* destination port, ICMP: type << 8 | code, else 0; host byte order */
};

struct policy_answer {
	enum rf_verdict verdict;
	enum rf_reason reason;
	uint32_t rule;     /* 0: the default */
	uint8_t flags;     /* enum rf_service_flags: what else the rule asks for */
	uint8_t dscp;      /* where the flags say so */
	uint32_t priority; /* the same */
};

struct policy_answer policy_model(const struct rf_policy *policy,
				  const struct policy_question *question);

/* "ingress 10.0.0.1 protocol 6 service 80". Returns @text. */
#define POLICY_QUESTION_TEXT 128
char *policy_question_format(const struct policy_question *question,
			     char text[POLICY_QUESTION_TEXT]);

#endif
