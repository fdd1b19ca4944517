// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/reload_internal.h"
#include "netconf/cleanup.h"

#include <string.h>

/* NULL comes first. */
static int compare_texts(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static int add_directory(struct rf_reload *reload, const char *path, size_t *number,
			 struct rf_error *error)
{
	struct rf_reload_directory *longer =
		reallocarray(reload->directories, reload->directory_count + 1, sizeof(*longer));
	struct rf_reload_directory *directory;

	if (!longer)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy directories");
	reload->directories = longer;
	directory = &longer[reload->directory_count];
	*directory = (struct rf_reload_directory){.path = path ? strdup(path) : NULL};
	if (path && !directory->path)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy directories");
	directory->failure =
		rf_policy_documents_read(path, &directory->documents, &directory->error);
	*number = reload->directory_count++;
	return 0;
}

static int find_directory(struct rf_reload *reload, const char *path, size_t *number,
			  struct rf_error *error)
{
	for (size_t i = 0; i < reload->directory_count; i++) {
		if (!compare_texts(reload->directories[i].path, path)) {
			*number = i;
			return 0;
		}
	}
	return add_directory(reload, path, number, error);
}

int rf_reload_select(struct rf_reload *reload, struct rf_reload_pod *pod, struct rf_error *error)
{
	const struct rf_record *record = &pod->record;
	struct rf_reload_directory *directory;
	int ret =
		find_directory(reload, record->configured.policy_directory, &pod->directory, error);

	if (ret)
		return ret;
	directory = &reload->directories[pod->directory];
	directory->pod_count++;
	if (directory->failure) {
		rf_reload_fail(pod, NULL);
		return 0;
	}
	pod->chosen = calloc(directory->documents.count + 1, sizeof(*pod->chosen));
	if (!pod->chosen)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy documents");
	rf_policy_documents_select(&directory->documents, record->pod_namespace, record->pod_name,
				   pod->chosen);
	return 0;
}

int rf_reload_compare(const struct rf_reload *reload, const struct rf_reload_pod *a,
		      const struct rf_reload_pod *b)
{
	int ret = compare_texts(a->record.configured.policy, b->record.configured.policy);

	if (a->directory != b->directory)
		return a->directory < b->directory ? -1 : 1;
	return ret ? ret
		   : memcmp(a->chosen, b->chosen,
			    reload->directories[a->directory].documents.count * sizeof(*a->chosen));
}
