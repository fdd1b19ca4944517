/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of netconf share. */
#ifndef RINGFENCE_TEST_UNIT_NETCONF_SUPPORT_H
#define RINGFENCE_TEST_UNIT_NETCONF_SUPPORT_H

#include "netconf/cleanup.h"
#include "netconf/error.h"
#include "netconf/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A text that must be refused, and what the error must say. */
struct refusal {
	const char *text;
	enum rf_code code;
	const char *message; /* a part of it */
};

static inline void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" does not contain \"%s\"", text, part);
}

static inline void assert_error(const struct rf_error *error, const char *input, enum rf_code code,
				const char *message)
{
	if (error->code != code || !strstr(error->message, message))
		fail_msg("%s:\n  got      %d \"%s\"\n  expected %d \"%s\"", input, error->code,
			 error->message, code, message);
}

/*
 * A copy that fills its memory exactly and has no NUL at its end, so that the sanitizer sees a read
 * of one byte too many.
 */
static inline char *copy_exactly(const char *text, size_t length)
{
	char *copy = malloc(length ? length : 1);

	assert_non_null(copy);
	memcpy(copy, text, length);
	return copy;
}

/* The tree of a text that is known to be good. */
static inline cJSON *parse_good_json(const char *text)
{
	struct rf_error error = {0};
	cJSON *json = NULL;

	if (rf_json_parse(text, strlen(text), &json, &error) < 0)
		fail_msg("%s: %s", text, error.message);
	return json;
}

/* The same from run to run, so that a failure can be repeated. */
static inline uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*state >> 33);
}

#endif
