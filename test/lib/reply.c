// SPDX-License-Identifier: Apache-2.0
#include "test/lib/reply.h"
#include "test/lib/packet_parts.h"

#include "bpf/ringfence.skel.h"

#include <linux/pkt_cls.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define TAG_SIZE 4

/* All of it is asserted at the line of the test. */
#define HOLDS(condition) _assert_true((condition), #condition, file, line)

/* How many bytes stand before the IP header; @type is what follows them. */
static size_t ethernet_size(const uint8_t *bytes, uint16_t *type)
{
	size_t size = ETHER_HDR_LEN;

	memcpy(type, bytes + size - 2, 2);
	while (*type == htons(ETHERTYPE_VLAN)) {
		size += TAG_SIZE;
		memcpy(type, bytes + size - 2, 2);
	}
	return size;
}

static bool sums_to_nothing(const uint8_t *bytes, size_t size, uint64_t sum)
{
	return !packet_checksum(packet_sum(bytes, size, sum));
}

static struct reply check_v4(const uint8_t *out, size_t length, const uint8_t *in, const char *file,
			     int line)
{
	struct ip ip, asked;

	memcpy(&ip, out, sizeof(ip));
	memcpy(&asked, in, sizeof(asked));
	HOLDS(length > sizeof(ip));
	HOLDS(ip.ip_v == 4 && ip.ip_hl == 5 && ip.ip_ttl == 64 && !ip.ip_tos && !ip.ip_id);
	HOLDS(ip.ip_off == htons(IP_DF));
	HOLDS(ntohs(ip.ip_len) == length);
	HOLDS(ip.ip_src.s_addr == asked.ip_dst.s_addr && ip.ip_dst.s_addr == asked.ip_src.s_addr);
	HOLDS(sums_to_nothing(out, sizeof(ip), 0));
	return (struct reply){ip.ip_p, out + sizeof(ip), length - sizeof(ip)};
}

static struct reply check_v6(const uint8_t *out, size_t length, const uint8_t *in, const char *file,
			     int line)
{
	struct ip6_hdr ip, asked;

	memcpy(&ip, out, sizeof(ip));
	memcpy(&asked, in, sizeof(asked));
	HOLDS(length > sizeof(ip));
	HOLDS(ip.ip6_flow == htonl(6u << 28) && ip.ip6_hlim == 64);
	HOLDS(ntohs(ip.ip6_plen) == length - sizeof(ip));
	HOLDS(!memcmp(&ip.ip6_src, &asked.ip6_dst, 16) && !memcmp(&ip.ip6_dst, &asked.ip6_src, 16));
	return (struct reply){ip.ip6_nxt, out + sizeof(ip), length - sizeof(ip)};
}

static void check_checksum(const struct reply *reply, const uint8_t *addresses, size_t size,
			   const char *file, int line)
{
	uint64_t pseudo = packet_sum(addresses, size, reply->protocol + reply->size);

	HOLDS(sums_to_nothing(reply->transport, reply->size,
			      reply->protocol == IPPROTO_ICMP ? 0 : pseudo));
}

struct reply reply_check(const struct programs *programs, enum rf_direction direction,
			 const uint8_t *bytes, const char *file, int line)
{
	const struct programs_output *output = &programs->output;
	const uint8_t *out = output->bytes;
	struct reply reply;
	uint16_t type;
	size_t network = ethernet_size(bytes, &type);

	HOLDS(output->answer == TC_ACT_REDIRECT);
	/* Only what comes back to our own program must be known there. */
	HOLDS(output->mark ==
	      (direction == RF_INGRESS ? programs->skeleton->rodata->reply_mark : 0));
	HOLDS(output->length > network + 20);
	HOLDS(!memcmp(out, bytes + 6, 6) && !memcmp(out + 6, bytes, 6));
	HOLDS(!memcmp(out + 12, bytes + 12, network - 12));
	if (type == htons(ETHERTYPE_IP)) {
		reply = check_v4(out + network, output->length - network, bytes + network, file,
				 line);
		check_checksum(&reply, out + network + 12, 8, file, line);
	} else {
		reply = check_v6(out + network, output->length - network, bytes + network, file,
				 line);
		check_checksum(&reply, out + network + 8, 32, file, line);
	}
	return reply;
}

struct reply reply_of(struct programs *programs, enum rf_direction direction,
		      const struct packet_spec *packet, const char *file, int line)
{
	uint8_t bytes[PACKET_MAX];

	packet_build(packet, bytes, sizeof(bytes));
	verdict_of_packet(programs, direction, packet,
			  VERDICT(RULE_REJECT, .rule = REJECT_RULE(direction)), file, line);
	return reply_check(programs, direction, bytes, file, line);
}

void reply_is_none(struct programs *programs, enum rf_direction direction,
		   const struct packet_spec *packet, const char *file, int line)
{
	verdict_of_packet(programs, direction, packet,
			  VERDICT(RULE_REJECT, .rule = REJECT_RULE(direction)), file, line);
	HOLDS(programs->output.answer == TC_ACT_SHOT);
}
