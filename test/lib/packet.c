/* SPDX-License-Identifier: Apache-2.0 */
#include "test/lib/packet_parts.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VLAN_TAG_SIZE 4
#define AH_SIZE       24 /* with an integrity value of 12 bytes */

static bool is_fragment(const struct packet_spec *spec)
{
	return spec->fragment_offset || spec->more_fragments;
}

/* The extension headers of an IPv6 packet, with the fragment header that @spec may imply. */
static uint8_t list_extensions(const struct packet_spec *spec, uint8_t list[9])
{
	uint8_t count = spec->extension_count < 8 ? spec->extension_count : 8;

	memcpy(list, spec->extensions, count);
	if (is_fragment(spec) && !memchr(list, IPPROTO_FRAGMENT, count))
		list[count++] = IPPROTO_FRAGMENT;
	return count;
}

static size_t ip_size(const struct packet_spec *spec)
{
	size_t size = sizeof(struct ip6_hdr);
	uint8_t list[9], count;

	if (packet_is_v4(spec))
		return sizeof(struct ip) + (size_t)4 * spec->option_words;
	count = list_extensions(spec, list);
	for (uint8_t i = 0; i < count; i++)
		size += list[i] == IPPROTO_AH ? AH_SIZE : 8;
	return size;
}

static void write_ethernet(const struct packet_spec *spec, uint8_t *out)
{
	static const uint8_t destination[] = {2, 0, 0, 0, 0, 2}, source[] = {2, 0, 0, 0, 0, 1};
	uint16_t type = htons(spec->ether_type     ? spec->ether_type
			      : packet_is_v4(spec) ? ETHERTYPE_IP
						   : ETHERTYPE_IPV6);

	memcpy(out, destination, 6);
	if (spec->to_group)
		out[0] |= 1;
	memcpy(out + 6, source, 6);
	for (uint16_t i = 0; i < PACKET_TAGS_MAX && spec->tags[i]; i++) {
		uint16_t tag[] = {htons(spec->tags[i]), htons(100 + i)};

		memcpy(out + 12, tag, sizeof(tag));
		out += VLAN_TAG_SIZE;
	}
	memcpy(out + 12, &type, 2);
}

static void write_v4(const struct packet_spec *spec, uint8_t *out, size_t total)
{
	size_t size = ip_size(spec);
	struct ip ip = {
		.ip_v = 4,
		.ip_hl = size / 4,
		.ip_len = htons((uint16_t)total),
		.ip_id = htons((uint16_t)spec->fragment_id),
		.ip_off = htons(spec->fragment_offset / 8 | (spec->more_fragments ? IP_MF : 0)),
		.ip_ttl = spec->hop_limit ? spec->hop_limit : 64,
		.ip_p = spec->protocol,
	};

	memcpy(&ip.ip_src, spec->source.s6_addr + 12, 4);
	memcpy(&ip.ip_dst, spec->destination.s6_addr + 12, 4);
	memset(out + sizeof(ip), IPOPT_NOP, size - sizeof(ip));
	memcpy(out, &ip, sizeof(ip));
	ip.ip_sum = packet_checksum(packet_sum(out, size, 0));
	memcpy(out, &ip, sizeof(ip));
}

static size_t write_extension(const struct packet_spec *spec, uint8_t *out, uint8_t type,
			      uint8_t next)
{
	uint16_t offset = htons(spec->fragment_offset | (spec->more_fragments ? 1 : 0));
	uint32_t id = htonl(spec->fragment_id);

	if (type == IPPROTO_AH) {
		memset(out, 0, AH_SIZE);
		out[0] = next;
		out[1] = AH_SIZE / 4 - 2;
		return AH_SIZE;
	}
	memset(out, 0, 8);
	out[0] = next;
	if (type == IPPROTO_FRAGMENT) {
		memcpy(out + 2, &offset, 2);
		memcpy(out + 4, &id, 4);
	} else if (type != IPPROTO_ROUTING) {
		/* One PadN option of 6 bytes. */
		out[2] = 1;
		out[3] = 4;
	}
	return 8;
}

static void write_v6(const struct packet_spec *spec, uint8_t *out, size_t total)
{
	uint8_t list[9], count = list_extensions(spec, list);
	struct ip6_hdr ip = {
		.ip6_flow = htonl(6u << 28),
		.ip6_plen = htons((uint16_t)(total - sizeof(ip))),
		.ip6_nxt = count ? list[0] : spec->protocol,
		.ip6_hlim = spec->hop_limit ? spec->hop_limit : 64,
		.ip6_src = spec->source,
		.ip6_dst = spec->destination,
	};

	memcpy(out, &ip, sizeof(ip));
	out += sizeof(ip);
	for (uint8_t i = 0; i < count; i++)
		out += write_extension(spec, out, list[i],
				       i + 1 < count ? list[i + 1] : spec->protocol);
}

static void write_payload(const struct packet_spec *spec, uint8_t *out)
{
	if (spec->payload) {
		memcpy(out, spec->payload, spec->payload_size);
		return;
	}
	for (size_t i = 0; i < spec->payload_size; i++)
		out[i] = (uint8_t)('a' + i % 26);
}

size_t packet_build_inner(const struct packet_spec *spec, uint8_t *buffer, size_t size,
			  size_t length)
{
	size_t ip = ip_size(spec), transport = packet_transport_size(spec);
	size_t total = ip + transport + spec->payload_size;

	if (total > size || total > 0xffff)
		return 0;
	write_payload(spec, buffer + ip + transport);
	packet_write_transport(spec, buffer + ip, transport + spec->payload_size);
	if (packet_is_v4(spec))
		write_v4(spec, buffer, total);
	else
		write_v6(spec, buffer, total);
	return length && length < total ? length : total;
}

static size_t ethernet_size(const struct packet_spec *spec)
{
	size_t size = ETHER_HDR_LEN;

	for (size_t i = 0; i < PACKET_TAGS_MAX && spec->tags[i]; i++)
		size += VLAN_TAG_SIZE;
	return size;
}

size_t packet_build(const struct packet_spec *spec, uint8_t *buffer, size_t size)
{
	size_t ethernet = ethernet_size(spec), rest = spec->payload_size;

	if (ethernet + rest > size)
		return 0;
	write_ethernet(spec, buffer);
	if (spec->ether_type) {
		write_payload(spec, buffer + ethernet);
		return ethernet + rest;
	}
	rest = packet_build_inner(spec, buffer + ethernet, size - ethernet, 0);
	return rest ? ethernet + rest : 0;
}

size_t packet_transport_offset(const struct packet_spec *spec)
{
	return ethernet_size(spec) + ip_size(spec);
}

struct in6_addr packet_address(const char *text)
{
	struct in6_addr address = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

	if (inet_pton(AF_INET, text, address.s6_addr + 12) == 1)
		return address;
	if (inet_pton(AF_INET6, text, &address) == 1)
		return address;
	fprintf(stderr, "packet_address: \"%s\" is no address\n", text);
	abort();
}
