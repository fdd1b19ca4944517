// SPDX-License-Identifier: Apache-2.0
#include "ctl/policy/policy_document.h"
#include "ctl/output/text.h"
#include "dataplane/files.h"
#include "netconf/field.h"

#include <stdlib.h>

int policy_document_load(const char *path, struct policy_document *out, struct rf_error *error)
{
	int ret = rf_read_file(path, &out->text, &out->length);

	out->path = path;
	return ret ? rf_fail_system(error, RF_CODE_CONFIG, ret, "read %s", path) : 0;
}

int policy_document_read(const char *path, struct policy_document *out, struct rf_error *error)
{
	int ret = policy_document_load(path, out, error);

	if (ret)
		return ret;
	ret = rf_policy_read(out->text, out->length, &out->policy, error);
	if (ret)
		rf_error_context(error, "%s", path);
	return ret;
}

size_t policy_document_line(const struct policy_document *document, enum rf_direction direction,
			    size_t index)
{
	const struct rf_place root = {
		.key = "",
		.text = document->text,
		.text_length = document->length,
	};
	const struct rf_place of_direction = {.parent = &root, .key = text_direction(direction)};
	const struct rf_place rules = {.parent = &of_direction, .key = "rules"};
	const struct rf_place rule = {.parent = &rules, .index = index};

	return rf_place_line(&rule);
}

void policy_document_free(struct policy_document *document)
{
	free(document->text);
	rf_policy_free(&document->policy);
	*document = (struct policy_document){};
}
