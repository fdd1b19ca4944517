/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/utf8.h"

#include <stdbool.h>

static bool is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* The first byte alone decides the length; what may follow it is narrower for four of them. */
static size_t announced_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

static bool is_second_allowed(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0: /* below: overlong */
		return second >= 0xa0;
	case 0xed: /* above: surrogates */
		return second <= 0x9f;
	case 0xf0: /* below: overlong */
		return second >= 0x90;
	case 0xf4: /* above: beyond U+10FFFF */
		return second <= 0x8f;
	default:
		return true;
	}
}

size_t rf_utf8_sequence(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t announced = length ? announced_length(bytes[0]) : 0;

	if (announced > length)
		return 0;
	for (size_t i = 1; i < announced; i++) {
		if (!is_continuation(bytes[i]))
			return 0;
	}
	if (announced > 1 && !is_second_allowed(bytes[0], bytes[1]))
		return 0;
	return announced;
}
