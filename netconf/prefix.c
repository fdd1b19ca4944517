/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped_start[12] = {[10] = 0xff, [11] = 0xff};

static const char not_an_address[] = "is no address or prefix (allowed are such as 10.0.0.0/8, "
				     "10.1.2.3, fd00::/8 or ::1)";

static int refuse(const char **why, const char *phrase)
{
	*why = phrase;
	return -EINVAL;
}

/* The address part of @text, up to the slash if there is one. */
static int parse_address(const char *text, size_t length, struct rf_prefix *out, const char **why)
{
	char address[INET6_ADDRSTRLEN];

	if (memchr(text, '%', length))
		return refuse(why, "has a zone (allowed are addresses without %zone)");
	if (length >= sizeof(address))
		return refuse(why, not_an_address);
	memcpy(address, text, length);
	address[length] = '\0';

	if (inet_pton(AF_INET, address, &out->address.s6_addr[12]) == 1) {
		memcpy(out->address.s6_addr, mapped_start, sizeof(mapped_start));
		out->is_v4 = true;
		return 0;
	}
	out->is_v4 = false;
	if (inet_pton(AF_INET6, address, &out->address) != 1)
		return refuse(why, not_an_address);
	if (!memcmp(out->address.s6_addr, mapped_start, sizeof(mapped_start)))
		return refuse(why, "is an IPv4-mapped IPv6 address (write it as IPv4)");
	return 0;
}

/* Decimal digits, and nothing else that strtoul() would take. */
static int parse_length(const char *text, bool is_v4, uint8_t *out, const char **why)
{
	unsigned int max = is_v4 ? 32 : 128;
	unsigned int value = 0;
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || text[digits] != '\0' || (digits > 1 && text[0] == '0'))
		return refuse(why, "has a malformed length (allowed are decimal digits without "
				   "leading zero)");
	for (size_t i = 0; i < digits && value <= max; i++)
		value = value * 10 + (unsigned int)(text[i] - '0');
	if (value > max)
		return refuse(why, is_v4 ? "has a length out of range (allowed is 0 to 32)"
					 : "has a length out of range (allowed is 0 to 128)");
	*out = (uint8_t)(is_v4 ? RF_V4_PREFIX_LENGTH + value : value);
	return 0;
}

/* Host bits are left as they are. */
static int parse(const char *text, bool is_length_required, struct rf_prefix *out, const char **why)
{
	const char *slash = strchr(text, '/');
	size_t address_length = slash ? (size_t)(slash - text) : strlen(text);

	if (parse_address(text, address_length, out, why) < 0)
		return -EINVAL;
	out->length = 128;
	if (slash)
		return parse_length(slash + 1, out->is_v4, &out->length, why);
	if (is_length_required)
		return refuse(why, "has no prefix length (required is such as 10.1.2.3/24)");
	return 0;
}

/* The bits of byte @index of an address that belong to a prefix of @length. */
static uint8_t byte_mask(uint8_t length, unsigned int index)
{
	unsigned int bits = length > index * 8 ? length - index * 8 : 0;

	return bits >= 8 ? 0xff : (uint8_t)(0xff00 >> bits);
}

static void clear_host_bits(struct rf_prefix *prefix)
{
	for (unsigned int i = 0; i < 16; i++)
		prefix->address.s6_addr[i] &= byte_mask(prefix->length, i);
}

int rf_prefix_parse_masked(const char *text, struct rf_prefix *out, const char **why)
{
	struct rf_prefix prefix = {0};

	if (parse(text, false, &prefix, why) < 0)
		return -EINVAL;
	clear_host_bits(&prefix);
	*out = prefix;
	return 0;
}

int rf_prefix_parse(const char *text, struct rf_prefix *out, const char **why)
{
	struct rf_prefix written = {0};
	struct rf_prefix prefix;

	if (parse(text, false, &written, why) < 0)
		return -EINVAL;
	prefix = written;
	clear_host_bits(&prefix);
	if (memcmp(&prefix.address, &written.address, sizeof(prefix.address)) != 0)
		return refuse(why, "has host bits set (allowed is 0 beyond the prefix length)");
	*out = prefix;
	return 0;
}

int rf_interface_address_parse(const char *text, struct rf_prefix *out, const char **why)
{
	struct rf_prefix prefix = {0};

	if (parse(text, true, &prefix, why) < 0)
		return -EINVAL;
	prefix.length = 128;
	*out = prefix;
	return 0;
}

bool rf_prefix_contains(const struct rf_prefix *outer, const struct rf_prefix *inner)
{
	if (outer->is_v4 != inner->is_v4 || outer->length > inner->length)
		return false;
	for (unsigned int i = 0; i < 16; i++) {
		if ((outer->address.s6_addr[i] ^ inner->address.s6_addr[i]) &
		    byte_mask(outer->length, i))
			return false;
	}
	return true;
}

int rf_prefix_compare(const struct rf_prefix *a, const struct rf_prefix *b)
{
	int order = (int)b->is_v4 - (int)a->is_v4;

	if (!order)
		order = memcmp(&a->address, &b->address, sizeof(a->address));
	if (!order)
		order = (int)a->length - (int)b->length;
	return order;
}

/* Add the digits of @number, up to 255; returns where they end. Large policies have many. */
static char *add_number(char *text, unsigned int number)
{
	if (number >= 100)
		*text++ = (char)('0' + number / 100);
	if (number >= 10)
		*text++ = (char)('0' + number / 10 % 10);
	*text++ = (char)('0' + number % 10);
	return text;
}

static char *add_v4_address(char *text, const uint8_t bytes[4])
{
	for (int i = 0; i < 4; i++) {
		if (i)
			*text++ = '.';
		text = add_number(text, bytes[i]);
	}
	return text;
}

char *rf_prefix_format(const struct rf_prefix *prefix, char text[RF_PREFIX_TEXT])
{
	char *end;

	if (prefix->is_v4) {
		end = add_v4_address(text, &prefix->address.s6_addr[12]);
	} else {
		/* Cannot fail: the text is large enough. */
		inet_ntop(AF_INET6, &prefix->address, text, RF_PREFIX_TEXT);
		end = text + strlen(text);
	}
	if (prefix->length < 128) {
		*end++ = '/';
		end = add_number(end, prefix->length - (prefix->is_v4 ? RF_V4_PREFIX_LENGTH : 0U));
	}
	*end = '\0';
	return text;
}
