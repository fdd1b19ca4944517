// SPDX-License-Identifier: Apache-2.0
#include "bpf/state.h"
#include "ctl/command.h"
#include "ctl/pod_name.h"
#include "ctl/text.h"
#include "dataplane/sessions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

struct listing {
	struct pod_name wanted; /* id 0: all */
	struct pod_name name;
};

static const char *state_name(enum rf_session_state state)
{
	static const char *const names[RF_STATE_COUNT] = {
		[RF_STATE_SYN] = "syn",         [RF_STATE_ESTABLISHED] = "established",
		[RF_STATE_FIN] = "fin",         [RF_STATE_TIME_WAIT] = "time-wait",
		[RF_STATE_CLOSED] = "closed",   [RF_STATE_ONE_WAY] = "one-way",
		[RF_STATE_REPLIED] = "replied",
	};

	return names[state];
}

/* What lets the flow pass; of audit it is what would deny it. */
static void name_judge(const struct rf_session *session, char text[24])
{
	const char *audit = session->flags & RF_SESSION_AUDITED ? "audit, " : "";

	if (session->rule)
		snprintf(text, 24, "%srule %u", audit, session->rule);
	else if (session->flags & RF_SESSION_FROM_HOST && !*audit)
		snprintf(text, 24, "host-access");
	else
		snprintf(text, 24, "%sdefault", audit);
}

static void print_session(const struct rf_flow_key *flow, const struct rf_session *session,
			  void *context)
{
	char pod[RF_PREFIX_TEXT + 8], peer[RF_PREFIX_TEXT + 8], protocol[8], allowed_by[24];
	bool from_pod = session->opened_by == RF_EGRESS;
	struct listing *listing = context;

	if (listing->wanted.pod_id && (session->pod != listing->wanted.pod_id ||
				       session->incarnation != listing->wanted.incarnation))
		return;
	/* Sessions of a pod tend to stand together. */
	pod_name_find(&listing->name, session->pod, session->incarnation);
	text_endpoint(&flow->pod, flow->pod_port, flow->protocol, pod);
	text_endpoint(&flow->peer, flow->peer_port, flow->protocol, peer);
	name_judge(session, allowed_by);
	printf("%-20s %-8s %-6s %-22s > %-22s %-12s %-14s %8" PRIu64 " %12" PRIu64 "\n",
	       listing->name.text, text_direction(session->opened_by),
	       text_protocol(flow->protocol, protocol), from_pod ? pod : peer,
	       from_pod ? peer : pod,
	       state_name(rf_session_state(flow->protocol, session->seen[RF_INGRESS],
					   session->seen[RF_EGRESS])),
	       allowed_by, (uint64_t)(session->packets[RF_INGRESS] + session->packets[RF_EGRESS]),
	       (uint64_t)(session->bytes[RF_INGRESS] + session->bytes[RF_EGRESS]));
}

int command_session_list(struct invocation *invocation, struct rf_error *error)
{
	struct listing listing = {};
	int ret;

	if (invocation->arguments[0] &&
	    !pod_name_resolve(invocation->arguments[0], &listing.wanted))
		return rf_fail(error, RF_CODE_RECORD, -ENOENT, "no pod %s (ringfencectl pod list)",
			       invocation->arguments[0]);
	printf("%-20s %-8s %-6s %-22s   %-22s %-12s %-14s %8s %12s\n", "POD", "OPENED", "PROTO",
	       "FROM", "TO", "STATE", "ALLOWED BY", "PACKETS", "BYTES");
	ret = rf_sessions_each(invocation->objects, RF_MAP_SESSIONS, print_session, &listing);
	if (!ret)
		ret = rf_sessions_each(invocation->objects, RF_MAP_HALF_OPEN, print_session,
				       &listing);
	return ret ? rf_fail_system(error, RF_CODE_LOAD, ret, "read the sessions") : 0;
}
