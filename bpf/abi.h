/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The layout that the programs and user space share: keys and values of the pinned maps, reasons,
 * events. A change of any of it changes RF_ABI, which is part of the pin path.
 *
 * Addresses and ports are in network byte order, all else in the host's. IPv4 addresses are carried
 * as mapped IPv6 ones, so there is one type of flow.
 */
#ifndef RINGFENCE_BPF_ABI_H
#define RINGFENCE_BPF_ABI_H

#include <linux/bpf.h>
#include <linux/types.h>

/* The tests pretend another one (Makefile). */
#ifndef RF_ABI
#define RF_ABI 3
#endif

/* Entries of the maps where the configuration's `maps` does not say otherwise. */
#define RF_SESSIONS_DEFAULT  262144
#define RF_HALF_OPEN_DEFAULT 65536
#define RF_PODS_DEFAULT      1024
#define RF_ADDRESSES_PER_POD 4
#define RF_PINHOLES_DEFAULT  4096
#define RF_PEERS_DEFAULT     65536
#define RF_SERVICES_DEFAULT  131072
#define RF_FRAGMENTS_DEFAULT 8192
#define RF_DENIES_DEFAULT    (1 << 20) /* bytes */
#define RF_FLOWS_DEFAULT     (1 << 20) /* bytes */
#define RF_RULES_DEFAULT     16384     /* rules that were hit */

/* Which way a packet goes, seen from the pod; also who opened a flow: ingress is the peer. */
enum rf_direction {
	RF_INGRESS = 0, /* to the pod */
	RF_EGRESS = 1,  /* from the pod */
	RF_DIRECTIONS = 2,
};

enum rf_verdict {
	RF_DENY = 0,
	RF_ALLOW = 1,
};

/*
 * Every packet is counted under one reason. The same name is what `ringfencectl` prints. The order
 * is part of the ABI: append only.
 */
#define RF_REASONS(X)                                                                              \
	/*  name               verdict   text */                                                   \
	X(UNKNOWN_POD, RF_DENY, "unknown-pod")      /* no pod is known for the interface */        \
	X(SESSION, RF_ALLOW, "session")             /* belongs to a flow that was allowed */       \
	X(RULE_ALLOW, RF_ALLOW, "rule-allow")       /* a rule allows it */                         \
	X(RULE_DENY, RF_DENY, "rule-deny")          /* a rule denies it */                         \
	X(DEFAULT_ALLOW, RF_ALLOW, "default-allow") /* no rule matches */                          \
	X(DEFAULT_DENY, RF_DENY, "default-deny")    /* no rule matches */                          \
	X(PINHOLE_ALLOW, RF_ALLOW, "pinhole-allow") /* a pinhole allows it */                      \
	X(PINHOLE_DENY, RF_DENY, "pinhole-deny")    /* a pinhole denies it */                      \
	X(HOST_ACCESS, RF_ALLOW, "host-access")     /* the node itself opens the flow */           \
	X(NEIGHBOUR, RF_ALLOW, "neighbour") /* neighbour or multicast listener discovery */        \
	X(ETHER_TYPE_ALLOW, RF_ALLOW, "ether-type-allow") /* not IP, and in etherTypes */          \
	X(ETHER_TYPE_DENY, RF_DENY, "ether-type-deny")    /* not IP, and not in etherTypes */      \
	X(SPOOFED, RF_DENY, "spoofed")         /* the source is not the pod's address */           \
	X(NOT_FOR_POD, RF_DENY, "not-for-pod") /* the destination is not the pod's address */      \
	X(MALFORMED, RF_DENY, "malformed")     /* truncated, or headers that contradict */         \
	X(FRAGMENT, RF_DENY, "fragment")       /* a fragment whose first one was not seen */       \
	X(NO_POLICY, RF_DENY, "no-policy")     /* the policy's entries are missing */              \
	X(NO_SESSION, RF_ALLOW, "no-session")  /* allowed, but no session could be made */         \
	X(RELATED, RF_ALLOW, "related")        /* an ICMP error about a flow that was allowed */   \
	X(RULE_REJECT, RF_DENY, "rule-reject") /* a rule denies it, and says so to the sender */   \
	X(REJECT_REPLY, RF_ALLOW, "reject-reply")  /* what ringfence says to the sender */         \
	X(TCP_STATE, RF_DENY, "tcp-state")         /* impossible in the flow's state, or at all */ \
	X(SOURCE_ROUTE, RF_DENY, "source-route")   /* it would go on to another destination */     \
	X(SESSION_LIMIT, RF_DENY, "session-limit") /* the pod has as many sessions as it may */    \
	X(NEW_FLOW_RATE, RF_DENY, "new-flow-rate") /* the pod's flows begin faster than may be */  \
	X(BANDWIDTH, RF_DENY, "bandwidth")         /* beyond the pod's rate in this direction */

enum rf_reason {
#define RF_REASON_ENUM(name, verdict, text) RF_REASON_##name,
	RF_REASONS(RF_REASON_ENUM)
#undef RF_REASON_ENUM
	RF_REASON_COUNT,
};

/* One bit a reason: set if its verdict is to allow. */
#define RF_REASON_ALLOW_BIT(name, verdict, text)                                                   \
	| (__u64)((verdict) == RF_ALLOW) << RF_REASON_##name
#define RF_REASONS_ALLOWING (0 RF_REASONS(RF_REASON_ALLOW_BIT))

static inline int rf_reason_allows(__u32 reason)
{
	return reason < RF_REASON_COUNT && (RF_REASONS_ALLOWING >> reason & 1);
}

struct rf_address {
	__u32 word[4];
};

/*
 * One key for both directions of a flow. Ports are those of TCP, UDP and SCTP; of an ICMP echo, the
 * identifier stands on the pinging side and 0 on the other; else both are 0.
 */
struct rf_flow_key {
	struct rf_address pod;
	struct rf_address peer;
	__be16 pod_port;
	__be16 peer_port;
	__u8 protocol;
	__u8 echo; /* 0, or 1 + direction of an ICMP echo's requests: two pings of one id differ */
	__u8 pad[2];
};

/* What each side of a flow has been seen to send. Each side writes only its own byte. */
enum rf_seen {
	RF_SEEN_ANY = 1, /* any packet */
	RF_SEEN_SYN = 2,
	RF_SEEN_ACK = 4,
	RF_SEEN_FIN = 8,
	RF_SEEN_FIN_ACK = 16, /* an acknowledgement after the other side's FIN */
	RF_SEEN_RST = 32,
};

enum rf_session_state {
	RF_STATE_SYN = 0,     /* TCP: handshake not complete */
	RF_STATE_ESTABLISHED, /* TCP: both sides have acknowledged */
	RF_STATE_FIN,         /* TCP: a FIN was seen */
	RF_STATE_TIME_WAIT,   /* TCP: both FINs were acknowledged */
	RF_STATE_CLOSED,      /* TCP: an RST was seen */
	RF_STATE_ONE_WAY,     /* else: no reply yet */
	RF_STATE_REPLIED,     /* else: both sides have sent */
	RF_STATE_COUNT,
};

/* Kinds of timeouts: those of the states, and one more. */
enum rf_timeout {
	RF_TIMEOUT_ECHO = RF_STATE_COUNT, /* an ICMP echo lives as long answered as not */
	RF_TIMEOUTS,
};

enum rf_session_flags {
	RF_SESSION_FROM_HOST = 1, /* the node itself opened it */
	RF_SESSION_AUDITED = 2,   /* would be denied if the pod's mode were not audit */
	RF_SESSION_PRIORITY = 4,  /* `priority` is set */
	RF_SESSION_DSCP = 8,      /* `dscp` is set */
	RF_SESSION_LOGGED = 16,   /* reported in `flows`, as `rule` asks for it */
};

/* The word under which a flow is judged: policy id and epoch, so that both change at once. */
#define RF_POLICY_WORD(policy, epoch) ((__u64)(policy) << 32 | (__u32)(epoch))
#define RF_POLICY_ID(word)            ((__u32)((word) >> 32))
#define RF_POLICY_EPOCH(word)         ((__u32)(word))

/* Instead, of a session that a pinhole allows: no pod's word, so it is judged at each packet. */
#define RF_POLICY_WORD_PINHOLE (~0ull)

struct rf_session {
	__u64 policy;    /* word that it was judged under, or RF_POLICY_WORD_PINHOLE */
	__u64 last_seen; /* ticks (bpf_jiffies64()) */
	__u32 pod;
	__u32 incarnation; /* of the pod: an id that was given again is another pod */
	__u64 packets[RF_DIRECTIONS];
	__u64 bytes[RF_DIRECTIONS];
	__u64 created;  /* ns, CLOCK_MONOTONIC */
	__u32 rule;     /* 0: the default, or the node's own access */
	__u8 opened_by; /* enum rf_direction */
	__u8 flags;
	__u8 seen[RF_DIRECTIONS]; /* by direction of the sender's packets */
	__u32 expires;  /* slice of time in which it ends if no packet comes (rf_census) */
	__u32 priority; /* of skbs: the rule's qos */
	__u32 syn[RF_DIRECTIONS]; /* TCP: sequence number behind the SYN of that direction */
	__u8 dscp;                /* the rule's qos */
	__u8 pad[7];
};

enum rf_pod_flags {
	RF_POD_ANTI_SPOOF = 1,
	RF_POD_HOST_BY_POLICY = 2, /* the node's own packets are judged like any peer's */
	RF_POD_AUDIT = 4,          /* what would be denied is reported, and passes */
	RF_POD_LIMIT_SESSIONS = 8, /* by pod_limits, as all of these */
	RF_POD_LIMIT_NEW_FLOWS = 16,
	RF_POD_RATE_INGRESS = 32,
	RF_POD_RATE_EGRESS = 64,
};

/* Of struct rf_pod_state's flags: the rate of that direction is limited. */
#define RF_POD_RATE(direction) ((__u32)RF_POD_RATE_INGRESS << (direction))

#define RF_POD_ETHER_TYPES 8

/* Element 0 is never a pod. A free element is all zero. */
struct rf_pod_state {
	__u64 policy;      /* policy word; one aligned store switches it */
	__u32 ifindex;     /* of the host side of the veth */
	__u32 incarnation; /* unique to this use of the pod id; 0: free */
	__u64 owner;       /* of the attachment (dataplane/record.h) */
	__u32 flags;
	__u32 pad;
	__be16 ether_types[RF_POD_ETHER_TYPES]; /* 0 ends the list */
};

/* What a pod may use; 0 where the flag is not set. Read after the flag of pod_state. */
struct rf_pod_limits {
	__u64 rate[RF_DIRECTIONS];  /* bytes a second */
	__u64 burst[RF_DIRECTIONS]; /* bytes */
	__u32 new_flows_per_second;
	__u32 new_flows_burst; /* flows */
	__u32 sessions;        /* half-open ones too */
	__u32 pad;
};

/* Element RF_BUCKET(pod, kind) of `buckets`. The first two are those of the directions. */
enum rf_bucket_kind {
	RF_BUCKET_INGRESS_BYTES = RF_INGRESS,
	RF_BUCKET_EGRESS_BYTES = RF_EGRESS,
	RF_BUCKET_NEW_FLOWS,
	RF_BUCKET_DENY_EVENTS,
	RF_BUCKET_FLOW_EVENTS,
	RF_BUCKET_REJECTS,
	RF_BUCKET_KINDS = 8,
};

#define RF_BUCKET(pod, kind) ((__u32)(pod)*RF_BUCKET_KINDS + (kind))

/* A token bucket, as the time at which it is full again. A cache line each. */
struct rf_bucket {
	struct bpf_spin_lock lock;
	__u32 pad;
	__u64 full_at; /* ns, CLOCK_MONOTONIC */
	__u64 line[6];
};

/*
 * How many sessions (or fragments) live: each is counted in the slice of time in which it ends if
 * no packet comes, and moves to a later slice when one does. A slice that has passed is dropped, so
 * what timed out is not counted, though it may still be in its map. A slice is a power of two of
 * ticks, about 8 seconds.
 */
#define RF_CENSUS_SLICES 1024

struct rf_census {
	__s32 live; /* sum of the slices that are not settled */
	__u32 pad;
	__s32 slice[RF_CENSUS_SLICES]; /* by number of the slice modulo RF_CENSUS_SLICES */
};

/* Elements of `census` and `census_turns`. */
enum rf_census_subject {
	RF_CENSUS_SESSIONS,  /* entries of `sessions` */
	RF_CENSUS_HALF_OPEN, /* of `half_open` */
	RF_CENSUS_FRAGMENTS, /* of `fragments` */
	RF_CENSUS_NODE,      /* how many of these there are */
};

/* The sessions of one pod, in both maps. Pod ids begin at 1. */
#define RF_CENSUS_POD(pod) (RF_CENSUS_NODE - 1 + (__u32)(pod))

/* Whose turn it is to drop a slice. */
struct rf_census_turn {
	struct bpf_spin_lock lock;
	__u32 settled; /* number of the last slice that was dropped */
};

/* How full a map is with what lives. */
enum rf_pressure {
	RF_PRESSURE_NORMAL,
	RF_PRESSURE_WARNING,  /* from RF_PRESSURE_WARNING_PERCENT on */
	RF_PRESSURE_CRITICAL, /* from RF_PRESSURE_CRITICAL_PERCENT on */
};

#define RF_PRESSURE_WARNING_PERCENT  70
#define RF_PRESSURE_CRITICAL_PERCENT 90

static inline enum rf_pressure rf_pressure(__u64 live, __u64 max_entries)
{
	if (live * 100 >= max_entries * RF_PRESSURE_CRITICAL_PERCENT)
		return RF_PRESSURE_CRITICAL;
	return live * 100 >= max_entries * RF_PRESSURE_WARNING_PERCENT ? RF_PRESSURE_WARNING
								       : RF_PRESSURE_NORMAL;
}

/* Which events there are. Each has those of the one before. */
enum rf_verbosity {
	RF_VERBOSITY_NONE,
	RF_VERBOSITY_DENIES, /* what is denied, or would be */
	RF_VERBOSITY_FLOWS,  /* and the flows that a rule wants to be reported */
	RF_VERBOSITY_ALL,    /* and all other flows that begin */
	RF_VERBOSITIES,
};

enum rf_audit {
	RF_AUDIT_PODS, /* as the mode of each pod says */
	RF_AUDIT_ALL,  /* every pod is only watched */
	RF_AUDITS,
};

/*
 * What can change at run time; the only element of `settings`. Rates are of each pod; 0: no limit.
 * Mapped by user space, which changes each word with one store.
 */
struct rf_settings {
	__u32 deny_events_per_second;
	__u32 flow_events_per_second;
	__u32 rejects_per_second;   /* resets and ICMP errors that are sent */
	__u32 verbosity;            /* enum rf_verbosity */
	__u32 audit;                /* enum rf_audit */
	__u32 timeout[RF_TIMEOUTS]; /* seconds, from 1 to RF_TIMEOUT_MAX */
	__u32 pad[3];
};

/* Seconds. No timeout is longer, since the census has slices for so many (struct rf_census). */
#define RF_TIMEOUT_MAX 7800

#define RF_DENY_EVENTS_PER_SECOND 1000
#define RF_FLOW_EVENTS_PER_SECOND 1000
#define RF_REJECTS_PER_SECOND     1000

/* The part of the policy that is one direction of one policy id: key of `peers`. */
#define RF_SCOPE(policy, direction) ((__u32)(policy) << 1 | (direction))
#define RF_POLICY_ID_MAX            0x7fffffffu

/*
 * Keys of the two LPM tries. `scope` and `class_id` always lie whole within the prefix, so their
 * byte order does not matter.
 */
struct rf_peer_key {
	__u32 prefix_length; /* 32 + length of the peer's prefix */
	__u32 scope;
	struct rf_address peer;
};

/*
 * The rules that apply to a peer, as two classes; the better entry of the two decides. `common` has
 * the rules for every peer, and the default; `own` those that name a prefix, 0 if there are none.
 */
struct rf_peer_class {
	__u32 own;
	__u32 common;
};

struct rf_service_key {
	__u32 prefix_length; /* 32: any protocol; 40 + length of the port's prefix, 0 to 16 */
	__u32 class_id;
	__u8 protocol;
	__u8 port[2]; /* big-endian; ICMP: type and code */
	__u8 pad;
};

enum rf_service_flags {
	RF_SERVICE_LOG = 1,      /* report each flow */
	RF_SERVICE_PRIORITY = 2, /* `priority` is set */
	RF_SERVICE_DSCP = 4,     /* `dscp` is set */
};

/* Between rules of equal rank, the lower wins. */
enum rf_service_order {
	RF_ORDER_DENY, /* reject too */
	RF_ORDER_LOG,
	RF_ORDER_ALLOW,
	RF_ORDER_DEFAULT,
};

/* Says nothing of other rules, so that classes of the same rules are equal in all policies. */
struct rf_service {
	__u32 rank;     /* the rule's priority, lower wins; of the default RF_RANK_DEFAULT */
	__u32 rule;     /* 0: the default */
	__u32 priority; /* for skbs of the flow */
	__u8 reason;    /* enum rf_reason; its verdict is the action */
	__u8 flags;     /* enum rf_service_flags */
	__u8 dscp;      /* 0 to 63, for packets of the flow */
	__u8 order;     /* enum rf_service_order */
};

#define RF_RANK_DEFAULT 0xffffffffu /* a rule's priority can be this too: `order` tells */

/* Whether the rule of @a wins over that of @b, which is another. */
static inline int rf_service_wins(const struct rf_service *a, const struct rf_service *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank;
	if (a->order != b->order)
		return a->order < b->order;
	return a->rule < b->rule;
}

/* The exact flow, opened in one direction. Above all rules, for one use of one pod id. */
struct rf_pinhole_key {
	struct rf_flow_key flow;
	__u32 direction; /* enum rf_direction: who opens it */
};

struct rf_pinhole {
	__u64 expires; /* ns, CLOCK_MONOTONIC; 0: never */
	__u32 pod;
	__u32 incarnation; /* of the pod: to no other it means anything, whatever its address */
	__u32 rule;        /* as events show it; 0: none */
	__u32 verdict;     /* enum rf_verdict */
};

/* Who decided: key of `rule_counters`. An entry begins with the first hit. */
struct rf_rule_key {
	__u32 scope; /* RF_SCOPE() of the policy, and of who opens the flow */
	__u32 rule;  /* 0: the default */
};

struct rf_rule_counters {
	__u64 flows;    /* let pass, when they began or were judged again under a new policy */
	__u64 denied;   /* packets */
	__u64 audited;  /* packets that would be denied, and have passed */
	__u64 last_hit; /* ticks (bpf_jiffies64()) */
};

struct rf_count {
	__u64 packets;
	__u64 bytes;
};

struct rf_pod_counters {
	struct rf_count count[RF_DIRECTIONS][RF_REASON_COUNT];
};

/* User space allocates from it under the lock; the programs do not read it. */
struct rf_identifiers {
	__u32 epoch;      /* last one given */
	__u32 policy;     /* last one given */
	__u32 class_id;   /* last one given */
	__u32 reply_mark; /* the constant of that name, of all programs over these maps */
	__u64 build;      /* of the programs that are attached; 0 while they are exchanged */
	__u64 refused;    /* a build whose programs the kernel has refused; 0: none */
};

/*
 * The fragments of one packet (RFC 791, 3.2; RFC 8200, 4.5) through one interface, and what its
 * first one said. `id` is as it is in the header, 16 bits of it for IPv4.
 */
struct rf_fragment_key {
	struct rf_address pod;
	struct rf_address peer;
	__be32 id;
	__u32 ifindex;
	__u8 protocol; /* IPv6: 0, as only the first fragment knows it */
	__u8 direction;
	__u8 pad[2];
};

struct rf_fragment {
	__u64 first_seen; /* ticks */
	__be16 pod_port;
	__be16 peer_port;
	__be16 icmp;         /* type and code */
	__u16 header_length; /* bytes of the fragmented part that no later fragment may overlap */
	__u32 incarnation;   /* of the pod */
	__u8 protocol;
	__u8 echo; /* as in struct rf_flow_key */
	__u8 pad[2];
};

#define RF_EVENT_BYTES 128

enum rf_event_flags {
	RF_EVENT_AUDIT = 1, /* it would be denied, and has passed */
	RF_EVENT_LOG = 2,   /* the rule asks for the report */
};

/* What a packet looked like that was denied (`denies`), or that began a flow which a rule, or the
 * setting `verbosity`, wants to be reported (`flows`). */
struct rf_event {
	__u64 time;   /* ns, CLOCK_MONOTONIC */
	__u64 policy; /* word: id and epoch */
	struct rf_flow_key flow;
	__u32 pod;
	__u32 incarnation; /* of the pod: its id may be another's when the event is read */
	__u32 ifindex;
	__u32 rule;
	__u32 length;      /* bytes */
	__be16 ether_type; /* of the packet, behind its tags */
	__be16 service;    /* destination port, or ICMP type and code, of the flow's opener */
	__u8 direction;
	__u8 reason;
	__u8 tcp_flags;
	__u8 flags;    /* enum rf_event_flags */
	__u8 opener;   /* enum rf_direction: as whose flow it was judged */
	__u8 captured; /* how many of `bytes` there are */
	__u8 pad[2];
	__u8 bytes[RF_EVENT_BYTES]; /* the packet, from its Ethernet header on */
};

/* Events of a pod that nobody will see, by ring. */
enum rf_event_ring {
	RF_EVENTS_DENIES,
	RF_EVENTS_FLOWS,
	RF_EVENT_RINGS,
};

struct rf_events_lost {
	__u64 limited[RF_EVENT_RINGS]; /* beyond the rate of `settings` */
	__u64 full[RF_EVENT_RINGS];    /* nobody reads as fast */
};

/* What rf_explain is asked: cb[0] of the packet that it is shown. */
enum rf_explain_question {
	RF_EXPLAIN_EGRESS = 1,    /* enum rf_direction */
	RF_EXPLAIN_FROM_NODE = 2, /* the node itself sends it */
};

enum rf_explanation_flags {
	RF_EXPLANATION_FLOW = 1,    /* `flow`, `by_rules` and `rules_reason` are filled */
	RF_EXPLANATION_AUDITED = 2, /* `reason` denies, and the packet would pass */
	RF_EXPLANATION_SESSION = 4, /* the flow has a live session: all of `session…` is filled */
	RF_EXPLANATION_HALF_OPEN = 8,        /* which is not answered yet, or has ended */
	RF_EXPLANATION_SESSION_AUDITED = 16, /* `session_reason` denies, and it would go on */
};

/* What would become of a packet: rf_explain writes it over the packet's beginning. */
struct rf_explanation {
	struct rf_flow_key flow;
	__u64 policy;         /* word that is in force */
	__u64 session_policy; /* word that the session was judged under */
	__u32 pod;
	__u32 incarnation; /* of the pod */
	__u32 rule;        /* what decides the packet; 0: none, or the default */
	__u32 by_rules;    /* rule that decides a new flow of its kind, if nothing stands above */
	__u32 session_rule;
	__u32 session_again; /* rule that lets the session go on, or not */
	__u8 reason;         /* what the packet would be counted as */
	__u8 rules_reason;   /* of `by_rules` */
	__u8 session_reason; /* what a packet of the session would be counted as */
	__u8 session_flags;  /* enum rf_session_flags */
	__u8 session_opener; /* enum rf_direction */
	__u8 flags;          /* enum rf_explanation_flags */
	__u8 kind;           /* 0: a flow; else nothing that has one */
	__u8 pad;
};

/* No padding that a compiler adds, and so the same layout for both sides. */
_Static_assert(sizeof(struct rf_flow_key) == 40, "key of pods' flows");
_Static_assert(sizeof(struct rf_session) == 96, "value of sessions and half_open");
_Static_assert(sizeof(struct rf_pod_state) == 48, "value of pod_state");
_Static_assert(sizeof(struct rf_peer_key) == 24, "key of peers");
_Static_assert(sizeof(struct rf_service_key) == 12, "key of services");
_Static_assert(sizeof(struct rf_service) == 16, "value of services");
_Static_assert(sizeof(struct rf_pinhole_key) == 44, "key of pinholes");
_Static_assert(sizeof(struct rf_pinhole) == 24, "value of pinholes");
_Static_assert(sizeof(struct rf_settings) == 64, "value of settings");
_Static_assert(sizeof(struct rf_pod_limits) == 48, "value of pod_limits");
_Static_assert(sizeof(struct rf_bucket) == 64, "value of buckets");
_Static_assert(sizeof(struct rf_fragment_key) == 44, "key of fragments");
_Static_assert(sizeof(struct rf_fragment) == 24, "value of fragments");
_Static_assert(sizeof(struct rf_identifiers) == 32, "value of identifiers");
_Static_assert(sizeof(struct rf_event) == 216, "event of denies and flows");
_Static_assert(sizeof(struct rf_rule_counters) == 32, "value of rule_counters");
_Static_assert(sizeof(struct rf_explanation) == 88, "answer of rf_explain");

#endif
