// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/directory.h"
#include "dataplane/files.h"
#include "netconf/cleanup.h"
#include "netconf/netconf.h"
#include "netconf/utf8.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define SUFFIX ".json"

/* The documents that choose the pod; the first is that of the network configuration. */
struct parts {
	struct rf_policy_part *items;
	size_t count;
};

static void free_parts(struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++) {
		free(parts->items[i].path);
		rf_policy_free(&parts->items[i].policy);
	}
	free(parts->items);
}

static int is_document(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > strlen(SUFFIX) &&
	       !strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX);
}

/* Not as in the locale of whoever calls. */
static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool is_utf8(const char *text)
{
	size_t length = strlen(text), step;

	for (; length; text += step, length -= step) {
		step = rf_utf8_sequence(text, length);
		if (!step)
			return false;
	}
	return true;
}

static int name_after_file(struct rf_policy *policy, const char *file, struct rf_error *error)
{
	if (!policy->name && !is_utf8(file))
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "policy document %s has no name, and that of its file is no UTF-8",
			       file);
	if (!policy->name)
		policy->name = strndup(file, strlen(file) - strlen(SUFFIX));
	return policy->name ? 0
			    : rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy document");
}

static int read_document(const char *path, struct rf_policy *policy, struct rf_error *error)
{
	_cleanup_free_ char *text = NULL;
	struct stat status;
	size_t length;
	int ret = stat(path, &status) ? -errno : 0;

	/* A pipe would be waited for. */
	if (!ret && !S_ISREG(status.st_mode))
		return rf_fail(error, RF_CODE_CONFIG, -EINVAL,
			       "policy document %s is no regular file", path);
	if (!ret)
		ret = rf_read_file(path, &text, &length);
	if (ret)
		return rf_fail_system(error, RF_CODE_CONFIG, ret, "read policy document %s", path);
	ret = rf_policy_read(text, length, policy, error);
	if (ret)
		rf_error_context(error, "policy document %s", path);
	return ret;
}

/* Put the document into the room that is left for it, if it chooses the pod. */
static int take_document(const char *directory, const char *file, const char *pod_namespace,
			 const char *pod_name, struct parts *parts, struct rf_error *error)
{
	struct rf_policy_part *part = &parts->items[parts->count];
	int ret;

	if (asprintf(&part->path, "%s/%s", directory, file) < 0)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy document");
	ret = read_document(part->path, &part->policy, error);
	if (!ret && rf_policy_selects(&part->policy, pod_namespace, pod_name)) {
		parts->count++;
		return name_after_file(&part->policy, file, error);
	}
	free(part->path);
	rf_policy_free(&part->policy);
	return ret;
}

static int list_documents(const char *directory, struct dirent ***entries, struct rf_error *error)
{
	int count = scandir(directory ? directory : RF_POLICY_DIRECTORY, entries, is_document,
			    compare_names);

	if (count >= 0 || (errno == ENOENT && !directory))
		return count < 0 ? 0 : count;
	count = -errno;
	rf_error_hint(error, "make the directory, or remove the key policyDir: a policy that is "
			     "not found must not be left out");
	return rf_fail_system(error, RF_CODE_CONFIG, count, "policyDir: read directory %s",
			      directory ? directory : RF_POLICY_DIRECTORY);
}

/* What the network configuration says is a part like the others, if it says something. */
static int begin(struct rf_policy *policy, size_t document_count, struct parts *parts,
		 struct rf_error *error)
{
	parts->items = calloc(document_count + 1, sizeof(*parts->items));
	if (!parts->items) {
		rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy documents");
		return -ENOMEM;
	}
	if (!policy->ingress.restricted && !policy->egress.restricted)
		return 0;
	parts->items[0].path = strdup("the network configuration's policy");
	if (!parts->items[0].path)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy");
	parts->items[0].policy = *policy;
	*policy = (struct rf_policy){};
	parts->count = 1;
	return 0;
}

static int join(struct parts *parts, struct rf_policy *policy, struct rf_error *error)
{
	struct rf_policy joined;
	int ret;

	if (!parts->count)
		return 0;
	ret = rf_policy_join(parts->items, parts->count, &joined, error);
	if (ret)
		return ret;
	rf_policy_free(policy);
	*policy = joined;
	return 0;
}

int rf_policy_directory_join(const char *directory, const char *pod_namespace, const char *pod_name,
			     struct rf_policy *policy, struct rf_error *error)
{
	__attribute__((cleanup(free_parts))) struct parts parts = {};
	struct dirent **entries = NULL;
	int count = list_documents(directory, &entries, error);
	int ret;

	if (count <= 0)
		return count;
	ret = begin(policy, (size_t)count, &parts, error);
	for (int i = 0; i < count; i++) {
		if (!ret)
			ret = take_document(directory ? directory : RF_POLICY_DIRECTORY,
					    entries[i]->d_name, pod_namespace, pod_name, &parts,
					    error);
		free(entries[i]);
	}
	free(entries);
	return ret ? ret : join(&parts, policy, error);
}
