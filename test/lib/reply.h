/* SPDX-License-Identifier: Apache-2.0 */
/* What a rejected packet came back as, checked as any receiver would. */
#ifndef RINGFENCE_TEST_LIB_REPLY_H
#define RINGFENCE_TEST_LIB_REPLY_H

#include "test/lib/verdict.h"

/* A policy, and its rule for what is opened in direction @opener. */
#define REJECT_ALL                                                                                 \
	"{\"ingress\": {\"rules\": [{\"id\": 1, \"action\": \"reject\"}]},"                        \
	" \"egress\": {\"rules\": [{\"id\": 2, \"action\": \"reject\"}]}}"
#define REJECT_RULE(opener) (1 + (uint32_t)(opener))

struct reply {
	uint8_t protocol;
	const uint8_t *transport;
	size_t size; /* of the transport header and what follows it */
};

/*
 * The last packet that went through the program of @direction, which was @bytes, must have gone
 * back: with its Ethernet header turned round, its tags kept, and new, right headers of IP and of
 * the transport between the same two addresses.
 */
struct reply reply_check(const struct programs *programs, enum rf_direction direction,
			 const uint8_t *bytes, const char *file, int line);

/* @packet, which opens a flow, must be rejected under REJECT_ALL, and replied to. */
struct reply reply_of(struct programs *programs, enum rf_direction direction,
		      const struct packet_spec *packet, const char *file, int line);
#define reply_of_packet(programs, direction, packet)                                               \
	reply_of((programs), (direction), (packet), __FILE__, __LINE__)

/* It must be rejected without a reply. */
void reply_is_none(struct programs *programs, enum rf_direction direction,
		   const struct packet_spec *packet, const char *file, int line);
#define assert_no_reply(programs, direction, packet)                                               \
	reply_is_none((programs), (direction), (packet), __FILE__, __LINE__)

#endif
