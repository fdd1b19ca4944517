// SPDX-License-Identifier: Apache-2.0
/*
 * The reader stops at the first fault. If that is in a rule, the text is read again with another
 * rule in its place, on as many lines, so that those behind it are found, too.
 */
#include "ctl/policy/lint.h"
#include "ctl/output/text.h"
#include "netconf/cleanup.h"
#include "netconf/json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULTS_MAX 100 /* of a document */

/* What messages begin with. */
#define LINE  "line "
#define RULES ".rules["

/* What the message begins with: line, direction and index of the rule. */
struct fault {
	size_t line;
	const char *text;
	bool is_in_rule;
	enum rf_direction direction;
	size_t index;
};

static struct fault read_fault(const char *message)
{
	struct fault fault = {.text = message};
	char *end;

	if (!strncmp(message, LINE, strlen(LINE))) {
		fault.line = strtoul(message + strlen(LINE), &end, 10);
		if (!strncmp(end, ": ", 2))
			fault.text = end + 2;
	}
	for (int direction = 0; direction < RF_DIRECTIONS; direction++) {
		const char *name = text_direction(direction);
		size_t length = strlen(name);

		if (strncmp(fault.text, name, length) != 0 ||
		    strncmp(fault.text + length, RULES, strlen(RULES)) != 0)
			continue;
		fault.index = strtoul(fault.text + length + strlen(RULES), &end, 10);
		fault.is_in_rule = true;
		fault.direction = direction;
	}
	return fault;
}

/* From where to where the rule stands in @text. */
static bool find_rule(const char *text, size_t length, const struct fault *fault, size_t *start,
		      size_t *end)
{
	struct rf_json_member direction, rules;
	size_t at;

	if (!rf_json_find_member(text, length, 0, text_direction(fault->direction), &direction) ||
	    !rf_json_find_member(text, length, direction.value, "rules", &rules))
		return false;
	at = rules.value;
	for (size_t i = 0; i <= fault->index; i++)
		if (!rf_json_next_element(text, length, &at, start))
			return false;
	*end = at;
	return true;
}

/* The text without the rule; NULL if it is not found. malloc()ed. */
static char *replace_rule(const char *text, size_t length, const struct fault *fault, uint32_t id,
			  size_t *new_length)
{
	size_t start, end;
	char *replaced = NULL;
	FILE *stream;

	if (!find_rule(text, length, fault, &start, &end))
		return NULL;
	stream = open_memstream(&replaced, new_length);
	if (!stream)
		abort();
	fwrite(text, 1, start, stream);
	fprintf(stream, "{\"id\": %u, \"action\": \"allow\"}", id);
	for (size_t i = start; i < end; i++)
		if (text[i] == '\n')
			fputc('\n', stream);
	fwrite(text + end, 1, length - end, stream);
	fclose(stream);
	return replaced;
}

static void report(struct lint *lint, const char *path, const struct fault *fault,
		   const struct rf_error *error)
{
	if (error->details[0])
		lint_report(lint, LINT_FAULT, path, fault->line, "%s (%s)", fault->text,
			    error->details);
	else
		lint_report(lint, LINT_FAULT, path, fault->line, "%s", fault->text);
}

bool lint_faults(struct lint *lint, struct policy_document *document)
{
	_cleanup_free_ char *text = NULL;
	size_t length = document->length;

	for (uint32_t i = 0; i < FAULTS_MAX; i++) {
		struct rf_policy policy = {};
		struct rf_error error = {};
		struct fault fault;
		char *replaced;

		if (!rf_policy_read(text ? text : document->text, length, &policy, &error)) {
			if (i)
				rf_policy_free(&policy);
			else
				document->policy = policy;
			return !i;
		}
		fault = read_fault(error.message);
		report(lint, document->path, &fault, &error);
		replaced = fault.is_in_rule ? replace_rule(text ? text : document->text, length,
							   &fault, UINT32_MAX - i, &length)
					    : NULL;
		if (!replaced)
			return false;
		free(text);
		text = replaced;
	}
	return false;
}
