/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/path_model_session.h"
#include "bpf/tcp.h"

#include <string.h>

#define HANDSHAKE_WINDOW (1u << 20)

bool model_is_icmp(uint8_t protocol)
{
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

static bool is_request(const struct scenario_tuple *tuple)
{
	return tuple->icmp_type == (tuple->protocol == IPPROTO_ICMP ? 8 : 128);
}

bool model_is_echo(const struct scenario_tuple *tuple)
{
	uint8_t reply = tuple->protocol == IPPROTO_ICMP ? 0 : 129;

	return model_is_icmp(tuple->protocol) && !tuple->icmp_code &&
	       (is_request(tuple) || tuple->icmp_type == reply);
}

enum rf_direction model_pinging(const struct scenario_tuple *tuple)
{
	return is_request(tuple) ? tuple->direction : !tuple->direction;
}

bool model_is_same_flow(const struct scenario_tuple *a, const struct scenario_tuple *b)
{
	if (a->is_v6 != b->is_v6 || a->peer != b->peer || a->protocol != b->protocol)
		return false;
	if (!model_is_icmp(a->protocol))
		return a->pod_port == b->pod_port && a->peer_port == b->peer_port;
	if (model_is_echo(a) != model_is_echo(b))
		return false;
	return !model_is_echo(a) ||
	       (model_pinging(a) == model_pinging(b) && a->icmp_identifier == b->icmp_identifier);
}

enum connection {
	OPENING,
	ESTABLISHED,
	FINISHING,
	TIME_WAIT,
	CLOSED,
};

static enum connection connection_of(const struct model_session *session)
{
	const struct model_side *a = &session->sides[RF_INGRESS], *b = &session->sides[RF_EGRESS];

	if (a->has_reset || b->has_reset)
		return CLOSED;
	if (a->has_acknowledged_finish && b->has_acknowledged_finish)
		return TIME_WAIT;
	if (a->has_finished || b->has_finished)
		return FINISHING;
	return a->has_acknowledged && b->has_acknowledged ? ESTABLISHED : OPENING;
}

/* A reset in the name of the peer may be forged. */
static bool has_ended(const struct model_session *session)
{
	const struct model_side *peer = &session->sides[RF_INGRESS];
	const struct model_side *pod = &session->sides[RF_EGRESS];

	return pod->has_reset || (peer->has_acknowledged_finish && pod->has_acknowledged_finish);
}

/* Seconds. */
static uint32_t lifetime(const struct path_model *model, const struct model_session *session)
{
	static const uint32_t of_tcp[] = {
		[OPENING] = 20,    [ESTABLISHED] = 7200, [FINISHING] = 60,
		[TIME_WAIT] = 120, [CLOSED] = 10,
	};

	if (session->flow.protocol == IPPROTO_TCP)
		return of_tcp[connection_of(session)];
	if (model_is_icmp(session->flow.protocol) || !session->sides[RF_INGRESS].has_sent ||
	    !session->sides[RF_EGRESS].has_sent)
		return 30;
	return model->replied_datagram;
}

static bool is_syn(const struct scenario_packet *packet)
{
	return packet->tuple.protocol == IPPROTO_TCP && packet->fragment < SCENARIO_LATER &&
	       (packet->tcp_flags & (RF_TCP_SYN | RF_TCP_ACK)) == RF_TCP_SYN;
}

/* A SYN that is no repetition, and does not cross the other side's, opens a flow of its own. */
static bool begins_anew(const struct model_session *session, const struct scenario_packet *packet)
{
	const struct model_side *mine = &session->sides[packet->tuple.direction];
	const struct model_side *other = &session->sides[!packet->tuple.direction];

	if (!is_syn(packet))
		return false;
	switch (connection_of(session)) {
	case OPENING:
		return !mine->has_synchronised &&
		       (!other->has_synchronised || mine->has_acknowledged);
	case ESTABLISHED:
		return packet->tuple.direction != session->opened_by;
	default:
		return true;
	}
}

static struct model_session *find(struct path_model *model, const struct scenario_tuple *tuple,
				  bool is_answered)
{
	for (size_t i = 0; i < PATH_MODEL_SESSIONS; i++) {
		struct model_session *session = &model->sessions[i];

		if (!session->is_there || session->is_answered != is_answered ||
		    !model_is_same_flow(&session->flow, tuple))
			continue;
		if (model->now - session->last_seen <= 10 * lifetime(model, session))
			return session;
		session->is_there = false;
	}
	return NULL;
}

static bool is_proven(const struct model_side *other, const struct scenario_packet *packet)
{
	return packet->tcp_acknowledged + 1 - other->first_sequence < HANDSHAKE_WINDOW;
}

/* Who answers the SYN of a new connection knows no older one. */
static bool takes_up(const struct model_session *half_open, const struct scenario_packet *packet)
{
	const struct model_side *other = &half_open->sides[!packet->tuple.direction];

	return packet->tuple.protocol == IPPROTO_TCP && packet->fragment < SCENARIO_LATER &&
	       (packet->tcp_flags & RF_TCP_SYN) && (packet->tcp_flags & RF_TCP_ACK) &&
	       other->has_synchronised && is_proven(other, packet);
}

struct model_session *model_session_find(struct path_model *model,
					 const struct scenario_packet *packet,
					 const struct scenario_tuple *tuple)
{
	struct model_session *answered = find(model, tuple, true);
	struct model_session *half_open = find(model, tuple, false);

	if (half_open && answered && takes_up(half_open, packet)) {
		answered->is_there = false;
		answered = NULL;
	}
	if (answered && !begins_anew(answered, packet))
		return answered;
	return half_open && !begins_anew(half_open, packet) ? half_open : NULL;
}

void model_session_make_way(struct path_model *model, const struct scenario_packet *packet,
			    const struct scenario_tuple *tuple)
{
	struct model_session *half_open = find(model, tuple, false);
	struct model_session *answered = find(model, tuple, true);

	/* A mere SYN may be forged, as a reset may: it ends no connection that is under way. */
	if (answered && (!is_syn(packet) || has_ended(answered)))
		answered->is_there = false;
	if (half_open)
		half_open->is_there = false;
}

struct model_session *model_session_open(struct path_model *model,
					 const struct scenario_packet *packet,
					 const struct scenario_tuple *tuple)
{
	struct model_session *session = NULL;

	model_session_make_way(model, packet, tuple);
	for (size_t i = 0; !session; i++)
		if (!model->sessions[i].is_there)
			session = &model->sessions[i];
	*session = (struct model_session){
		.is_there = true,
		.flow = *tuple,
		.opened_by = tuple->direction,
	};
	model_session_follow(model, session, packet, false);
	return session;
}

/* What the side that sends the segment has done, with it. */
static void follow_tcp(struct model_session *session, const struct scenario_packet *packet)
{
	struct model_side *mine = &session->sides[packet->tuple.direction];
	struct model_side *other = &session->sides[!packet->tuple.direction];
	uint8_t flags = packet->tcp_flags;

	if (flags & RF_TCP_RST) {
		mine->has_reset = true;
		return;
	}
	/* While nothing is proven, a blind acknowledgement says nothing, nor does a late SYN. */
	if (!session->is_answered && flags & RF_TCP_ACK && other->has_synchronised &&
	    !is_proven(other, packet))
		return;
	if (!session->is_answered && is_syn(packet) &&
	    (mine->has_acknowledged || other->has_acknowledged))
		return;
	if (flags & RF_TCP_SYN) {
		mine->has_synchronised = true;
		mine->first_sequence = packet->tcp_initial + 1;
	}
	if (flags & RF_TCP_FIN)
		mine->has_finished = true;
	if (!(flags & RF_TCP_ACK))
		return;
	mine->has_reset = false;
	mine->has_acknowledged = true;
	if (other->has_finished)
		mine->has_acknowledged_finish = true;
}

static void become_answered(struct path_model *model, struct model_session *session)
{
	struct model_session *older = find(model, &session->flow, true);

	if (older)
		older->is_there = false;
	session->is_answered = true;
}

void model_session_follow(struct path_model *model, struct model_session *session,
			  const struct scenario_packet *packet, bool is_later)
{
	struct model_side *sides = session->sides;
	bool is_tcp = session->flow.protocol == IPPROTO_TCP;

	session->last_seen = model->now;
	sides[packet->tuple.direction].has_sent = true;
	if (is_tcp && !is_later)
		follow_tcp(session, packet);
	if (session->is_answered) {
		/* What has ended gives way to what has begun meanwhile. */
		if (is_tcp && has_ended(session) && find(model, &session->flow, false))
			session->is_there = false;
		return;
	}
	if (is_tcp ? sides[RF_INGRESS].has_acknowledged && sides[RF_EGRESS].has_acknowledged
		   : sides[RF_INGRESS].has_sent && sides[RF_EGRESS].has_sent)
		become_answered(model, session);
}

bool model_flags_are_valid(uint8_t flags)
{
	if (flags & RF_TCP_SYN)
		return !(flags & (RF_TCP_FIN | RF_TCP_RST));
	if (flags & RF_TCP_RST)
		return !(flags & RF_TCP_FIN);
	return flags & RF_TCP_ACK;
}

bool model_step_is_possible(const struct model_session *session,
			    const struct scenario_packet *packet)
{
	const struct model_side *opener = &session->sides[session->opened_by];
	const struct model_side *other = &session->sides[!session->opened_by];

	/* Who has asked and was not answered has nothing to acknowledge. */
	return packet->tuple.direction != session->opened_by || !opener->has_synchronised ||
	       other->has_sent || (packet->tcp_flags & (RF_TCP_ACK | RF_TCP_RST)) != RF_TCP_ACK;
}

bool model_may_open(uint8_t flags)
{
	return (flags & (RF_TCP_SYN | RF_TCP_ACK)) != (RF_TCP_SYN | RF_TCP_ACK);
}

bool model_makes_session(const struct scenario_tuple *tuple, uint8_t tcp_flags)
{
	if (model_is_icmp(tuple->protocol))
		return model_is_echo(tuple) && model_pinging(tuple) == tuple->direction;
	return tuple->protocol != IPPROTO_TCP || !(tcp_flags & RF_TCP_RST);
}

struct model_session *model_session_of_error(struct path_model *model,
					     const struct scenario_packet *packet)
{
	struct model_session *answered;

	/* The error goes to who sent the packet that it is about. */
	if (packet->inner.is_v6 != packet->tuple.is_v6 ||
	    packet->inner.direction == packet->tuple.direction)
		return NULL;
	answered = find(model, &packet->inner, true);
	return answered ? answered : find(model, &packet->inner, false);
}
