// SPDX-License-Identifier: Apache-2.0
/* What nobody has any more, and gc removes. */
#include "ctl/conflist/conflist.h"
#include "ctl/doctor/doctor.h"
#include "dataplane/heal.h"
#include "dataplane/load.h"
#include "dataplane/lock.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"

#include <glob.h>
#include <limits.h>

static void found_attachment(enum rf_heal_kind kind, uint64_t owner,
			     const struct rf_attachment_key *key, void *context)
{
	(void)kind, (void)owner;
	doctor_fix(doctor_find(context, FINDING_WARNING, "%s%s%s%s%s is left of a pod that is gone",
			       kind == RF_HEAL_POD      ? "an entry in the maps"
			       : kind == RF_HEAL_RECORD ? "a record"
							: "a link",
			       key ? " of container " : "", key ? key->container : "",
			       key ? ", interface " : "", key ? key->interface : ""),
		   "ringfencectl gc; a later ADD does it too");
}

static void found_path(const char *path, void *context)
{
	doctor_fix(doctor_find(context, FINDING_WARNING, "%s is left of an earlier load", path),
		   "ringfencectl gc");
}

/* Of an install or uninstall that was killed; runtimes pass over it. */
static void find_unfinished(struct doctor *doctor)
{
	char pattern[PATH_MAX];
	glob_t files = {};

	snprintf(pattern, sizeof(pattern), "%.2048s/.*" CONFLIST_UNFINISHED, doctor->directory);
	glob(pattern, 0, NULL, &files);
	for (size_t i = 0; i < files.gl_pathc; i++)
		doctor_fix(doctor_find(doctor, FINDING_WARNING,
				       "%s is left of a change of the list that was interrupted",
				       files.gl_pathv[i]),
			   "rm %s", files.gl_pathv[i]);
	globfree(&files);
}

void doctor_check_leftovers(struct doctor *doctor)
{
	unsigned int before = doctor->counts[FINDING_WARNING] + doctor->counts[FINDING_FAULT];
	const struct rf_heal_listener listener = {
		.attachment = found_attachment,
		.context = doctor,
	};
	_cleanup_close_ int lock = -1;
	struct rf_error error = {};

	/* Without that file, the lock would be made. */
	if (doctor->objects && !doctor->is_locked && !access(RF_LOCK_PATH, F_OK) &&
	    rf_heal_told(doctor->objects, false, &listener, &error))
		doctor_find_error(doctor, FINDING_FAULT, &error);
	/* Who holds the lock may be loading. */
	if (rf_lock_if_free(&lock))
		rf_load_leftovers(false, found_path, doctor);
	find_unfinished(doctor);
	if (before == doctor->counts[FINDING_WARNING] + doctor->counts[FINDING_FAULT])
		doctor_find(doctor, FINDING_OK, "nothing is left of pods that are gone");
}
