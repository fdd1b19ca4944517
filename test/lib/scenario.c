/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/scenario.h"
#include "bpf/tcp.h"

#include <stdio.h>
#include <string.h>

#define FIRST_PAYLOAD 64
#define LATER_OFFSET  88 /* behind any first fragment */

const char *scenario_peer(const struct scenario_tuple *tuple)
{
	static const char *const peers[2][SCENARIO_PEERS] = {
		{"10.0.0.9", "10.0.1.9"},
		{"fd00::9", "fd00:1::9"},
	};

	return peers[tuple->is_v6][tuple->peer];
}

static const char *pod_of(const struct scenario_packet *packet)
{
	if (packet->is_spoofed)
		return packet->tuple.is_v6 ? "fd00::66" : "10.0.0.66";
	return packet->tuple.is_v6 ? SCENARIO_POD_6 : SCENARIO_POD_4;
}

static struct packet_spec spec_of_tuple(const struct scenario_tuple *tuple, const char *pod)
{
	bool out = tuple->direction == RF_EGRESS;

	return (struct packet_spec){
		.source = packet_address(out ? pod : scenario_peer(tuple)),
		.destination = packet_address(out ? scenario_peer(tuple) : pod),
		.protocol = tuple->protocol,
		.source_port = out ? tuple->pod_port : tuple->peer_port,
		.destination_port = out ? tuple->peer_port : tuple->pod_port,
		.icmp_type = tuple->icmp_type,
		.icmp_code = tuple->icmp_code,
		.icmp_identifier = tuple->icmp_identifier,
		.payload_size = 32,
	};
}

static size_t build_error(const struct scenario_packet *packet, const struct packet_spec *outer,
			  uint8_t *bytes, size_t size)
{
	struct packet_spec error = *outer,
			   inner = spec_of_tuple(&packet->inner, packet->inner.is_v6
									 ? SCENARIO_POD_6
									 : SCENARIO_POD_4);
	uint8_t quoted[PACKET_MAX];

	inner.tcp_flags = RF_TCP_ACK;
	error.payload = quoted;
	error.payload_size =
		packet_build_inner(&inner, quoted, sizeof(quoted), packet->tuple.is_v6 ? 48 : 28);
	return packet_build(&error, bytes, size);
}

size_t scenario_build(const struct scenario_packet *packet, uint8_t *bytes, size_t size)
{
	struct packet_spec spec = spec_of_tuple(&packet->tuple, pod_of(packet));

	spec.tcp_flags = packet->tcp_flags;
	spec.tcp_initial = packet->tcp_initial;
	spec.tcp_acknowledged = packet->tcp_acknowledged;
	spec.fragment_id = packet->fragment_id;
	spec.tags[0] = packet->is_tagged ? 0x8100 : 0;
	switch (packet->fragment) {
	case SCENARIO_WHOLE:
		break;
	case SCENARIO_FIRST:
		spec.more_fragments = true;
		/* With the transport header, of 8, 12 or 20 bytes, a multiple of 8. */
		spec.payload_size = FIRST_PAYLOAD;
		if (spec.protocol == IPPROTO_TCP || spec.protocol == IPPROTO_SCTP)
			spec.payload_size += 4;
		break;
	case SCENARIO_LATER:
		spec.fragment_offset = LATER_OFFSET;
		break;
	case SCENARIO_OVERLAPPING:
		spec.fragment_offset = 8;
		break;
	}
	if (packet->is_error)
		return build_error(packet, &spec, bytes, size);
	return packet_build(&spec, bytes, size);
}

static void print_tuple(const struct scenario_tuple *tuple, const char *pod)
{
	bool out = tuple->direction == RF_EGRESS;

	fprintf(stderr, "%s protocol %u ", out ? "from pod" : "to pod", tuple->protocol);
	if (tuple->protocol == IPPROTO_ICMP || tuple->protocol == IPPROTO_ICMPV6)
		fprintf(stderr, "type %u code %u id %u ", tuple->icmp_type, tuple->icmp_code,
			tuple->icmp_identifier);
	fprintf(stderr, "pod [%s]:%u peer [%s]:%u", pod, tuple->pod_port, scenario_peer(tuple),
		tuple->peer_port);
}

static void print_packet(const struct scenario_packet *packet)
{
	static const char *const fragments[] = {"", ", first fragment", ", later fragment",
						", overlapping fragment"};

	fprintf(stderr, "packet ");
	print_tuple(&packet->tuple, pod_of(packet));
	if (packet->tuple.protocol == IPPROTO_TCP)
		fprintf(stderr, "%s%s%s%s initial %u acknowledged %u",
			packet->tcp_flags & RF_TCP_SYN ? " SYN" : "",
			packet->tcp_flags & RF_TCP_ACK ? " ACK" : "",
			packet->tcp_flags & RF_TCP_FIN ? " FIN" : "",
			packet->tcp_flags & RF_TCP_RST ? " RST" : "", packet->tcp_initial,
			packet->tcp_acknowledged);
	fprintf(stderr, "%s", fragments[packet->fragment]);
	if (packet->fragment)
		fprintf(stderr, " %u", packet->fragment_id);
	if (packet->from_node)
		fprintf(stderr, ", the node's own");
	if (packet->is_tagged)
		fprintf(stderr, ", tagged");
	if (packet->is_error) {
		fprintf(stderr, ", about: ");
		print_tuple(&packet->inner, packet->inner.is_v6 ? SCENARIO_POD_6 : SCENARIO_POD_4);
	}
}

static void print_pinhole(const struct scenario_pinhole *pinhole)
{
	print_tuple(&pinhole->tuple, pinhole->tuple.is_v6 ? SCENARIO_POD_6 : SCENARIO_POD_4);
}

void scenario_print_step(const struct scenario_step *step)
{
	fprintf(stderr, "  ");
	switch (step->kind) {
	case SCENARIO_PACKET:
		print_packet(&step->packet);
		break;
	case SCENARIO_WAIT:
		fprintf(stderr, "wait %u.%u seconds", step->tenths / 10, step->tenths % 10);
		break;
	case SCENARIO_POLICY:
		fprintf(stderr, "policy %u", step->policy);
		break;
	case SCENARIO_AUDIT:
		fprintf(stderr, "mode %s", step->is_audit ? "audit" : "enforce");
		break;
	case SCENARIO_PINHOLE:
		fprintf(stderr, "pinhole %u %ss for %u seconds: ", step->pinhole.rule,
			step->pinhole.verdict == RF_ALLOW ? "allow" : "denie",
			step->pinhole.seconds);
		print_pinhole(&step->pinhole);
		break;
	case SCENARIO_NO_PINHOLE:
		fprintf(stderr, "no pinhole any more: ");
		print_pinhole(&step->pinhole);
		break;
	}
	fputc('\n', stderr);
}

void scenario_free(struct scenario *scenario)
{
	for (size_t i = 0; i < SCENARIO_POLICIES; i++)
		rf_policy_free(&scenario->policies[i]);
	scenario->count = 0;
}
