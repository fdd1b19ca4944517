/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a session keeps of the judgement of its flow, and how a live one is judged again. */
#ifndef RINGFENCE_BPF_JUDGEMENT_H
#define RINGFENCE_BPF_JUDGEMENT_H

#include "bpf/audit.h"
#include "bpf/policy.h"
#include "bpf/qos.h"

/*
 * What a session keeps of the judgement of its flow. A pinhole may expire between any two packets:
 * what it allows is judged at each, which costs nothing where no pinhole is.
 */
static __always_inline void keep_judgement(struct rf_session *session,
					   const struct decision *decision)
{
	session->policy = decision->reason == RF_REASON_PINHOLE_ALLOW ? RF_POLICY_WORD_PINHOLE
								      : decision->policy;
	session->rule = decision->rule;
	session->flags &= ~(RF_SESSION_AUDITED | RF_SESSION_LOGGED);
	if (decision->effects & EFFECT_AUDITED)
		session->flags |= RF_SESSION_AUDITED;
	else if (decision->effects & EFFECT_LOG)
		session->flags |= RF_SESSION_LOGGED;
	keep_qos(session, decision);
}

/*
 * Judge a live session again, in the direction in which it was opened. The session of the node
 * itself stays as long as the pod's hostAccess allows it. True: it may go on, under the current
 * policy. What a rule has reported it does not report again; what would be denied is reported under
 * each policy that would do so.
 */
static __always_inline int judge_again(const struct packet *packet, struct rf_session *session,
				       const struct rf_pod_state *pod, struct decision *decision)
{
	__u32 logged_by = session->flags & RF_SESSION_LOGGED ? session->rule : 0;

	if (session->flags & RF_SESSION_FROM_HOST && !(pod->flags & RF_POD_HOST_BY_POLICY))
		decision->reason = RF_REASON_HOST_ACCESS;
	else
		judge_flow(packet, session->opened_by & 1, pod, decision);
	if (!passes(pod, decision))
		return 0;
	keep_judgement(session, decision);
	if (session->flags & RF_SESSION_LOGGED && session->rule == logged_by)
		decision->effects &= ~EFFECT_LOG;
	return 1;
}

#endif
