/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of `policy lint`, which report what they find to one place. */
#ifndef RINGFENCE_CTL_POLICY_LINT_H
#define RINGFENCE_CTL_POLICY_LINT_H

#include "ctl/policy/policy_document.h"

#include <stdbool.h>
#include <stddef.h>

enum lint_level {
	LINT_WARNING,
	LINT_FAULT, /* ADD refuses it */
};

struct lint {
	bool json;
	size_t faults;
	size_t warnings;
	size_t found; /* lines that were printed */
};

/* lint_report.c: print it, and count it. @line: 0 if it is of none. */
void lint_report(struct lint *lint, enum lint_level level, const char *path, size_t line,
		 const char *format, ...) __attribute__((format(printf, 5, 6)));

/*
 * Read the document of @document's text, whose faults are reported. True if there are none: then
 * its policy is filled.
 */
bool lint_faults(struct lint *lint, struct policy_document *document);

/* What never decides, and what allows everything. */
void lint_warnings(struct lint *lint, const struct policy_document *document);

/* Of documents that one pod may have together: ids that stand for different rules. */
void lint_conflicts(struct lint *lint, const struct policy_document *documents, size_t count);

#endif
