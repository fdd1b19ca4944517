// SPDX-License-Identifier: Apache-2.0
#include "ctl/session/session_row.h"
#include "ctl/output/clock.h"
#include "ctl/output/flow_end.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"

#include <stdio.h>
#include <string.h>

#define JUDGE_SIZE 320

/* What kind of thing lets the flow pass; of audit, what would deny it. */
static const char *session_judge_kind(const struct rf_session *session)
{
	if (session->policy == RF_POLICY_WORD_PINHOLE)
		return "pinhole";
	if (session->rule)
		return "rule";
	return session->flags & RF_SESSION_FROM_HOST && !(session->flags & RF_SESSION_AUDITED)
		       ? "host-access"
		       : "default";
}

const char *session_judge(const struct session_view *view, const struct rf_session *session,
			  char *text, size_t size)
{
	const char *audit = session->flags & RF_SESSION_AUDITED ? "audit, " : "";
	char rule[JUDGE_SIZE];

	if (session->policy == RF_POLICY_WORD_PINHOLE && session->rule)
		snprintf(text, size, "pinhole %u", session->rule);
	else if (session->policy == RF_POLICY_WORD_PINHOLE)
		snprintf(text, size, "pinhole");
	else if (session->rule)
		snprintf(text, size, "%s%s", audit,
			 names_rule(view->names, session->rule, RF_POLICY_ID(session->policy), rule,
				    sizeof(rule)));
	else if (session->flags & RF_SESSION_FROM_HOST && !*audit)
		snprintf(text, size, "host-access");
	else
		snprintf(text, size, "%sdefault", audit);
	return text;
}

enum style session_judge_style(const cJSON *by)
{
	const char *text = cJSON_GetStringValue(by);

	return text && !strncmp(text, "audit", 5) ? STYLE_WARNING : STYLE_PLAIN;
}

/* `from` and `to`: the end that opened the flow, and the other. */
static void add_ends(cJSON *row, const struct session_entry *entry)
{
	const struct rf_flow_key *flow = &entry->flow;
	char pod[TEXT_ENDPOINT], peer[TEXT_ENDPOINT];
	bool from_pod = entry->session.opened_by == RF_EGRESS;

	text_endpoint(&flow->pod, flow->pod_port, flow->protocol, pod);
	text_endpoint(&flow->peer, flow->peer_port, flow->protocol, peer);
	cJSON_AddStringToObject(row, "from", from_pod ? pod : peer);
	cJSON_AddStringToObject(row, "to", from_pod ? peer : pod);
}

static void add_kind(cJSON *row, const struct session_entry *entry)
{
	char protocol[8];

	cJSON_AddStringToObject(row, "direction", text_direction(entry->session.opened_by));
	cJSON_AddStringToObject(row, "protocol", text_protocol(entry->flow.protocol, protocol));
	add_ends(row, entry);
	cJSON_AddStringToObject(row, "state",
				text_states[session_state(&entry->flow, &entry->session)]);
}

static void add_sums(cJSON *row, const struct rf_session *session)
{
	row_add_number(row, "packets", session->packets[RF_INGRESS] + session->packets[RF_EGRESS]);
	row_add_number(row, "bytes", session->bytes[RF_INGRESS] + session->bytes[RF_EGRESS]);
}

cJSON *session_row_brief(const struct session_view *view, const struct session_entry *entry)
{
	const struct rf_session *session = &entry->session;
	cJSON *row = cJSON_CreateObject();
	char judge[JUDGE_SIZE];

	cJSON_AddStringToObject(row, "pod",
				names_pod(view->names, session->pod, session->incarnation));
	add_kind(row, entry);
	cJSON_AddStringToObject(row, "by", session_judge(view, session, judge, sizeof(judge)));
	add_sums(row, session);
	return row;
}

static void add_judgement(const struct session_view *view, cJSON *row,
			  const struct rf_session *session)
{
	bool is_audited = session->flags & RF_SESSION_AUDITED;
	bool is_pinhole = session->policy == RF_POLICY_WORD_PINHOLE;

	cJSON_AddStringToObject(row, "verdict", is_audited ? "audit" : "allow");
	cJSON_AddStringToObject(row, "by", session_judge_kind(session));
	names_add_rule(view->names, row, session->rule,
		       is_pinhole ? 0 : RF_POLICY_ID(session->policy),
		       names_session(view->names, session->policy, session->flags,
				     session->opened_by, session->rule));
	cJSON_AddBoolToObject(row, "current", session_is_current(view->clock, session));
	cJSON_AddBoolToObject(row, "fromHost", session->flags & RF_SESSION_FROM_HOST);
	cJSON_AddBoolToObject(row, "logged", session->flags & RF_SESSION_LOGGED);
	row_add_number_if(row, "priority", session->priority, session->flags & RF_SESSION_PRIORITY);
	row_add_number_if(row, "dscp", session->dscp, session->flags & RF_SESSION_DSCP);
}

static void add_counters(cJSON *row, const struct rf_session *session)
{
	static const char *const keys[RF_DIRECTIONS] = {
		[RF_INGRESS] = "ingress", [RF_EGRESS] = "egress"};

	for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
		cJSON *counters = cJSON_AddObjectToObject(row, keys[direction]);

		row_add_number(counters, "packets", session->packets[direction]);
		row_add_number(counters, "bytes", session->bytes[direction]);
	}
}

static void add_times(const struct session_view *view, cJSON *row,
		      const struct session_entry *entry)
{
	const struct rf_session *session = &entry->session;
	uint64_t idle = session_idle(view->clock, session);
	uint32_t timeout = session_timeout(view->clock, &entry->flow, session);
	uint64_t last_seen = view->clock->monotonic - idle;
	char created[CLOCK_TEXT], text[CLOCK_TEXT];

	clock_rfc3339(session->created, created);
	cJSON_AddStringToObject(row, "created", created);
	/* It is known to a few ticks of the kernel's clock only. */
	cJSON_AddStringToObject(row, "lastSeen",
				last_seen > session->created ? clock_rfc3339(last_seen, text)
							     : created);
	cJSON_AddStringToObject(row, "ends",
				clock_rfc3339(last_seen + timeout * NANOSECONDS, text));
	row_add_number(row, "ageSeconds", session_age(view->clock, session));
	row_add_number(row, "idleSeconds", idle / NANOSECONDS);
	row_add_number(row, "timeoutSeconds", timeout);
	cJSON_AddBoolToObject(row, "live", session_is_live(view->clock, &entry->flow, session));
}

cJSON *session_row_full(const struct session_view *view, const struct session_entry *entry)
{
	const struct rf_flow_key *flow = &entry->flow;
	cJSON *row = cJSON_CreateObject();

	names_add_pod(view->names, row, entry->session.pod, entry->session.incarnation);
	add_kind(row, entry);
	flow_add_end(row, "podEnd", &flow->pod, flow->pod_port, flow_has_port(flow, RF_EGRESS));
	flow_add_end(row, "peerEnd", &flow->peer, flow->peer_port, flow_has_port(flow, RF_INGRESS));
	cJSON_AddBoolToObject(row, "halfOpen", entry->is_half_open);
	add_judgement(view, row, &entry->session);
	add_sums(row, &entry->session);
	add_counters(row, &entry->session);
	add_times(view, row, entry);
	return row;
}
