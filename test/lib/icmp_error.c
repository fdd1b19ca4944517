/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/icmp_error.h"

void icmp_error_about(struct icmp_error *error, const struct packet_spec *cause, const char *sender,
		      uint8_t type, size_t inner_length)
{
	struct in6_addr source = packet_address(sender);

	error->packet = (struct packet_spec){
		.source = source,
		.destination = cause->source,
		.protocol = IN6_IS_ADDR_V4MAPPED(&source) ? IPPROTO_ICMP : IPPROTO_ICMPV6,
		.icmp_type = type,
		.payload = error->inner,
		.payload_size =
			packet_build_inner(cause, error->inner, sizeof(error->inner), inner_length),
	};
}
