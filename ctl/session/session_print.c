// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/clock.h"
#include "ctl/output/display.h"
#include "ctl/session/session_row.h"
#include "ctl/output/text.h"

#include <inttypes.h>
#include <stdio.h>

static void print_ends(const struct session_entry *entry)
{
	const struct rf_flow_key *flow = &entry->flow;
	char pod[TEXT_ENDPOINT], peer[TEXT_ENDPOINT], protocol[8];
	bool from_pod = entry->session.opened_by == RF_EGRESS;

	text_endpoint(&flow->pod, flow->pod_port, flow->protocol, pod);
	text_endpoint(&flow->peer, flow->peer_port, flow->protocol, peer);
	display_field("flow", "%s %s > %s", text_protocol(flow->protocol, protocol),
		      from_pod ? pod : peer, from_pod ? peer : pod);
	display_field("opened by", "%s (%s)", from_pod ? "the pod" : "the peer",
		      text_direction(entry->session.opened_by));
}

static void print_judgement(const struct session_view *view, const struct rf_session *session)
{
	bool is_audited = session->flags & RF_SESSION_AUDITED;
	char judge[320];

	display_field("verdict", "%s",
		      is_audited ? "audit: it would be denied in mode enforce" : "allow");
	display_field("by", "%s", session_judge(view, session, judge, sizeof(judge)));
	if (session->policy != RF_POLICY_WORD_PINHOLE)
		display_field("policy", "%u, %s", RF_POLICY_ID(session->policy),
			      session_is_current(view->clock, session)
				      ? "in force"
				      : "not in force any more: the next packet is judged again");
	if (session->flags & RF_SESSION_LOGGED)
		display_field("reported", "yes, as the rule asks");
	if (session->flags & RF_SESSION_PRIORITY)
		display_field("priority", "%x:%x", session->priority >> 16,
			      session->priority & 0xffff);
	if (session->flags & RF_SESSION_DSCP)
		display_field("dscp", "%u", session->dscp);
}

static void print_times(const struct session_view *view, const struct session_entry *entry)
{
	const struct rf_session *session = &entry->session;
	uint64_t idle = session_idle(view->clock, session) / NANOSECONDS;
	uint32_t timeout = session_timeout(view->clock, &entry->flow, session);
	char created[CLOCK_TEXT], text[CLOCK_TEXT];

	display_field("began", "%s, %s ago", clock_rfc3339(session->created, created),
		      clock_duration(session_age(view->clock, session), text));
	display_field("last packet", "%s ago", clock_duration(idle, text));
	if (session_is_live(view->clock, &entry->flow, session))
		display_field("ends", "in %s if no packet comes",
			      clock_duration(timeout > idle ? timeout - idle : 0, text));
	else
		display_field("ends", "it has ended, after %s without a packet",
			      clock_duration(timeout, text));
}

void session_print(const struct session_view *view, const struct session_entry *entry)
{
	const struct rf_session *session = &entry->session;

	display_field("pod", "%s", names_pod(view->names, session->pod, session->incarnation));
	print_ends(entry);
	display_field("state", "%s%s", text_states[session_state(&entry->flow, session)],
		      entry->is_half_open ? ", among the half-open flows" : "");
	print_judgement(view, session);
	for (int direction = 0; direction < RF_DIRECTIONS; direction++)
		display_field(direction == RF_INGRESS ? "to the pod" : "from the pod",
			      "%" PRIu64 " packets, %" PRIu64 " bytes",
			      (uint64_t)session->packets[direction],
			      (uint64_t)session->bytes[direction]);
	print_times(view, entry);
}
