// SPDX-License-Identifier: Apache-2.0
#include "test/lib/fragment.h"
#include "dataplane/map_batch.h"
#include "test/lib/packet_parts.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>

struct packet_spec fragment_packet(const struct flow *flow, enum rf_direction direction,
				   uint16_t offset, bool more)
{
	struct packet_spec packet = flow_packet(flow, direction, RF_TCP_ACK);

	packet.fragment_id = FRAGMENT_ID(flow->protocol);
	packet.fragment_offset = offset;
	packet.more_fragments = more;
	packet.payload_size = FRAGMENT_SIZE - packet_transport_size(&packet);
	return packet;
}

static struct rf_fragment_key key_of(const struct flow *flow, enum rf_direction direction)
{
	struct packet_spec packet = flow_packet(flow, direction, 0);
	struct rf_flow_key ends = flow_key(flow);
	bool is_v4 = packet_is_v4(&packet);

	return (struct rf_fragment_key){
		.pod = ends.pod,
		.peer = ends.peer,
		.id = is_v4 ? htons(FRAGMENT_ID(flow->protocol))
			    : htonl(FRAGMENT_ID(flow->protocol)),
		.ifindex = PROGRAMS_IFINDEX,
		.protocol = is_v4 ? flow->protocol : 0,
		.direction = direction,
	};
}

void fragment_age(const struct programs *programs, const struct flow *flow,
		  enum rf_direction direction, uint64_t ticks)
{
	int map = programs->objects.maps[RF_MAP_FRAGMENTS];
	struct rf_fragment_key key = key_of(flow, direction);
	struct rf_fragment first;

	if (bpf_map_lookup_elem(map, &key, &first)) {
		fprintf(stderr, "fragment_age: nothing is remembered\n");
		abort();
	}
	first.first_seen -= ticks;
	if (bpf_map_update_elem(map, &key, &first, BPF_EXIST)) {
		perror("fragment_age");
		abort();
	}
}

size_t fragment_count(const struct programs *programs)
{
	return rf_map_count(programs->objects.maps[RF_MAP_FRAGMENTS],
			    sizeof(struct rf_fragment_key));
}
