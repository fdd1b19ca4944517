// SPDX-License-Identifier: Apache-2.0
#include "ctl/output/flow_end.h"
#include "ctl/output/table.h"
#include "ctl/output/text.h"

#include <arpa/inet.h>

bool flow_has_port(const struct rf_flow_key *flow, enum rf_direction direction)
{
	return text_has_ports(flow->protocol) || flow->echo == 1 + direction;
}

void flow_add_end(cJSON *row, const char *key, const struct rf_address *address, uint16_t port_be,
		  bool has_port)
{
	cJSON *end = cJSON_AddObjectToObject(row, key);
	char text[TEXT_ENDPOINT];

	/* As of a protocol without ports. */
	cJSON_AddStringToObject(end, "address", text_endpoint(address, 0, 0, text));
	row_add_number_if(end, "port", ntohs(port_be), has_port);
}
