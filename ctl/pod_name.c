// SPDX-License-Identifier: Apache-2.0
#include "ctl/pod_name.h"
#include "dataplane/record.h"

#include <stdio.h>
#include <string.h>

static int match_id(const struct rf_record *record, struct rf_error *error, void *context)
{
	struct pod_name *name = context;

	(void)error;
	if (!record || record->pod_id != name->pod_id || record->incarnation != name->incarnation)
		return 0;
	rf_record_pod_text(record, name->text);
	return 1;
}

void pod_name_find(struct pod_name *name, uint32_t pod_id, uint32_t incarnation)
{
	if (name->text[0] && name->pod_id == pod_id && name->incarnation == incarnation)
		return;
	name->pod_id = pod_id;
	name->incarnation = incarnation;
	snprintf(name->text, sizeof(name->text), pod_id ? "(gone)" : "(no pod)");
	if (pod_id)
		rf_record_each(NULL, match_id, name, NULL);
}

struct search {
	const char *text;
	struct pod_name *found;
};

static int match_text(const struct rf_record *record, struct rf_error *error, void *context)
{
	struct search *search = context;

	(void)error;
	if (!record || (strcmp(search->text, rf_record_pod_text(record, search->found->text)) &&
			strcmp(search->text, record->container)))
		return 0;
	search->found->pod_id = record->pod_id;
	search->found->incarnation = record->incarnation;
	return 1;
}

bool pod_name_resolve(const char *text, struct pod_name *out)
{
	struct search search = {.text = text, .found = out};

	return rf_record_each(NULL, match_text, &search, NULL) == 1;
}
