// SPDX-License-Identifier: Apache-2.0
/* The node's policy documents. */
#include "ctl/doctor/doctor.h"
#include "dataplane/policy/documents.h"
#include "dataplane/record.h"
#include "netconf/netconf.h"

#define NAMED_MAX 20 /* broken documents of a directory */

/* A directory whose documents are looked at. */
struct look {
	struct doctor *doctor;
	const char *directory;
	size_t broken;
};

static void found(const struct rf_error *fault, void *context)
{
	struct look *look = context;
	cJSON *finding;

	if (look->broken++ >= NAMED_MAX)
		return;
	finding = doctor_find_error(look->doctor, FINDING_FAULT, fault);
	doctor_why(finding, "every ADD and reload that reads it fails: what a broken document was "
			    "meant for is not known");
	if (!fault->details[0])
		doctor_fix(finding, "mend or remove it; ringfencectl policy lint %s has all of it",
			   look->directory);
}

void doctor_check_documents(struct doctor *doctor, const char *directory)
{
	struct look look = {doctor, directory ? directory : RF_POLICY_DIRECTORY, 0};
	struct rf_error error = {};

	if (cJSON_GetObjectItemCaseSensitive(doctor->directories, look.directory))
		return;
	cJSON_AddNullToObject(doctor->directories, look.directory);
	if (rf_policy_documents_check(directory, found, &look, &error))
		doctor_why(doctor_find_error(doctor, FINDING_FAULT, &error),
			   "every ADD and reload that reads it fails");
	else if (!look.broken)
		doctor_find(doctor, FINDING_OK, "no document in %s is broken", look.directory);
	if (look.broken > NAMED_MAX)
		doctor_fix(doctor_find(doctor, FINDING_FAULT, "%zu more documents in %s are broken",
				       look.broken - NAMED_MAX, look.directory),
			   "ringfencectl policy lint %s names them", look.directory);
}

/* What it was added with may be in no list any more, and a reload reads it. */
static int look_at(const struct rf_record *record, struct rf_error *error, void *context)
{
	(void)error;
	if (record && record->configured.policy_directory)
		doctor_check_documents(context, record->configured.policy_directory);
	return 0;
}

void doctor_check_policies(struct doctor *doctor)
{
	doctor_check_documents(doctor, NULL);
	/* That they cannot be listed, the check of the pods says. */
	rf_record_each(NULL, look_at, doctor, NULL);
}
