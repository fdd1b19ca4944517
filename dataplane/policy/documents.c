// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/documents.h"
#include "dataplane/files.h"
#include "netconf/cleanup.h"
#include "netconf/netconf.h"
#include "netconf/utf8.h"

#include <string.h>
#include <sys/stat.h>

#define SUFFIX ".json"

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

/* Put the document into the room that is left for it. */
static int take_document(const char *directory, const char *file,
			 struct rf_policy_documents *documents, struct rf_error *error)
{
	struct rf_policy_part *part = &documents->items[documents->count];
	int ret;

	if (asprintf(&part->path, "%s/%s", directory, file) < 0) {
		part->path = NULL;
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy document");
	}
	documents->count++;
	ret = read_document(part->path, &part->policy, error);
	return ret ? ret : name_after_file(&part->policy, file, error);
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

/* Room for @count, or pass on that they could not be listed. */
static int make_room(struct rf_policy_documents *documents, int count, struct rf_error *error)
{
	if (count < 0)
		return count;
	documents->items = calloc((size_t)count + 1, sizeof(*documents->items));
	if (documents->items)
		return 0;
	rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy documents");
	return -ENOMEM;
}

int rf_policy_documents_read(const char *directory, struct rf_policy_documents *out,
			     struct rf_error *error)
{
	_cleanup_documents_ struct rf_policy_documents documents = {};
	_cleanup_free_ struct dirent **entries = NULL;
	int count = list_documents(directory, &entries, error);
	int ret = make_room(&documents, count, error);

	for (int i = 0; i < count; i++) {
		if (!ret)
			ret = take_document(directory ? directory : RF_POLICY_DIRECTORY,
					    entries[i]->d_name, &documents, error);
		free(entries[i]);
	}
	if (ret)
		return ret;
	*out = documents;
	documents = (struct rf_policy_documents){};
	return 0;
}

static void check_document(const char *directory, const char *file,
			   void (*found)(const struct rf_error *fault, void *context),
			   void *context)
{
	struct rf_policy_part part = {};
	struct rf_policy_documents alone = {.items = &part};
	struct rf_error fault = {};

	if (take_document(directory, file, &alone, &fault))
		found(&fault, context);
	free(part.path);
	rf_policy_free(&part.policy);
}

int rf_policy_documents_check(const char *directory,
			      void (*found)(const struct rf_error *fault, void *context),
			      void *context, struct rf_error *error)
{
	_cleanup_free_ struct dirent **entries = NULL;
	int count = list_documents(directory, &entries, error);

	for (int i = 0; i < count; i++) {
		check_document(directory ? directory : RF_POLICY_DIRECTORY, entries[i]->d_name,
			       found, context);
		free(entries[i]);
	}
	return count < 0 ? count : 0;
}

size_t rf_policy_documents_select(const struct rf_policy_documents *documents,
				  const char *pod_namespace, const char *pod_name, bool *chosen)
{
	size_t count = 0;

	for (size_t i = 0; i < documents->count; i++) {
		chosen[i] = rf_policy_selects(&documents->items[i].policy, pod_namespace, pod_name);
		count += chosen[i];
	}
	return count;
}

/* Joining takes rules away, and the documents are for other pods, too. */
static int add_copy(const struct rf_policy_part *part, struct rf_policy_documents *parts,
		    struct rf_error *error)
{
	struct rf_policy_part *copy = &parts->items[parts->count++];

	copy->path = strdup(part->path);
	if (!copy->path)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy document");
	return rf_policy_copy(&part->policy, &copy->policy, error);
}

/* What the network configuration says is a part like the others, if it says something. */
static int add_own(struct rf_policy *policy, struct rf_policy_documents *parts,
		   struct rf_error *error)
{
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

int rf_policy_documents_join(const struct rf_policy_documents *documents, const bool *chosen,
			     struct rf_policy *policy, struct rf_error *error)
{
	_cleanup_documents_ struct rf_policy_documents parts = {};
	struct rf_policy joined;
	size_t chosen_count = 0;
	int ret;

	for (size_t i = 0; i < documents->count; i++)
		chosen_count += chosen[i];
	if (!chosen_count)
		return 0;
	parts.items = calloc(chosen_count + 1, sizeof(*parts.items));
	if (!parts.items)
		return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy documents");
	ret = add_own(policy, &parts, error);
	for (size_t i = 0; i < documents->count && !ret; i++)
		if (chosen[i])
			ret = add_copy(&documents->items[i], &parts, error);
	if (!ret)
		ret = rf_policy_join(parts.items, parts.count, &joined, error);
	if (ret)
		return ret;
	rf_policy_free(policy);
	*policy = joined;
	return 0;
}

void rf_policy_documents_free(struct rf_policy_documents *documents)
{
	for (size_t i = 0; i < documents->count; i++) {
		free(documents->items[i].path);
		rf_policy_free(&documents->items[i].policy);
	}
	free(documents->items);
	*documents = (struct rf_policy_documents){};
}
