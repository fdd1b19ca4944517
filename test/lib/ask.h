/* SPDX-License-Identifier: Apache-2.0 */
/* The question that the model answers, put to the loaded programs: as the packet that opens it. */
#ifndef RINGFENCE_TEST_LIB_ASK_H
#define RINGFENCE_TEST_LIB_ASK_H

#include "test/lib/policy_model.h"
#include "test/lib/programs.h"

/* Of the pod whose flows are asked for. Away from what random policies name. */
#define ASK_POD_4 "203.0.113.10"
#define ASK_POD_6 "2001:db8::10"

/* The packet that opens the flow. @number tells the flows of one policy apart. */
struct packet_spec ask_packet(const struct policy_question *question, uint16_t number);

/*
 * What the programs answer for pod @id. Verdict, counted reason and event must agree, else this
 * aborts. Each answer is of a new incarnation of the pod: no earlier flow is its. The rule is taken
 * from the event or the session; where an allowed flow makes none, *@rule_known is false, and what
 * else the rule asks for is not known either.
 */
struct policy_answer ask_programs(struct programs *programs, uint32_t id,
				  const struct policy_question *question, uint16_t number,
				  bool *rule_known);

/* The same; where the rule is known, *@policy is the policy word that the packet was judged under.
 */
struct policy_answer ask_under(struct programs *programs, uint32_t id,
			       const struct policy_question *question, uint16_t number,
			       bool *rule_known, uint64_t *policy);

/* True if both say the same in every respect. */
bool ask_is_same(const struct policy_answer *a, const struct policy_answer *b);

/* True if the programs answer as the model does; else says how they differ. */
bool ask_agrees(struct programs *programs, uint32_t id, const struct rf_policy *policy,
		const struct policy_question *question, uint16_t number,
		struct policy_answer *answer);

#endif
