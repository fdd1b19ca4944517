/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/path_model.h"
#include "test/lib/path_model_session.h"
#include "test/lib/policy_model.h"

#include <string.h>

struct path_model path_model_begin(const struct scenario *scenario)
{
	return (struct path_model){
		.policies = scenario->policies,
		.session_limit = scenario->session_limit,
		.replied_datagram = 180,
	};
}

static struct scenario_answer answer(const struct path_model *model, enum rf_reason reason,
				     uint32_t rule)
{
	bool denies = !rf_reason_allows(reason);

	return (struct scenario_answer){
		.reason = reason,
		.passes = !denies || model->is_audit,
		.is_denied_event = denies,
		.rule = rule,
	};
}

/* The rule wants the flow that it allows to be reported. */
static bool is_logged(const struct policy_answer *judged)
{
	return judged->verdict == RF_ALLOW && judged->flags & RF_SERVICE_LOG;
}

/* The pinhole for the flow of @tuple, opened by @opener; NULL if there is none. */
static struct model_pinhole *find_pinhole(struct path_model *model,
					  const struct scenario_tuple *tuple,
					  enum rf_direction opener)
{
	for (size_t i = 0; i < PATH_MODEL_PINHOLES; i++) {
		struct model_pinhole *pinhole = &model->pinholes[i];

		if (pinhole->is_there && pinhole->pinhole.tuple.direction == opener &&
		    model_is_same_flow(&pinhole->pinhole.tuple, tuple))
			return pinhole;
	}
	return NULL;
}

static bool use_pinhole(struct path_model *model, const struct scenario_tuple *tuple,
			enum rf_direction opener, struct policy_answer *out)
{
	const struct model_pinhole *pinhole = find_pinhole(model, tuple, opener);

	if (!pinhole || (pinhole->expires && pinhole->expires <= model->now))
		return false;
	*out = (struct policy_answer){
		.verdict = pinhole->pinhole.verdict,
		.reason = pinhole->pinhole.verdict == RF_ALLOW ? RF_REASON_PINHOLE_ALLOW
							       : RF_REASON_PINHOLE_DENY,
		.rule = pinhole->pinhole.rule,
	};
	return true;
}

/* The flow's pinhole is another from now on, or none; what is under way is judged again. */
static void set_pinhole(struct path_model *model, const struct scenario_pinhole *to, bool is_there)
{
	struct model_pinhole *pinhole = find_pinhole(model, &to->tuple, to->tuple.direction);

	for (size_t i = 0; !pinhole; i++)
		if (!model->pinholes[i].is_there)
			pinhole = &model->pinholes[i];
	*pinhole = (struct model_pinhole){is_there, *to,
					  to->seconds ? model->now + 10 * to->seconds : 0};
	model->epoch++;
}

/* What pinholes and policy say of the flow of @tuple, opened by @opener. */
static struct policy_answer judge(struct path_model *model, const struct scenario_tuple *tuple,
				  enum rf_direction opener)
{
	struct policy_question question = {
		.direction = opener,
		.peer = packet_address(scenario_peer(tuple)),
		.protocol = tuple->protocol,
		.service = opener == RF_INGRESS ? tuple->pod_port : tuple->peer_port,
	};

	struct policy_answer by_pinhole;

	if (use_pinhole(model, tuple, opener, &by_pinhole))
		return by_pinhole;
	if (model_is_icmp(tuple->protocol)) {
		/* An echo is judged as the request that its opener sends. */
		bool is_reply = model_is_echo(tuple) && model_pinging(tuple) == opener &&
				tuple->direction != opener;

		question.service = tuple->icmp_type << 8 | tuple->icmp_code;
		if (is_reply)
			question.service = (tuple->protocol == IPPROTO_ICMP ? 8 : 128) << 8;
	}
	return policy_model(&model->policies[model->policy], &question);
}

/*
 * The policy or the mode has changed since the session was judged. True: it goes on; what this
 * packet is told is in *@out if that is more than "it belongs to a session".
 */
static bool judge_again(struct path_model *model, struct model_session *session,
			const struct scenario_tuple *tuple, struct scenario_answer *out)
{
	struct policy_answer judged;

	if (session->epoch == model->epoch && !session->by_pinhole)
		return true;
	session->epoch = model->epoch;
	if (session->from_node)
		return true;
	judged = judge(model, tuple, session->opened_by);
	session->by_pinhole = judged.reason == RF_REASON_PINHOLE_ALLOW;
	if (judged.verdict == RF_DENY) {
		*out = answer(model, judged.reason, judged.rule);
		session->logged_by = 0;
		session->is_there = model->is_audit;
		return model->is_audit;
	}
	/* What a rule has reported it does not report again. */
	if (is_logged(&judged) && session->logged_by != judged.rule) {
		out->is_flow_event = true;
		out->rule = judged.rule;
	}
	session->logged_by = is_logged(&judged) ? judged.rule : 0;
	return true;
}

/*
 * The ICMP error is about a flow that is allowed. It is no packet of it: what the policy denies by
 * now ends, and nothing else changes.
 */
static bool is_related(struct path_model *model, const struct scenario_packet *packet)
{
	struct model_session *session = model_session_of_error(model, packet);
	struct policy_answer judged;

	if (!session)
		return false;
	if ((session->epoch == model->epoch && !session->by_pinhole) || session->from_node ||
	    model->is_audit)
		return true;
	judged = judge(model, &packet->inner, session->opened_by);
	session->is_there = judged.verdict == RF_ALLOW;
	return session->is_there;
}

/* The pod has as many sessions as it may, but for those that this flow takes the place of. */
static bool is_at_limit(struct path_model *model, const struct scenario_packet *packet,
			const struct scenario_tuple *tuple)
{
	uint32_t others = 0;

	model_session_make_way(model, packet, tuple);
	for (size_t i = 0; i < PATH_MODEL_SESSIONS; i++)
		others += model->sessions[i].is_there;
	return model->session_limit && others >= model->session_limit;
}

/* A new flow, or what makes none: by policy. */
static struct scenario_answer open_flow(struct path_model *model,
					const struct scenario_packet *packet,
					const struct scenario_tuple *tuple, bool makes_session)
{
	bool from_node = packet->from_node && tuple->direction == RF_INGRESS;
	struct policy_answer judged = {.verdict = RF_ALLOW, .reason = RF_REASON_HOST_ACCESS};
	struct scenario_answer out;

	if (!from_node)
		judged = judge(model, tuple, tuple->direction);
	out = answer(model, judged.reason, judged.rule);
	if (is_logged(&judged)) {
		out.is_flow_event = true;
		out.rule = judged.rule;
	}
	if (makes_session && judged.verdict == RF_ALLOW && !from_node &&
	    is_at_limit(model, packet, tuple))
		out = answer(model, RF_REASON_SESSION_LIMIT, judged.rule);
	if (out.passes && makes_session) {
		struct model_session *session = model_session_open(model, packet, tuple);

		session->from_node = from_node;
		session->epoch = model->epoch;
		session->by_pinhole = out.reason == RF_REASON_PINHOLE_ALLOW;
		session->logged_by = out.is_flow_event ? judged.rule : 0;
	}
	return out;
}

/* The ports of a later fragment, from its first one. */
static struct model_fragment *find_first(struct path_model *model,
					 const struct scenario_packet *packet)
{
	for (size_t i = 0; i < PATH_MODEL_FRAGMENTS; i++) {
		struct model_fragment *first = &model->fragments[i];
		const struct scenario_tuple *tuple = &first->tuple;

		if (first->is_there && first->id == packet->fragment_id &&
		    tuple->direction == packet->tuple.direction &&
		    tuple->is_v6 == packet->tuple.is_v6 && tuple->peer == packet->tuple.peer &&
		    (tuple->is_v6 || tuple->protocol == packet->tuple.protocol))
			return first;
	}
	return NULL;
}

static void remember_first(struct path_model *model, const struct scenario_packet *packet)
{
	struct model_fragment *first = find_first(model, packet);

	for (size_t i = 0; !first; i++)
		if (!model->fragments[i].is_there)
			first = &model->fragments[i];
	*first = (struct model_fragment){true, packet->tuple, packet->fragment_id, model->now};
}

/* Of more than the 8 bytes behind which an overlapping fragment begins. */
static bool has_long_header(const struct model_fragment *first)
{
	return first->tuple.protocol == IPPROTO_TCP || first->tuple.protocol == IPPROTO_SCTP;
}

static bool is_live_fragment(const struct path_model *model, const struct model_fragment *first)
{
	return first && model->now - first->first_seen <= (first->tuple.is_v6 ? 600 : 300);
}

static struct scenario_answer follow_or_open(struct path_model *model,
					     const struct scenario_packet *packet,
					     const struct scenario_tuple *tuple)
{
	bool is_later = packet->fragment >= SCENARIO_LATER;
	bool is_tcp = tuple->protocol == IPPROTO_TCP && !is_later;
	struct scenario_answer out = answer(model, RF_REASON_SESSION, 0);
	struct model_session *session = model_session_find(model, packet, tuple);

	if (is_tcp && !model_flags_are_valid(packet->tcp_flags))
		return answer(model, RF_REASON_TCP_STATE, 0);
	if (session) {
		if (is_tcp && !model_step_is_possible(session, packet))
			return answer(model, RF_REASON_TCP_STATE, 0);
		if (!judge_again(model, session, tuple, &out))
			return out;
		model_session_follow(model, session, packet, is_later);
		return out;
	}
	if (packet->is_error && is_related(model, packet))
		return answer(model, RF_REASON_RELATED, 0);
	if (is_tcp && !model_may_open(packet->tcp_flags))
		return answer(model, RF_REASON_TCP_STATE, 0);
	return open_flow(model, packet, tuple,
			 !is_later && model_makes_session(tuple, packet->tcp_flags));
}

static struct scenario_answer decide(struct path_model *model, const struct scenario_packet *packet)
{
	struct scenario_tuple tuple = packet->tuple;
	struct scenario_answer out;

	if (packet->fragment >= SCENARIO_LATER) {
		const struct model_fragment *first = find_first(model, packet);

		if (!is_live_fragment(model, first))
			return answer(model, RF_REASON_FRAGMENT, 0);
		if (packet->fragment == SCENARIO_OVERLAPPING && has_long_header(first))
			return answer(model, RF_REASON_MALFORMED, 0);
		tuple = first->tuple;
	}
	if (packet->is_spoofed)
		return answer(model,
			      tuple.direction == RF_EGRESS ? RF_REASON_SPOOFED
							   : RF_REASON_NOT_FOR_POD,
			      0);
	out = follow_or_open(model, packet, &tuple);
	if (out.passes && packet->fragment == SCENARIO_FIRST)
		remember_first(model, packet);
	return out;
}

struct scenario_answer path_model_step(struct path_model *model, const struct scenario_step *step)
{
	switch (step->kind) {
	case SCENARIO_PACKET:
		return decide(model, &step->packet);
	case SCENARIO_WAIT:
		model->now += step->tenths;
		break;
	case SCENARIO_POLICY:
		model->policy = step->policy;
		model->epoch++;
		break;
	case SCENARIO_AUDIT:
		model->is_audit = step->is_audit;
		model->epoch++;
		break;
	case SCENARIO_PINHOLE:
	case SCENARIO_NO_PINHOLE:
		set_pinhole(model, &step->pinhole, step->kind == SCENARIO_PINHOLE);
		break;
	}
	return (struct scenario_answer){};
}
