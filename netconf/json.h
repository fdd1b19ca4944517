/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict JSON over cJSON. cJSON takes trailing text, the first of duplicate keys, \u0000, raw
 * control characters, numbers such as 01 and bytes that are no UTF-8; a firewall that reads its
 * policy so would enforce something else than what was written. All that is refused here.
 */
#ifndef RINGFENCE_NETCONF_JSON_H
#define RINGFENCE_NETCONF_JSON_H

#include "netconf/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Parse @length bytes (NUL at the end not needed) as one JSON value and nothing behind it (RFC
 * 8259). The caller owns *@out (cJSON_Delete()). Every failure is DECODE, with line and column
 * where known.
 */
int rf_json_parse(const char *text, size_t length, cJSON **out, struct rf_error *error);

/*
 * Find the text of the value of @key in the object @text, which rf_json_parse() has accepted.
 * Returns its first byte and sets @value_length, or NULL if the key is absent.
 */
const char *rf_json_value_text(const char *text, size_t length, const char *key,
			       size_t *value_length);

/* The text of a whole number, exactly, in [@min, @max]; -ERANGE if not whole or out of range. */
int rf_json_integer(const cJSON *item, int64_t min, int64_t max, int64_t *out);

#endif
