/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a sequence of packets, as docs/packet-path.md says it: sessions in a list, time
 * as a number, a loop over the rules. Nothing of the programs is used; they are held against it.
 */
#ifndef RINGFENCE_TEST_LIB_PATH_MODEL_H
#define RINGFENCE_TEST_LIB_PATH_MODEL_H

#include "test/lib/scenario.h"

/* With each packet a session of its own, and one that is over beside it. */
#define PATH_MODEL_SESSIONS  (SCENARIO_STEPS * 2ul)
#define PATH_MODEL_FRAGMENTS SCENARIO_STEPS
#define PATH_MODEL_PINHOLES  SCENARIO_STEPS

/* One side of a TCP connection, or of any other flow. */
struct model_side {
	bool has_sent;
	bool has_synchronised;
	bool has_acknowledged;
	bool has_finished;
	bool has_acknowledged_finish;
	bool has_reset;
	uint32_t first_sequence; /* behind its SYN */
};

struct model_session {
	bool is_there;
	bool is_answered; /* both sides take part */
	struct scenario_tuple flow;
	enum rf_direction opened_by;
	bool from_node;
	uint32_t last_seen; /* tenths of a second */
	unsigned int epoch; /* under which it was judged */
	bool by_pinhole;    /* which may expire: it is judged at each packet */
	uint32_t logged_by; /* the rule that has reported it; 0: none */
	struct model_side sides[RF_DIRECTIONS];
};

struct model_fragment {
	bool is_there;
	struct scenario_tuple tuple; /* of the first one */
	uint16_t id;
	uint32_t first_seen;
};

struct model_pinhole {
	bool is_there;
	struct scenario_pinhole pinhole;
	uint32_t expires; /* tenths of a second; 0: never */
};

struct path_model {
	const struct rf_policy *policies;
	uint32_t session_limit; /* 0: none */
	unsigned int policy;
	unsigned int epoch;
	bool is_audit;
	uint32_t now;              /* tenths of a second */
	uint32_t replied_datagram; /* seconds that an answered datagram flow lives */
	struct model_session sessions[PATH_MODEL_SESSIONS];
	struct model_fragment fragments[PATH_MODEL_FRAGMENTS];
	struct model_pinhole pinholes[PATH_MODEL_PINHOLES];
};

/*
 * The pod of @scenario, which was just added. A session counts for the pod's limit until some time
 * after its end, which the model does not know: a scenario with a limit has no waits.
 */
struct path_model path_model_begin(const struct scenario *scenario);

/* What becomes of the packet of @step; for other steps, which change what is to come: nothing. */
struct scenario_answer path_model_step(struct path_model *model, const struct scenario_step *step);

#endif
