/* SPDX-License-Identifier: Apache-2.0 */
/* The exact flow of a pinhole, from the words that an operator writes to the keys of the map. */
#ifndef RINGFENCE_DATAPLANE_PINHOLE_FLOW_H
#define RINGFENCE_DATAPLANE_PINHOLE_FLOW_H

#include "bpf/abi.h"
#include "netconf/error.h"

#include <netinet/in.h>
#include <stdbool.h>

struct rf_pinhole_flow {
	bool opened_by[RF_DIRECTIONS]; /* by enum rf_direction; both: whoever opens it */
	struct in6_addr peer;
	uint16_t peer_port; /* host byte order; the peer's identifier, if it pings */
	uint16_t pod_port;  /* the same of the pod; 0 where there is none */
	uint8_t protocol;
	bool is_v4;
};

/*
 * Read @direction ("in", "out" or "both": who opens the flow, seen from the pod), @protocol (a name
 * or a number), @peer ("10.0.0.9:80", "[fd00::9]:80", or the address alone) and @pod_port (may be
 * NULL). TCP, UDP and SCTP need both ports. Of ICMP there are echoes only, of one direction: the
 * identifier stands in the place of the port of who pings. Other protocols have no ports. CONFIG,
 * with what is allowed, if anything is wrong; then @out is not touched.
 */
int rf_pinhole_flow_parse(const char *direction, const char *protocol, const char *peer,
			  const char *pod_port, struct rf_pinhole_flow *out,
			  struct rf_error *error);

/* The key of the flow, as @opener opens it, of a pod's @address. */
struct rf_pinhole_key rf_pinhole_flow_key(const struct rf_pinhole_flow *flow,
					  const struct in6_addr *address, enum rf_direction opener);

#endif
