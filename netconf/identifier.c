/* SPDX-License-Identifier: Apache-2.0 */
#include "netconf/identifier.h"

#include <net/if.h>
#include <string.h>

/* Spelled out: isalnum() and isspace() would depend on the locale. */
#define LETTERS_AND_DIGITS                                                                         \
	"abcdefghijklmnopqrstuvwxyz"                                                               \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"                                                               \
	"0123456789"

bool rf_is_identifier(const char *text)
{
	return strspn(text, LETTERS_AND_DIGITS) > 0 &&
	       text[strspn(text, LETTERS_AND_DIGITS "_.-")] == '\0';
}

bool rf_is_interface_name(const char *text)
{
	size_t length = strlen(text);

	if (length == 0 || length >= IFNAMSIZ)
		return false;
	if (!strcmp(text, ".") || !strcmp(text, ".."))
		return false;
	return strcspn(text, "/: \t\n\v\f\r") == length;
}
