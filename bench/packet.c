// SPDX-License-Identifier: Apache-2.0
/*
 * An established TCP packet through the loaded program, beside an empty program and the floor.
 * Rounds are interleaved, so that a noisy moment of the machine meets all alike; medians are shown.
 */
#include "bench/floor.skel.h"
#include "bpf/state.h"
#include "test/lib/programs.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 21
#define REPEAT 400000

#define POD  "10.0.0.2"
#define PEER "10.0.0.9"

enum subject {
	EMPTY,
	FLOOR,
	ESTABLISHED_TO_POD,
	ESTABLISHED_FROM_POD,
	ESTABLISHED_V6,
	SUBJECTS
};

struct measurement {
	const char *name;
	int program;
	struct packet_spec packet;
	unsigned int ns[ROUNDS];
};

static struct packet_spec tcp(const char *source, uint16_t source_port, const char *destination,
			      uint16_t destination_port, uint8_t flags)
{
	return (struct packet_spec){
		.source = packet_address(source),
		.destination = packet_address(destination),
		.protocol = RF_PROTOCOL_TCP,
		.source_port = source_port,
		.destination_port = destination_port,
		.tcp_flags = flags,
		.payload_size = 64,
	};
}

static void establish(struct programs *programs, const char *peer, const char *pod)
{
	const struct packet_spec syn = tcp(peer, 50000, pod, 80, RF_TCP_SYN);
	const struct packet_spec answer = tcp(pod, 80, peer, 50000, RF_TCP_SYN | RF_TCP_ACK);
	const struct packet_spec ack = tcp(peer, 50000, pod, 80, RF_TCP_ACK);

	if (!programs_pass(programs, RF_INGRESS, &syn, PROGRAMS_FORWARDED) ||
	    !programs_pass(programs, RF_EGRESS, &answer, PROGRAMS_FORWARDED) ||
	    !programs_pass(programs, RF_INGRESS, &ack, PROGRAMS_FORWARDED)) {
		fprintf(stderr, "the handshake was denied\n");
		exit(EXIT_FAILURE);
	}
}

static unsigned int run(const struct measurement *measurement)
{
	uint8_t bytes[PACKET_MAX];
	size_t length = packet_build(&measurement->packet, bytes, sizeof(bytes));
	struct __sk_buff context = {.ifindex = PROGRAMS_IFINDEX,
				    .ingress_ifindex = PROGRAMS_FORWARDED};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = bytes, .data_size_in = length,
		    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = REPEAT);

	if (bpf_prog_test_run_opts(measurement->program, &options) || (int)options.retval != -1) {
		fprintf(stderr, "%s: the packet did not pass (%d)\n", measurement->name,
			(int)options.retval);
		exit(EXIT_FAILURE);
	}
	return options.duration;
}

static int compare(const void *a, const void *b)
{
	const unsigned int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static unsigned int median(struct measurement *measurement)
{
	qsort(measurement->ns, ROUNDS, sizeof(measurement->ns[0]), compare);
	return measurement->ns[ROUNDS / 2];
}

int main(void)
{
	const char *const addresses[] = {POD, "fd00::2", NULL};
	struct programs *programs = programs_load(NULL);
	struct floor *baseline = floor__open_and_load();
	struct rf_flow_key key = programs_key(POD, 80, PEER, 50000, RF_PROTOCOL_TCP);
	struct rf_session session = {.pod = 1};
	struct measurement all[SUBJECTS];
	unsigned int floor_ns;

	if (!baseline)
		return EXIT_FAILURE;
	programs_add_pod(programs, 1, addresses, RF_POD_ANTI_SPOOF, "{\"name\": \"bench\"}");
	establish(programs, PEER, POD);
	establish(programs, "fd00::9", "fd00::2");
	bpf_map_update_elem(bpf_map__fd(baseline->maps.floor_sessions), &key, &session, BPF_ANY);

	const struct packet_spec in = tcp(PEER, 50000, POD, 80, RF_TCP_ACK);
	const struct packet_spec out = tcp(POD, 80, PEER, 50000, RF_TCP_ACK);
	const struct packet_spec v6 = tcp("fd00::9", 50000, "fd00::2", 80, RF_TCP_ACK);

	all[EMPTY] = (struct measurement){
		"empty program", bpf_program__fd(baseline->progs.empty), in, {}};
	all[FLOOR] = (struct measurement){"floor: parse, one lookup, count",
					  bpf_program__fd(baseline->progs.floor_to_pod),
					  in,
					  {}};
	all[ESTABLISHED_TO_POD] = (struct measurement){
		"established TCP to the pod", programs->objects.programs[RF_INGRESS], in, {}};
	all[ESTABLISHED_FROM_POD] = (struct measurement){
		"established TCP from the pod", programs->objects.programs[RF_EGRESS], out, {}};
	all[ESTABLISHED_V6] = (struct measurement){
		"established TCP to the pod, IPv6", programs->objects.programs[RF_INGRESS], v6, {}};
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < SUBJECTS; i++)
			all[i].ns[round] = run(&all[i]);

	floor_ns = median(&all[FLOOR]);
	printf("%-36s %8s %8s %8s %8s\n", "packet", "ns", "min", "max", "x floor");
	for (int i = 0; i < SUBJECTS; i++)
		printf("%-36s %8u %8u %8u %8.2f\n", all[i].name, median(&all[i]), all[i].ns[0],
		       all[i].ns[ROUNDS - 1], (double)median(&all[i]) / floor_ns);
	floor__destroy(baseline);
	programs_free(programs);
	return EXIT_SUCCESS;
}
