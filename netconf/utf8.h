/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RINGFENCE_NETCONF_UTF8_H
#define RINGFENCE_NETCONF_UTF8_H

#include <stddef.h>

/*
 * The bytes that the character at @text takes, of at most @length: 1 to 4. 0 if there is none, or
 * it is no well-formed UTF-8 (RFC 3629: overlong forms, surrogates and what is above U+10FFFF are
 * none).
 */
size_t rf_utf8_sequence(const char *text, size_t length);

#endif
