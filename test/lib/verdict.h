/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the programs must make of a packet, asserted whole: the verdict, that the packet and its
 * bytes are counted once under the reason and nothing else is, and its event or that there is none.
 */
#ifndef RINGFENCE_TEST_LIB_VERDICT_H
#define RINGFENCE_TEST_LIB_VERDICT_H

#include "test/lib/programs.h"

/* Zero is the usual value of every field but the reason. */
struct verdict {
	enum rf_reason reason;
	uint32_t rule; /* of an event */
	bool is_reply; /* of an event: the flow was opened by who receives this packet */
	bool logged; /* there is an event as the rule asks for it: of what is allowed, in `flows` */
	bool audited;      /* the reason denies, the packet passes */
	bool from_node;    /* the packet is the node's own, not forwarded */
	uint32_t pod;      /* that is counted; 0: pod 1 */
	bool unknown_pod;  /* none is */
	uint32_t segments; /* on the wire; 0: 1 */
	uint32_t headers;  /* bytes of each segment that are not payload */
};

void verdict_of_bytes(struct programs *programs, enum rf_direction direction, const void *bytes,
		      size_t length, const struct verdict *expected, const char *file, int line);

/* As before, and an event must describe the flow of @packet. */
void verdict_of_packet(struct programs *programs, enum rf_direction direction,
		       const struct packet_spec *packet, const struct verdict *expected,
		       const char *file, int line);

/* @why is a name of RF_REASONS; further arguments are fields of struct verdict. */
#define VERDICT(why, ...) (&(const struct verdict){.reason = RF_REASON_##why, __VA_ARGS__})
#define assert_verdict(programs, direction, packet, why, ...)                                      \
	verdict_of_packet((programs), (direction), (packet), VERDICT(why, __VA_ARGS__), __FILE__,  \
			  __LINE__)
#define assert_verdict_of_bytes(programs, direction, bytes, length, why, ...)                      \
	verdict_of_bytes((programs), (direction), (bytes), (length), VERDICT(why, __VA_ARGS__),    \
			 __FILE__, __LINE__)

#endif
