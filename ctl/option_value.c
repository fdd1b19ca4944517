// SPDX-License-Identifier: Apache-2.0
#include "ctl/option_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The digits @text begins with, and what comes behind them. False if it begins with none, with too
 * many, or with a zero that says nothing. */
static bool read_number(const char *text, uint64_t *number, const char **rest)
{
	char *end;

	if (*text < '0' || *text > '9' || (*text == '0' && text[1] >= '0' && text[1] <= '9'))
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	*rest = end;
	return !errno;
}

int argument_number(struct invocation *invocation, const char *what, const char *text, uint64_t min,
		    uint64_t max, uint64_t *out, struct rf_error *error)
{
	const char *rest;
	uint64_t number;

	if (read_number(text, &number, &rest) && !*rest && number >= min && number <= max) {
		*out = number;
		return 0;
	}
	invocation->status = STATUS_USAGE;
	return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
		       "%s \"%s\" is no number from %" PRIu64 " to %" PRIu64, what, text, min, max);
}

int option_number(struct invocation *invocation, const char *name, uint64_t min, uint64_t max,
		  uint64_t *out, struct rf_error *error)
{
	const char *text = invocation_option(invocation, name);
	char what[32];

	snprintf(what, sizeof(what), "--%s", name);
	return text ? argument_number(invocation, what, text, min, max, out, error) : 0;
}

int option_seconds(struct invocation *invocation, const char *name, uint64_t min, uint64_t max,
		   uint64_t *out, struct rf_error *error)
{
	static const struct {
		const char *name;
		uint32_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	const char *text = invocation_option(invocation, name), *unit;
	uint64_t number;

	if (!text)
		return 0;
	if (read_number(text, &number, &unit) && number <= UINT32_MAX)
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
			uint64_t seconds = number * units[i].seconds;

			if (strcmp(unit, units[i].name) || seconds < min || seconds > max)
				continue;
			*out = seconds;
			return 0;
		}
	invocation->status = STATUS_USAGE;
	return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
		       "--%s \"%s\" is no time from %" PRIu64 " to %" PRIu64
		       " seconds: 90, 90s, 5m, 2h or 1d",
		       name, text, min, max);
}

/* The one among @names that the first @length bytes of @text are; -1 if none is. */
static int find(const char *const *names, const char *text, size_t length)
{
	for (int i = 0; names[i]; i++)
		if (strlen(names[i]) == length && !memcmp(names[i], text, length))
			return i;
	return -1;
}

static int fail_choice(struct invocation *invocation, const char *name, const char *text,
		       const char *const *names, struct rf_error *error)
{
	char all[RF_DETAILS_SIZE] = "";
	size_t length = 0;

	for (size_t i = 0; names[i] && length < sizeof(all); i++)
		length += (size_t)snprintf(all + length, sizeof(all) - length, "%s%s",
					   i ? ", " : "", names[i]);
	invocation->status = STATUS_USAGE;
	rf_fail(error, RF_CODE_CONFIG, -EINVAL, "--%s knows no \"%s\"", name, text);
	rf_error_hint(error, "one of: %s", all);
	return -EINVAL;
}

int option_choice(struct invocation *invocation, const char *name, const char *const *names,
		  unsigned int *out, struct rf_error *error)
{
	const char *text = invocation_option(invocation, name);
	int found;

	if (!text)
		return 0;
	found = find(names, text, strlen(text));
	if (found < 0)
		return fail_choice(invocation, name, text, names, error);
	*out = (unsigned int)found;
	return 0;
}

int option_choices(struct invocation *invocation, const char *name, const char *const *names,
		   uint64_t *out, struct rf_error *error)
{
	const char *text = invocation_option(invocation, name);
	uint64_t chosen = 0;

	if (!text)
		return 0;
	for (const char *at = text;; at++) {
		size_t length = strcspn(at, ",");
		int found = find(names, at, length);

		if (found < 0)
			return fail_choice(invocation, name, text, names, error);
		chosen |= 1ull << found;
		at += length;
		if (!*at)
			break;
	}
	*out = chosen;
	return 0;
}
