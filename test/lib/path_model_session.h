/* SPDX-License-Identifier: Apache-2.0 */
/* The model's sessions: TCP as RFC 9293, 3.3.2 has it for who stands between the two sides. */
#ifndef RINGFENCE_TEST_LIB_PATH_MODEL_SESSION_H
#define RINGFENCE_TEST_LIB_PATH_MODEL_SESSION_H

#include "test/lib/path_model.h"

bool model_is_icmp(uint8_t protocol);

/* An echo request or reply: the only ICMP that makes flows. */
bool model_is_echo(const struct scenario_tuple *tuple);

/* Who sends the requests of the echo. */
enum rf_direction model_pinging(const struct scenario_tuple *tuple);

/* True if packets of both, whichever way they go, are of one flow. */
bool model_is_same_flow(const struct scenario_tuple *a, const struct scenario_tuple *b);

/* The live session that the packet belongs to, or NULL. What has timed out is forgotten. */
struct model_session *model_session_find(struct path_model *model,
					 const struct scenario_packet *packet,
					 const struct scenario_tuple *tuple);

/* What a session that the packet opens takes the place of goes. */
void model_session_make_way(struct path_model *model, const struct scenario_packet *packet,
			    const struct scenario_tuple *tuple);

/* A new session that the packet opens, in place of what has ended. */
struct model_session *model_session_open(struct path_model *model,
					 const struct scenario_packet *packet,
					 const struct scenario_tuple *tuple);

/* One more packet of the session; @is_later: a fragment without TCP header. */
void model_session_follow(struct path_model *model, struct model_session *session,
			  const struct scenario_packet *packet, bool is_later);

/* True if a segment may have these flags at all. */
bool model_flags_are_valid(uint8_t flags);

/* True if the segment can come in the session's state. */
bool model_step_is_possible(const struct model_session *session,
			    const struct scenario_packet *packet);

/* True if a segment without session may be judged by policy. */
bool model_may_open(uint8_t flags);

/* True if a session begins with the packet, when it is allowed. */
bool model_makes_session(const struct scenario_tuple *tuple, uint8_t tcp_flags);

/* The live session that the packet which an ICMP error is about belongs to, or NULL. */
struct model_session *model_session_of_error(struct path_model *model,
					     const struct scenario_packet *packet);

#endif
