/* SPDX-License-Identifier: Apache-2.0 */
/* A flow that is explained: its ends, and what each of its pods says of it. */
#ifndef RINGFENCE_CTL_EXPLAIN_EXPLAIN_FLOW_H
#define RINGFENCE_CTL_EXPLAIN_EXPLAIN_FLOW_H

#include "ctl/explain/explain_leg.h"
#include "ctl/explain/explain_question.h"

/* All zero but for names and question before it is asked for. */
struct explained_flow {
	struct names names;
	struct explain_question question;
	uint32_t from_pod; /* 0: none */
	uint32_t to_pod;
	bool is_from_node;
	bool is_to_node;
	struct explain_leg legs[RF_DIRECTIONS];
	size_t leg_count; /* the opener's pod comes first */
};

/*
 * Find the ends, and ask their pods. The caller frees @flow (explain_flow_free()), also after an
 * error: those of explain_ends_find(), explain_port_assume() and explain_leg_ask().
 */
int explain_flow_ask(const struct rf_objects *objects, struct explained_flow *flow,
		     struct rf_error *error);

/* True if it passes at all of its pods. */
bool explain_flow_passes(const struct explained_flow *flow);

/* True if programs and documents agree at all of its pods. */
bool explain_flow_agrees(const struct explained_flow *flow);

/* Print all of it, for people and for programs. */
void explain_flow_print(const struct explained_flow *flow);
void explain_flow_print_json(const struct explained_flow *flow);

void explain_flow_free(struct explained_flow *flow);

#endif
