// SPDX-License-Identifier: Apache-2.0
#include "test/lib/fixture.h"

const struct fixture_tcp fixture_tcp[FIXTURE_TCP_COUNT] = {
	{{POD_4, 80, PEER_4, 40000, IPPROTO_TCP, 0}, RF_INGRESS, INGRESS_ONLY},
	{{POD_6, 80, PEER_6, 40000, IPPROTO_TCP, 0}, RF_INGRESS, INGRESS_ONLY},
	{{POD_4, 40000, PEER_4, 80, IPPROTO_TCP, 0}, RF_EGRESS, EGRESS_ONLY},
	{{POD_6, 40000, PEER_6, 80, IPPROTO_TCP, 0}, RF_EGRESS, EGRESS_ONLY},
};

int fixture_setup(void **state)
{
	static const char *const addresses[] = {POD_4, POD_6, NULL};
	const struct rf_map_sizes sizes = {
		.sessions = 1024,
		.half_open = 1024,
		.pods = FIXTURE_PODS,
		.peers = 1024,
		.services = 1024,
		.fragments = 1024,
		.denies = 1 << 16,
		.flows = 1 << 16,
	};
	struct programs *programs = programs_load(&sizes);

	programs_add_pod(programs, POD_ID, addresses, RF_POD_ANTI_SPOOF, ALLOW_ALL);
	*state = programs;
	return 0;
}

void fixture_add_other_pod(struct programs *programs, uint32_t flags, const char *policy)
{
	static const char *const addresses[] = {OTHER_POD_4, OTHER_POD_6, NULL};

	programs_move_pod(programs, POD_ID, PROGRAMS_ELSEWHERE);
	programs_add_pod(programs, OTHER_POD_ID, addresses, flags, policy);
}

int fixture_teardown(void **state)
{
	programs_free(*state);
	return 0;
}

void fixture_flow(struct programs *programs, const struct flow *flow, enum rf_direction direction,
		  uint8_t tcp_flags, const struct verdict *expected, const char *file, int line)
{
	struct packet_spec packet = flow_packet(flow, direction, tcp_flags);

	verdict_of_packet(programs, direction, &packet, expected, file, line);
}

void fixture_handshake(struct programs *programs, const struct flow *flow, enum rf_direction opener,
		       enum rf_reason reason, const char *file, int line)
{
	const struct verdict opens = {.reason = reason};

	fixture_flow(programs, flow, opener, TCP_SYN, &opens, file, line);
	fixture_flow(programs, flow, !opener, TCP_SYN_ACK, VERDICT(SESSION), file, line);
	fixture_flow(programs, flow, opener, TCP_ACK, VERDICT(SESSION), file, line);
}
