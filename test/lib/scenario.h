/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sequence of what may happen to one pod: packets each way, time that passes, policies and modes
 * that change. Few addresses and ports, so that steps meet the same flows.
 */
#ifndef RINGFENCE_TEST_LIB_SCENARIO_H
#define RINGFENCE_TEST_LIB_SCENARIO_H

#include "bpf/abi.h"
#include "netconf/policy.h"
#include "test/lib/packet.h"

#include <stdbool.h>
#include <stdint.h>

#define SCENARIO_POD_ID   1
#define SCENARIO_POD_4    "10.0.0.2"
#define SCENARIO_POD_6    "fd00::2"
#define SCENARIO_PEERS    2
#define SCENARIO_STEPS    48
#define SCENARIO_POLICIES 4

/* The tuple of a packet, seen from the pod. */
struct scenario_tuple {
	enum rf_direction direction;
	bool is_v6;
	uint8_t peer; /* below SCENARIO_PEERS */
	uint8_t protocol;
	uint16_t pod_port; /* ICMP: 0 */
	uint16_t peer_port;
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint16_t icmp_identifier;
};

enum scenario_fragment {
	SCENARIO_WHOLE,
	SCENARIO_FIRST,
	SCENARIO_LATER,
	SCENARIO_OVERLAPPING, /* a later one that reaches into the transport header */
};

struct scenario_packet {
	struct scenario_tuple tuple;
	bool from_node;  /* not forwarded */
	bool is_tagged;  /* 802.1Q */
	bool is_spoofed; /* the pod's address is another one */
	uint8_t tcp_flags;
	uint32_t tcp_initial;      /* sequence number of the sender's SYN */
	uint32_t tcp_acknowledged; /* the same of the other side */
	enum scenario_fragment fragment;
	uint16_t fragment_id;
	bool is_error; /* an ICMP error, about the packet of `inner`, which came the other way */
	struct scenario_tuple inner;
};

enum scenario_kind {
	SCENARIO_PACKET,
	SCENARIO_WAIT,
	SCENARIO_POLICY,
	SCENARIO_AUDIT, /* the mode becomes audit, or enforce */
	SCENARIO_PINHOLE,
	SCENARIO_NO_PINHOLE, /* it is removed */
};

/* For the flow of `tuple`, as the tuple's direction opens it. */
struct scenario_pinhole {
	struct scenario_tuple tuple; /* of ICMP: an echo request */
	enum rf_verdict verdict;
	uint32_t rule;
	uint32_t seconds; /* until it expires; 0: never */
};

struct scenario_step {
	enum scenario_kind kind;
	struct scenario_packet packet;
	uint32_t tenths; /* of a second, that pass */
	uint8_t policy;  /* below SCENARIO_POLICIES, in force from now on */
	bool is_audit;
	struct scenario_pinhole pinhole;
};

struct scenario {
	struct scenario_step steps[SCENARIO_STEPS];
	size_t count;
	uint32_t session_limit;                       /* of the pod; 0: none */
	struct rf_policy policies[SCENARIO_POLICIES]; /* the first is in force at the beginning */
};

/* What becomes of a packet. */
struct scenario_answer {
	enum rf_reason reason;
	bool passes;
	bool is_denied_event; /* there is an event in `denies`, */
	bool is_flow_event;   /* in `flows` */
	uint32_t rule;        /* of the event, if there is one */
};

/* The address of a peer. */
const char *scenario_peer(const struct scenario_tuple *tuple);

/* The packet on the wire, to @bytes. Returns its length. */
size_t scenario_build(const struct scenario_packet *packet, uint8_t *bytes, size_t size);

/* A line that says what the step is, to stderr. */
void scenario_print_step(const struct scenario_step *step);

void scenario_free(struct scenario *scenario);

#endif
