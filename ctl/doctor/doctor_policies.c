// SPDX-License-Identifier: Apache-2.0
/* The node's policy documents. */
#include "ctl/doctor/doctor.h"
#include "dataplane/policy/documents.h"
#include "netconf/netconf.h"

void doctor_check_documents(struct doctor *doctor, const char *directory)
{
	_cleanup_documents_ struct rf_policy_documents documents = {};
	struct rf_error error = {};

	if (rf_policy_documents_read(directory, &documents, &error))
		doctor_why(doctor_find_error(doctor, FINDING_FAULT, &error),
			   "every ADD that reads it fails: what a broken document was meant for is "
			   "not known");
	else
		doctor_find(doctor, FINDING_OK, "the documents in %s can be read",
			    directory ? directory : RF_POLICY_DIRECTORY);
}

void doctor_check_policies(struct doctor *doctor)
{
	doctor_check_documents(doctor, NULL);
}
