/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments of a flow's packets, and what the programs remember of them. */
#ifndef RINGFENCE_TEST_LIB_FRAGMENT_H
#define RINGFENCE_TEST_LIB_FRAGMENT_H

#include "test/lib/flow.h"

/* Of the packet that is fragmented: another for each protocol. */
#define FRAGMENT_ID(protocol) (0x1200u + (protocol))

#define FRAGMENT_SIZE 64 /* bytes of the fragmented part that each but the last carries */

/* The part of a flow's packet that begins at @offset; TCP's flags are those of an ACK. */
struct packet_spec fragment_packet(const struct flow *flow, enum rf_direction direction,
				   uint16_t offset, bool more);

/* Let what is remembered of the packet look as if its first fragment had come @ticks earlier.
 * Aborts if there is nothing. */
void fragment_age(const struct programs *programs, const struct flow *flow,
		  enum rf_direction direction, uint64_t ticks);

/* How many packets are remembered. */
size_t fragment_count(const struct programs *programs);

#endif
