/* SPDX-License-Identifier: Apache-2.0 */
/* `ringfencectl doctor`: what is looked at, one function each, and what was found. */
#ifndef RINGFENCE_CTL_DOCTOR_DOCTOR_H
#define RINGFENCE_CTL_DOCTOR_DOCTOR_H

#include "dataplane/objects.h"

#include <cjson/cJSON.h>

enum finding_level {
	FINDING_OK,
	FINDING_WARNING, /* it works, but not as it should, or not for long */
	FINDING_FAULT,
	FINDING_LEVELS,
};

struct doctor {
	const char *directory;            /* of the runtime's lists */
	const char *bin_dir;              /* of its plugins; NULL: where they usually are */
	const struct rf_objects *objects; /* NULL if nothing is loaded, or it cannot be opened */
	int opened;                       /* what rf_objects_open() returned, */
	struct rf_error opening;          /* and said */
	bool is_locked;                   /* the lock was not to be had: nobody waits again */
	const char *check;                /* which looks just now */
	cJSON *directories;               /* of documents that were looked at: an object's keys */
	cJSON *findings;
	unsigned int counts[FINDING_LEVELS];
};

/* Note what was found; the row, to which doctor_why() and doctor_fix() may add. */
cJSON *doctor_find(struct doctor *doctor, enum finding_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Why it matters. */
void doctor_why(cJSON *finding, const char *text);

/* What mends it: a command, or an edit. */
void doctor_fix(cJSON *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same of an error, whose details say how to mend it. */
cJSON *doctor_find_error(struct doctor *doctor, enum finding_level level,
			 const struct rf_error *error);

/* Each looks at one thing, waits for nobody for long, and changes nothing. */
void doctor_check_kernel(struct doctor *doctor);
void doctor_check_bpffs(struct doctor *doctor);
void doctor_check_pins(struct doctor *doctor);
void doctor_check_pods(struct doctor *doctor);
void doctor_check_interfaces(struct doctor *doctor);
void doctor_check_leftovers(struct doctor *doctor);
void doctor_check_maps(struct doctor *doctor);
void doctor_check_conflists(struct doctor *doctor);
void doctor_check_policies(struct doctor *doctor);
void doctor_check_plugin(struct doctor *doctor);

/* The documents of @directory, unless that was done before; NULL: of the one that is read without
 * being asked for. */
void doctor_check_documents(struct doctor *doctor, const char *directory);

#endif
