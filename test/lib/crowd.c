// SPDX-License-Identifier: Apache-2.0
#include "test/lib/crowd.h"

#define ENTRIES 100

int crowd_setup(void **state)
{
	static const char *const addresses[] = {POD_4, POD_6, NULL};
	const struct rf_map_sizes sizes = {
		.sessions = CROWD_SESSIONS,
		.half_open = CROWD_HALF_OPEN,
		.fragments = CROWD_FRAGMENTS,
		.peers = ENTRIES,
		.services = ENTRIES,
	};
	struct programs *programs = programs_load(&sizes);

	programs_add_pod(programs, POD_ID, addresses, RF_POD_ANTI_SPOOF, EGRESS_ONLY);
	*state = programs;
	return 0;
}

struct flow crowd_flow(uint16_t number, uint8_t protocol)
{
	return (struct flow){POD_4, 10000 + number, PEER_4, 80, protocol, 0};
}

void crowd_pass(struct programs *programs, const struct flow *flow, enum rf_direction direction,
		uint8_t tcp_flags)
{
	struct packet_spec packet = flow_packet(flow, direction, tcp_flags);

	assert_true(programs_pass(programs, direction, &packet, PROGRAMS_FORWARDED));
}

void crowd_establish(struct programs *programs, uint16_t first, uint16_t end)
{
	for (uint16_t i = first; i < end; i++) {
		struct flow flow = crowd_flow(i, IPPROTO_TCP);

		crowd_pass(programs, &flow, RF_EGRESS, TCP_SYN);
		crowd_pass(programs, &flow, RF_INGRESS, TCP_SYN_ACK);
		crowd_pass(programs, &flow, RF_EGRESS, TCP_ACK);
	}
}
