/* SPDX-License-Identifier: Apache-2.0 */
/* A policy document in a file, with its text. */
#ifndef RINGFENCE_CTL_POLICY_POLICY_DOCUMENT_H
#define RINGFENCE_CTL_POLICY_POLICY_DOCUMENT_H

#include "bpf/abi.h"
#include "netconf/policy.h"

struct policy_document {
	const char *path;
	char *text;
	size_t length;
	struct rf_policy policy;
};

/* Read the file's text alone. @path is borrowed. Free @out whatever comes of it. */
int policy_document_load(const char *path, struct policy_document *out, struct rf_error *error);

/* Read the document at @path, as ADD does; an error names it. The same. */
int policy_document_read(const char *path, struct policy_document *out, struct rf_error *error);

/* The line on which rule @index of @direction begins, from 1; 0 if it is not there. */
size_t policy_document_line(const struct policy_document *document, enum rf_direction direction,
			    size_t index);

void policy_document_free(struct policy_document *document);

#endif
