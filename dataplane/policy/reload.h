/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policies of running pods, made again from what their configurations said and what the
 * directories of documents have for them now. Each directory is read once, each different policy is
 * made once, and each pod is switched by itself: the lock of the node is never held for longer than
 * that. What fails for a pod leaves its policy as it is, and is no matter of others.
 */
#ifndef RINGFENCE_DATAPLANE_POLICY_RELOAD_H
#define RINGFENCE_DATAPLANE_POLICY_RELOAD_H

#include "dataplane/policy/documents.h"
#include "dataplane/record.h"

enum rf_reload_result {
	RF_RELOAD_UNCHANGED,
	RF_RELOAD_CHANGED,
	RF_RELOAD_FAILED,
	RF_RELOAD_GONE, /* removed meanwhile: nothing to say */
};

struct rf_reload_pod {
	struct rf_record record; /* zeroed if it could not be read: then the error names it */
	enum rf_reload_result result;
	char *policy;           /* the name of the policy that it is to be under; NULL: none */
	struct rf_error *error; /* of RF_RELOAD_FAILED; NULL if the directory is what failed */
	size_t directory;       /* the number of its directory; SIZE_MAX if it is not known */
	bool *chosen;           /* which of its directory's documents are for it */
	bool is_settled;        /* the result is final */
};

struct rf_reload_directory {
	char *path; /* as the configuration asked for it; NULL: RF_POLICY_DIRECTORY */
	struct rf_policy_documents documents;
	int failure; /* of reading it, -errno: the pods keep their policies */
	struct rf_error error;
	size_t pod_count; /* which have it, of those that were chosen */
};

struct rf_reload {
	struct rf_reload_pod *pods; /* by namespace and name */
	size_t pod_count;
	struct rf_reload_directory *directories;
	size_t directory_count;
	size_t count[RF_RELOAD_GONE + 1]; /* of pods, by result */
};

/*
 * Reload the running pods for which @chooses (all, if it is NULL) is true; with @is_dry_run only
 * say what would change, and whether it would fit beside what is in the maps. A record that cannot
 * be read is a pod that has failed, as it may be one of them. Fails if the records
 * cannot be listed or memory is out; what fails for a pod is in *@out, which is the caller's on
 * success (rf_policy_reload_free()).
 */
int rf_policy_reload(const struct rf_objects *objects,
		     bool (*chooses)(const struct rf_record *record, void *context), void *context,
		     bool is_dry_run, struct rf_reload *out, struct rf_error *error);

void rf_policy_reload_free(struct rf_reload *reload);

#endif
