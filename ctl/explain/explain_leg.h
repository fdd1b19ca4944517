/* SPDX-License-Identifier: Apache-2.0 */
/* One pod's part of a flow: what the programs say of it, and what the pod's document does. */
#ifndef RINGFENCE_CTL_EXPLAIN_EXPLAIN_LEG_H
#define RINGFENCE_CTL_EXPLAIN_EXPLAIN_LEG_H

#include "ctl/pod/names.h"
#include "dataplane/explain.h"
#include "dataplane/explain_packet.h"
#include "dataplane/explain_policy.h"
#include "dataplane/objects.h"

#include <cjson/cJSON.h>

/* Who is asked, and what is known already. */
struct explain_asker {
	const struct rf_objects *objects;
	struct names *names;
	int program; /* a descriptor of rf_explain */
};

struct explain_leg {
	struct names *names; /* of who asks */
	char *pod;           /* its name */
	bool is_gone;        /* nobody knows it: its name says that */
	enum rf_direction direction;
	struct rf_explanation said; /* by the programs */
	uint32_t policy_id;
	bool lets_node_in; /* whatever the policy says: hostAccess */
	bool is_read;      /* the document, and what it says */
	struct rf_policy policy;
	struct rf_policy_answer answer; /* by the document */
	struct rf_error unread;         /* why not */
	bool agrees;                    /* the programs' rules and the document */
};

/*
 * Ask for the packet of @opening that comes to, or from, pod @pod_id. @question: enum
 * rf_explain_question. With the lock held, so that the policy does not change in between. On
 * success the caller owns *@out (explain_leg_free()).
 */
int explain_leg_ask(const struct explain_asker *asker, const struct rf_opening *opening,
		    uint32_t pod_id, uint32_t question, struct explain_leg *out,
		    struct rf_error *error);

/* True if the packet passes here, as a part of its session if it has one. */
bool explain_leg_passes(const struct explain_leg *leg);

/* What the rule or default itself says of where it is from (`document`); NULL: nothing. */
const char *explain_leg_origin(const struct explain_leg *leg, const struct rf_policy_match *match);

void explain_leg_print(const struct explain_leg *leg, const struct rf_opening *opening);
cJSON *explain_leg_json(const struct explain_leg *leg);

void explain_leg_free(struct explain_leg *leg);

#endif
