/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a pod may use of the node: how fast its flows may begin, and how many sessions it may have.
 * Either side may have opened them. What the node itself opens is counted, but never refused, nor
 * is what only passes because the pod is watched.
 */
#ifndef RINGFENCE_BPF_LIMIT_H
#define RINGFENCE_BPF_LIMIT_H

#include "bpf/audit.h"
#include "bpf/bucket.h"
#include "bpf/census.h"
#include "bpf/decision.h"

static __always_inline struct rf_pod_limits *limits_of(const struct rf_pod_state *pod,
						       const struct decision *decision, __u32 flag)
{
	__u32 id = decision->pod;

	if (!(pod->flags & flag) || decision->reason == RF_REASON_HOST_ACCESS ||
	    !rf_reason_allows(decision->reason))
		return NULL;
	return bpf_map_lookup_elem(&pod_limits, &id);
}

/* True if another flow of the pod may begin now; else the decision says why not. @is_dry, a
 * constant: nothing is taken from the bucket. */
static __always_inline int within_new_flow_rate(const struct rf_pod_state *pod,
						struct decision *decision, int is_dry)
{
	struct rf_pod_limits *limits = limits_of(pod, decision, RF_POD_LIMIT_NEW_FLOWS);
	__u64 cost, depth;
	__u32 bucket;

	if (!limits || !limits->new_flows_per_second)
		return 1;
	cost = NS_PER_SECOND / limits->new_flows_per_second;
	depth = cost * limits->new_flows_burst;
	bucket = RF_BUCKET(decision->pod, RF_BUCKET_NEW_FLOWS);
	if (is_dry ? bucket_holds(bucket, cost, depth) : bucket_take(bucket, cost, cost, depth))
		return 1;
	decision->reason = RF_REASON_NEW_FLOW_RATE;
	return 0;
}

/* True if the flow that was judged goes on, and not faster than the pod's flows may begin. */
static __always_inline int may_begin(const struct rf_pod_state *pod, struct decision *decision,
				     int is_dry)
{
	return passes(pod, decision) &&
	       (within_new_flow_rate(pod, decision, is_dry) || passes(pod, decision));
}

/*
 * Count a session of the pod that would live until slice @expires. False if it has too many: then
 * the decision says so, and it is not counted. It is counted first and compared then, so that CPUs
 * that make sessions at once never exceed the limit; of those that meet at the last free place, all
 * may be refused.
 */
static __always_inline int count_pod_session(const struct rf_pod_state *pod,
					     struct decision *decision, __u32 expires,
					     __u32 current)
{
	struct rf_pod_limits *limits = limits_of(pod, decision, RF_POD_LIMIT_SESSIONS);
	__u32 subject = RF_CENSUS_POD(decision->pod);

	census_settle(subject, current);
	census_enter(subject, expires);
	if (!limits || census_live(subject) <= limits->sessions)
		return 1;
	decision->reason = RF_REASON_SESSION_LIMIT;
	if (passes(pod, decision))
		return 1;
	census_leave(subject, expires, current);
	return 0;
}

#endif
