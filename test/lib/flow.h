/* SPDX-License-Identifier: Apache-2.0 */
/* Flows between a pod and a peer, and the sessions that the programs keep of them. */
#ifndef RINGFENCE_TEST_LIB_FLOW_H
#define RINGFENCE_TEST_LIB_FLOW_H

#include "bpf/state.h"
#include "test/lib/programs.h"

struct flow {
	const char *pod;
	uint16_t pod_port; /* ICMP: the identifier, if the pod pings */
	const char *peer;
	uint16_t peer_port; /* ICMP: the identifier, if the peer pings */
	uint8_t protocol;
	uint8_t pinging; /* of ICMP: enum rf_direction of the requests */
};

/* A packet of the flow; @tcp_flags count for TCP only, and of ICMP it is the request or reply. */
struct packet_spec flow_packet(const struct flow *flow, enum rf_direction direction,
			       uint8_t tcp_flags);

struct rf_flow_key flow_key(const struct flow *flow);

/* The flow's session in `sessions` or `half_open`; false if it is not there. */
bool flow_session(const struct programs *programs, enum rf_map map, const struct flow *flow,
		  struct rf_session *session);

/* The state of a session that is in @map and in no other; else RF_STATE_COUNT. */
enum rf_session_state flow_state(const struct programs *programs, enum rf_map map,
				 const struct flow *flow);

/* In none of the two. */
bool flow_has_no_session(const struct programs *programs, const struct flow *flow);

/* Let the session look as if its last packet had come @ticks earlier, in the census too. Aborts if
 * there is none. */
void flow_age(const struct programs *programs, enum rf_map map, const struct flow *flow,
	      uint64_t ticks);

/* How many sessions `sessions` or `half_open` holds. */
size_t flow_session_count(const struct programs *programs, enum rf_map map);

#endif
