// SPDX-License-Identifier: Apache-2.0
#include "test/lib/ask.h"
#include "bpf/state.h"
#include "dataplane/counters.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "ask_programs: %s\n", what);
	abort();
}

static bool is_icmp(uint8_t protocol)
{
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

struct packet_spec ask_packet(const struct policy_question *question, uint16_t number)
{
	struct in6_addr pod =
		packet_address(IN6_IS_ADDR_V4MAPPED(&question->peer) ? ASK_POD_4 : ASK_POD_6);
	bool from_peer = question->direction == RF_INGRESS;
	struct packet_spec packet = {
		.source = from_peer ? question->peer : pod,
		.destination = from_peer ? pod : question->peer,
		.protocol = question->protocol,
		.payload_size = number % 64,
	};

	if (is_icmp(question->protocol)) {
		packet.icmp_type = question->service >> 8;
		packet.icmp_code = question->service & 0xff;
		packet.icmp_identifier = number;
	} else if (question->protocol == IPPROTO_TCP || question->protocol == IPPROTO_UDP ||
		   question->protocol == IPPROTO_SCTP) {
		packet.source_port = number;
		packet.destination_port = question->service;
		packet.tcp_flags = RF_TCP_SYN;
	}
	return packet;
}

/* Of ICMP only an echo request makes a session. */
static bool makes_session(const struct policy_question *question)
{
	if (!is_icmp(question->protocol))
		return true;
	return question->service == (question->protocol == IPPROTO_ICMP ? 8 : 128) << 8;
}

static bool find_session(const struct programs *programs, const struct policy_question *question,
			 const struct packet_spec *packet, struct rf_session *session)
{
	bool from_peer = question->direction == RF_INGRESS;
	struct in6_addr pod = from_peer ? packet->destination : packet->source;
	uint16_t opener = htons(packet->source_port), target = htons(packet->destination_port);
	struct rf_flow_key key = {.protocol = packet->protocol};

	memcpy(&key.pod, &pod, sizeof(key.pod));
	memcpy(&key.peer, &question->peer, sizeof(key.peer));
	if (is_icmp(packet->protocol)) {
		opener = htons(packet->icmp_identifier);
		key.echo = 1 + question->direction;
	}
	key.pod_port = from_peer ? target : opener;
	key.peer_port = from_peer ? opener : target;
	return programs_session(programs, RF_MAP_HALF_OPEN, &key, session);
}

static struct rf_pod_counters read_counters(const struct programs *programs, uint32_t id)
{
	struct rf_pod_counters counters;

	expect(!rf_counters_read(&programs->objects, id, &counters), "the counters");
	return counters;
}

/* The one reason that was counted since @before. */
static enum rf_reason counted(const struct programs *programs, uint32_t id,
			      enum rf_direction direction, const struct rf_pod_counters *before)
{
	struct rf_pod_counters after = read_counters(programs, id);
	enum rf_reason reason = RF_REASON_COUNT;
	uint64_t packets = 0;

	for (uint32_t i = 0; i < RF_REASON_COUNT; i++) {
		uint64_t more =
			after.count[direction][i].packets - before->count[direction][i].packets;

		packets += more;
		if (more)
			reason = (enum rf_reason)i;
	}
	expect(packets == 1, "the packet is not counted once");
	return reason;
}

struct policy_answer ask_under(struct programs *programs, uint32_t id,
			       const struct policy_question *question, uint16_t number,
			       bool *rule_known, uint64_t *policy)
{
	struct packet_spec packet = ask_packet(question, number);
	struct rf_pod_counters before = read_counters(programs, id);
	const struct rf_event *event = &programs->event;
	struct policy_answer answer = {};
	struct rf_session session;

	programs->objects.pod_state[id].incarnation++;
	programs->events = 0;
	programs->flow_events = 0;
	answer.verdict = programs_pass(programs, question->direction, &packet, PROGRAMS_FORWARDED)
				 ? RF_ALLOW
				 : RF_DENY;
	answer.reason = counted(programs, id, question->direction, &before);
	expect(rf_reason_allows(answer.reason) == (answer.verdict == RF_ALLOW),
	       "the reason is not the verdict's");
	expect(programs->events == (answer.verdict == RF_DENY), "not one event for a deny");
	expect(programs->flow_events <= (answer.verdict == RF_ALLOW), "a report that is no flow's");
	answer.flags = programs->flow_events ? RF_SERVICE_LOG : 0;
	*rule_known = true;
	if (answer.verdict == RF_DENY) {
		expect(event->reason == answer.reason && event->direction == question->direction &&
			       ntohs(event->service) == question->service,
		       "the event is of something else");
		*policy = event->policy;
		answer.rule = event->rule;
		answer.flags = event->flags & RF_EVENT_LOG ? RF_SERVICE_LOG : 0;
	} else if (makes_session(question)) {
		expect(find_session(programs, question, &packet, &session) &&
			       session.incarnation == programs->objects.pod_state[id].incarnation,
		       "an allowed flow has no session");
		*policy = session.policy;
		answer.rule = session.rule;
		answer.priority = session.priority;
		answer.dscp = session.dscp;
		answer.flags |= (session.flags & RF_SESSION_PRIORITY ? RF_SERVICE_PRIORITY : 0) |
				(session.flags & RF_SESSION_DSCP ? RF_SERVICE_DSCP : 0);
	} else {
		*rule_known = false;
	}
	return answer;
}

struct policy_answer ask_programs(struct programs *programs, uint32_t id,
				  const struct policy_question *question, uint16_t number,
				  bool *rule_known)
{
	uint64_t policy;

	return ask_under(programs, id, question, number, rule_known, &policy);
}

bool ask_is_same(const struct policy_answer *a, const struct policy_answer *b)
{
	return a->verdict == b->verdict && a->reason == b->reason && a->rule == b->rule &&
	       a->flags == b->flags && a->priority == b->priority && a->dscp == b->dscp;
}

bool ask_agrees(struct programs *programs, uint32_t id, const struct rf_policy *policy,
		const struct policy_question *question, uint16_t number,
		struct policy_answer *answer)
{
	struct policy_answer expected = policy_model(policy, question);
	char text[POLICY_QUESTION_TEXT];
	bool rule_known;

	*answer = ask_programs(programs, id, question, number, &rule_known);
	if (rule_known ? ask_is_same(answer, &expected) : answer->reason == expected.reason)
		return true;
	fprintf(stderr, "%s: programs: %s, rule %u, flags %u; model: %s, rule %u, flags %u\n",
		policy_question_format(question, text), rf_reason_name(answer->reason),
		answer->rule, answer->flags, rf_reason_name(expected.reason), expected.rule,
		expected.flags);
	return false;
}
