/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A veth pair in a network namespace of its own, with the programs at the host side: for what a
 * test run of the kernel does not build, such as packets whose headers are not in the linear part.
 */
#ifndef RINGFENCE_TEST_LIB_WIRE_H
#define RINGFENCE_TEST_LIB_WIRE_H

#include "test/lib/programs.h"

#define WIRE_MAX 70000

struct wire {
	struct programs *programs;
	int sockets[RF_DIRECTIONS]; /* by the direction of what is sent through it */
};

/* How the kernel shall hold a packet that is sent. */
struct wire_form {
	size_t linear;         /* bytes, from 14 on, if the packet is longer than a page; 0: all */
	uint16_t segment_size; /* not 0: a super-packet of TCP or UDP */
	size_t more;           /* bytes behind it, of which no length in it tells: beyond 64 KiB */
};

/* Move the thread to a new network namespace and pod 1 behind the veth there. Aborts on failure. */
void wire_open(struct wire *wire, struct programs *programs);
void wire_close(struct wire *wire);

/* Send @bytes, which are the packet @spec, and wait until they are counted under some reason;
 * returns which one, and how much more was counted under it. Aborts if nothing is counted. */
enum rf_reason wire_send(const struct wire *wire, enum rf_direction direction,
			 const struct packet_spec *spec, const struct wire_form *form,
			 struct rf_count *counted);

#endif
