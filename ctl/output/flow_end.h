/* SPDX-License-Identifier: Apache-2.0 */
/* The two ends of a flow, as sessions, events and pinholes have them in JSON. */
#ifndef RINGFENCE_CTL_OUTPUT_FLOW_END_H
#define RINGFENCE_CTL_OUTPUT_FLOW_END_H

#include "bpf/abi.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Whether the end of @flow that opens it in @direction (RF_EGRESS: the pod's, RF_INGRESS: the
 * peer's) has a port. Of an echo only the end that pings has what stands for one, the identifier.
 */
bool flow_has_port(const struct rf_flow_key *flow, enum rf_direction direction);

/* Add @key, an object with `address` and `port`, which is null unless @has_port. */
void flow_add_end(cJSON *row, const char *key, const struct rf_address *address, uint16_t port_be,
		  bool has_port);

#endif
