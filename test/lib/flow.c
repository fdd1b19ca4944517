// SPDX-License-Identifier: Apache-2.0
#include "test/lib/flow.h"
#include "dataplane/map_batch.h"
#include "test/lib/census.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_icmp(const struct flow *flow)
{
	return flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6;
}

static uint8_t echo_type(const struct flow *flow, bool request)
{
	if (flow->protocol == IPPROTO_ICMP)
		return request ? 8 : 0;
	return request ? 128 : 129;
}

struct packet_spec flow_packet(const struct flow *flow, enum rf_direction direction,
			       uint8_t tcp_flags)
{
	bool out = direction == RF_EGRESS;
	struct packet_spec packet = {
		.source = packet_address(out ? flow->pod : flow->peer),
		.destination = packet_address(out ? flow->peer : flow->pod),
		.protocol = flow->protocol,
		.payload_size = 32,
	};

	if (is_icmp(flow)) {
		packet.icmp_type = echo_type(flow, direction == flow->pinging);
		packet.icmp_identifier =
			flow->pinging == RF_EGRESS ? flow->pod_port : flow->peer_port;
		return packet;
	}
	packet.source_port = out ? flow->pod_port : flow->peer_port;
	packet.destination_port = out ? flow->peer_port : flow->pod_port;
	packet.tcp_flags = flow->protocol == IPPROTO_TCP ? tcp_flags : 0;
	return packet;
}

struct rf_flow_key flow_key(const struct flow *flow)
{
	struct rf_flow_key key = programs_key(flow->pod, flow->pod_port, flow->peer,
					      flow->peer_port, flow->protocol);

	if (is_icmp(flow)) {
		*(flow->pinging == RF_EGRESS ? &key.peer_port : &key.pod_port) = 0;
		key.echo = 1 + flow->pinging;
	}
	return key;
}

bool flow_session(const struct programs *programs, enum rf_map map, const struct flow *flow,
		  struct rf_session *session)
{
	struct rf_flow_key key = flow_key(flow);

	return programs_session(programs, map, &key, session);
}

enum rf_session_state flow_state(const struct programs *programs, enum rf_map map,
				 const struct flow *flow)
{
	enum rf_map other = map == RF_MAP_SESSIONS ? RF_MAP_HALF_OPEN : RF_MAP_SESSIONS;
	struct rf_session session;

	if (flow_session(programs, other, flow, &session) ||
	    !flow_session(programs, map, flow, &session))
		return RF_STATE_COUNT;
	return rf_session_state(flow->protocol, session.seen[RF_INGRESS], session.seen[RF_EGRESS]);
}

bool flow_has_no_session(const struct programs *programs, const struct flow *flow)
{
	struct rf_session session;

	return !flow_session(programs, RF_MAP_SESSIONS, flow, &session) &&
	       !flow_session(programs, RF_MAP_HALF_OPEN, flow, &session);
}

void flow_age(const struct programs *programs, enum rf_map map, const struct flow *flow,
	      uint64_t ticks)
{
	struct rf_flow_key key = flow_key(flow);
	struct rf_session session;

	if (!programs_session(programs, map, &key, &session)) {
		fprintf(stderr, "flow_age: no such session\n");
		abort();
	}
	census_age(programs, map, &session, ticks);
	if (bpf_map_update_elem(programs->objects.maps[map], &key, &session, BPF_EXIST)) {
		perror("flow_age");
		abort();
	}
}

size_t flow_session_count(const struct programs *programs, enum rf_map map)
{
	return rf_map_count(programs->objects.maps[map], sizeof(struct rf_flow_key));
}
