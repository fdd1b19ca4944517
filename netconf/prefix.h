/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses and prefixes. IPv4 is carried as a mapped IPv6 address (RFC 4291, 2.5.5.2), so there is
 * one type for both families; an IPv4 /24 has length 120.
 */
#ifndef RINGFENCE_NETCONF_PREFIX_H
#define RINGFENCE_NETCONF_PREFIX_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* Length of ::ffff:0:0/96, under which all of IPv4 lies. */
#define RF_V4_PREFIX_LENGTH 96

struct rf_prefix {
	struct in6_addr address; /* network byte order; bits beyond length are 0 */
	uint8_t length;          /* 0 to 128; 96 to 128 for IPv4 */
	bool is_v4;
};

/* Enough for any text that rf_prefix_format() writes, with its NUL. */
#define RF_PREFIX_TEXT 50

/*
 * Read "10.0.0.0/8", "10.1.2.3", "fd00::/8" or "::1". An address without length is that address
 * alone. Refused: host bits that are set, lengths out of range or with leading zeros or signs,
 * IPv4-mapped IPv6 text, zone ids, white space. On failure returns -EINVAL, leaves @out untouched
 * and sets @why (never NULL) to a static phrase that says what is allowed.
 */
int rf_prefix_parse(const char *text, struct rf_prefix *out, const char **why);

/* As rf_prefix_parse(), but host bits are cleared: what a refused text was probably meant to be. */
int rf_prefix_parse_masked(const char *text, struct rf_prefix *out, const char **why);

/*
 * As rf_prefix_parse(), for "ips[].address" of a CNI result: the length is required, host bits
 * are expected, and @out is the address alone (length 128), since only that is the pod's.
 */
int rf_interface_address_parse(const char *text, struct rf_prefix *out, const char **why);

/* True if every address of @inner is in @outer; families never contain each other. */
bool rf_prefix_contains(const struct rf_prefix *outer, const struct rf_prefix *inner);

/* Order of sorting: IPv4 first, then by address; of the same address, the larger prefix first. */
int rf_prefix_compare(const struct rf_prefix *a, const struct rf_prefix *b);

/* Write the usual text ("10.0.0.0/8", "fd00::1"; no length for a single address). Returns @text. */
char *rf_prefix_format(const struct rf_prefix *prefix, char text[RF_PREFIX_TEXT]);

#endif
