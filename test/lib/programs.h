/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs, loaded for one test alone: nothing is pinned or attached. Packets go through them
 * by BPF_PROG_TEST_RUN, as if the loopback interface were the host side of a pod's veth.
 */
#ifndef RINGFENCE_TEST_LIB_PROGRAMS_H
#define RINGFENCE_TEST_LIB_PROGRAMS_H

#include "dataplane/objects.h"
#include "test/lib/packet.h"

struct rf_compiled;
struct rf_policy_image;
struct ring_buffer;
struct ringfence;

#define PROGRAMS_IFINDEX   1 /* loopback: it is in every network namespace */
#define PROGRAMS_ELSEWHERE 2 /* an interface that no packet comes through */
#define PROGRAMS_FORWARDED 2 /* ingress_ifindex of a packet that is not the node's own */
#define PROGRAMS_NODE      0 /* of one that is */

#define PROGRAMS_OUTPUT_MAX (1 << 17)

/* What a program made of a packet. */
struct programs_output {
	int answer; /* TC_ACT_UNSPEC, TC_ACT_SHOT or TC_ACT_REDIRECT */
	uint32_t mark;
	uint32_t priority;
	size_t length;
	uint8_t bytes[PROGRAMS_OUTPUT_MAX];
};

struct programs {
	struct ringfence *skeleton;
	struct rf_objects objects; /* the same maps and programs, as the dataplane takes them */
	struct ring_buffer *denies, *flows;
	struct rf_event event; /* the last one of `denies` */
	unsigned int events;
	struct rf_event flow_event; /* the last one of `flows` */
	unsigned int flow_events;
	uint32_t segment_size; /* of the packets from now on; not 0: they are super-packets */
	uint32_t mark;         /* of the packets from now on */
	uint32_t segments;     /* of those; 0: the kernel has not counted them */
	bool looks_for_traces; /* of each packet that is explained */
	struct programs_output output; /* of the last packet */
};

/* Load with @sizes (zero: the defaults); the thread has few CPUs from now on (few_cpus.h). Aborts
 * the test on failure, as all of these do. */
struct programs *programs_load(const struct rf_map_sizes *sizes);
void programs_free(struct programs *programs);

/* Enter pod @id with its @addresses (ended by NULL) behind the loopback interface, under @policy (a
 * document). */
void programs_add_pod(struct programs *programs, uint32_t id, const char *const *addresses,
		      uint32_t flags, const char *policy);

/* All settings; before, they are programs_settings(). */
void programs_set_settings(struct programs *programs, const struct rf_settings *settings);

/* The defaults, but that no rate is limited. */
struct rf_settings programs_settings(void);

/* Of @rates only the rates of events and rejects. */
void programs_set_rates(struct programs *programs, const struct rf_settings *rates);

/* Enter a pinhole of pod @id, for the flow @key as @opener opens it, until @expires (ns of
 * CLOCK_MONOTONIC; 0: never). Live flows are not judged again. */
void programs_set_pinhole(struct programs *programs, uint32_t id, const struct rf_flow_key *key,
			  enum rf_direction opener, enum rf_verdict verdict, uint32_t rule,
			  uint64_t expires);

/* Let pod @id be behind the interface @ifindex from now on. */
void programs_move_pod(struct programs *programs, uint32_t id, uint32_t ifindex);

/* Let pod @id be judged under @policy from now on. Returns its policy id. */
uint32_t programs_set_policy(struct programs *programs, uint32_t id, const char *policy);

/* The same for a policy that is compiled; its *@image is the caller's (rf_policy_image_free()). */
void programs_set_compiled(struct programs *programs, uint32_t id,
			   const struct rf_compiled *compiled, struct rf_policy_image *image);

/* An image of it under new ids, of which nothing is written. The same. */
void programs_make_image(struct programs *programs, const struct rf_compiled *compiled,
			 struct rf_policy_image *image);

/*
 * Put @packet through the program of @direction. Returns true if it may pass: what goes back where
 * it came from does not. Reads the events.
 */
bool programs_pass(struct programs *programs, enum rf_direction direction,
		   const struct packet_spec *packet, uint32_t ingress_ifindex);

/* The same for raw bytes. */
bool programs_pass_bytes(struct programs *programs, enum rf_direction direction, const void *bytes,
			 size_t length, uint32_t ingress_ifindex);

/* What rf_explain says of the packet. Aborts if it leaves a trace, where @looks_for_traces. */
struct rf_explanation programs_explain(struct programs *programs, enum rf_direction direction,
				       const void *bytes, size_t length, uint32_t ingress_ifindex);

/* Packets of pod @id that were counted under @reason so far. */
uint64_t programs_count(const struct programs *programs, uint32_t id, enum rf_direction direction,
			enum rf_reason reason);

/* The session of the flow in `sessions` or `half_open`; false if it is not there. */
bool programs_session(const struct programs *programs, enum rf_map map,
		      const struct rf_flow_key *key, struct rf_session *session);

/* The key of a flow with ports between pod and peer, both given as text. */
struct rf_flow_key programs_key(const char *pod, uint16_t pod_port, const char *peer,
				uint16_t peer_port, uint8_t protocol);

#endif
