/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Taking a packet into the account of its session: at once, where that is all that is to be done.
 */
#ifndef RINGFENCE_BPF_FOLLOW_H
#define RINGFENCE_BPF_FOLLOW_H

#include "bpf/bandwidth.h"
#include "bpf/maps.h"
#include "bpf/member.h"
#include "bpf/qos.h"
#include "bpf/session_count.h"
#include "bpf/state.h"

/*
 * Take a packet, of whose flags @tcp_flags count, into the account of its session. True if the
 * session may now be counted in another slice of the census.
 */
static __always_inline int follow(const struct packet *packet, struct rf_session *session,
				  __u8 tcp_flags, __u64 now)
{
	int must_recount = (session->last_seen ^ now) >> slice_shift != 0;
	__u8 direction = packet->direction & 1;
	__u8 seen = rf_seen_after(session->seen[direction], session->seen[!direction],
				  packet->flow.protocol, tcp_flags);

	if (seen != session->seen[direction]) {
		session->seen[direction] = seen;
		must_recount = 1;
	}
	session->last_seen = now;
	__sync_fetch_and_add(&session->packets[direction], packet->segments);
	__sync_fetch_and_add(&session->bytes[direction], packet->bytes);
	return must_recount;
}

/*
 * The hot path: the packet carries data or acknowledges some, the session is there, it is of the
 * pod behind this interface, and it was judged under the policy that is in force. The word holds an
 * epoch that was given once, so that no session of an earlier pod with the same id can have it.
 */
static __always_inline int follow_current(struct __sk_buff *skb, const struct packet *packet,
					  struct decision *decision)
{
	struct rf_session *session;
	struct rf_pod_state *pod;
	int must_recount;
	__u64 now;
	__u32 id;

	if (unlikely(has_tcp_flags(packet) && !rf_tcp_is_plain(packet->tcp_flags)))
		return 0;
	session = bpf_map_lookup_elem(&sessions, &packet->flow);
	if (!session)
		return 0;
	id = session->pod;
	pod = bpf_map_lookup_elem(&pod_state, &id);
	if (!pod || pod->ifindex != skb->ifindex || pod->policy != session->policy)
		return 0;
	now = bpf_jiffies64();
	if (!is_live(packet, session, now))
		return 0;
	must_recount = follow(packet, session, packet->tcp_flags, now);
	decision->pod = id;
	decision->rule = session->rule;
	use_qos(session, decision);
	decision->reason = RF_REASON_SESSION;
	note_rate(packet, pod, decision);
	if (unlikely(must_recount))
		recount_session(packet, session, RF_CENSUS_SESSIONS, now);
	return 1;
}

#endif
