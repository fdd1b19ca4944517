// SPDX-License-Identifier: Apache-2.0
#include "dataplane/record_policy.h"
#include "dataplane/digest.h"
#include "dataplane/files.h"
#include "dataplane/paths.h"
#include "netconf/cleanup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_CHARACTERS "0123456789abcdef-"
#define LINK            ".link"

static void shared_path(const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, RF_CONFIGURED_DIRECTORY "/%s.json", name);
}

static void link_path(uint64_t owner, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, RF_CONFIGURED_DIRECTORY "/%016" PRIx64 LINK, owner);
}

/* 0: there is no such file, or it has another text; 1: it has @document. */
static int compare(const char *path, const char *document, bool *is_there)
{
	_cleanup_free_ char *text = NULL;
	size_t length;
	int ret = rf_read_file(path, &text, &length);

	*is_there = !ret;
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	return length == strlen(document) && !memcmp(text, document, length);
}

int rf_record_policy_name(const char *document, char **name, struct rf_error *error)
{
	uint64_t digest = rf_digest(document, strlen(document));
	bool is_there = true;
	int equal = 0;

	*name = NULL;
	for (unsigned int number = 0; !equal && is_there; number++) {
		char path[PATH_MAX];

		free(*name);
		if (asprintf(name, "%016" PRIx64 "-%u", digest, number) < 0) {
			*name = NULL;
			return rf_fail_system(error, RF_CODE_INTERNAL, -ENOMEM, "policy");
		}
		shared_path(*name, path);
		equal = compare(path, document, &is_there);
		if (equal < 0)
			return rf_fail_system(error, RF_CODE_RECORD, equal, "read policy %s", path);
	}
	return 0;
}

static int write_shared(const char *path, const char *document, struct rf_error *error)
{
	int ret = 0;

	/* One that is there must stay the file that others have links to. */
	if (document && access(path, F_OK)) {
		ret = errno == ENOENT ? 0 : -errno;
		if (!ret)
			ret = rf_make_directories(RF_CONFIGURED_DIRECTORY, 0700);
		if (!ret)
			ret = rf_replace_file(path, document);
	}
	return ret ? rf_fail_system(error, RF_CODE_RECORD, ret, "write policy %s", path) : 0;
}

/* rename(2) would keep both names of one file. */
static bool are_one_file(const char *a, const char *b)
{
	struct stat first, second;

	return !stat(a, &first) && !stat(b, &second) && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

static int replace_link(const char *shared, const char *path, struct rf_error *error)
{
	char unfinished[PATH_MAX + sizeof(RF_FILE_UNFINISHED)];
	int ret = 0;

	if (are_one_file(shared, path))
		return 0;
	snprintf(unfinished, sizeof(unfinished), "%s" RF_FILE_UNFINISHED, path);
	unlink(unfinished);
	if (link(shared, unfinished) || rename(unfinished, path))
		ret = rf_fail_system(error, RF_CODE_RECORD, -errno, "link %s to %s", path, shared);
	if (ret)
		unlink(unfinished);
	return ret;
}

static int remove_link(const char *path, struct rf_error *error)
{
	if (unlink(path) && errno != ENOENT)
		return rf_fail_system(error, RF_CODE_RECORD, -errno, "remove %s", path);
	return 0;
}

int rf_record_policy_keep(const struct rf_record *record, const char *document,
			  struct rf_error *error)
{
	char shared[PATH_MAX], path[PATH_MAX];
	int ret;

	/* An earlier version's, to which an ADD that has failed returns. */
	if (!record->configured.policy)
		return rf_record_policy_remove(record->point.owner, error);
	link_path(record->point.owner, path);
	shared_path(record->configured.policy, shared);
	ret = write_shared(shared, document, error);
	return ret ? ret : replace_link(shared, path, error);
}

int rf_record_policy_read(const struct rf_record *record, struct rf_policy *out,
			  struct rf_error *error)
{
	const char *name = record->configured.policy;
	_cleanup_free_ char *text = NULL;
	char path[PATH_MAX];
	size_t length;
	int ret;

	if (name[strspn(name, NAME_CHARACTERS)])
		return rf_fail(error, RF_CODE_RECORD, -EINVAL, "%s is no policy's name", name);
	shared_path(name, path);
	ret = rf_read_file(path, &text, &length);
	if (ret == -ENOENT)
		rf_error_hint(error, "add the pod again: until then, it keeps the policy that it "
				     "has");
	if (ret)
		return rf_fail_system(error, RF_CODE_RECORD, ret, "read policy %s", path);
	ret = rf_policy_read(text, length, out, error);
	if (ret)
		rf_error_context(error, "policy %s", path);
	return ret;
}

int rf_record_policy_remove(uint64_t owner, struct rf_error *error)
{
	char path[PATH_MAX], unfinished[PATH_MAX + sizeof(RF_FILE_UNFINISHED)];
	int ret;

	link_path(owner, path);
	snprintf(unfinished, sizeof(unfinished), "%s" RF_FILE_UNFINISHED, path);
	ret = remove_link(unfinished, error);
	if (!ret)
		ret = remove_link(path, error);
	return ret ? ret : rf_record_policy_sweep(error);
}

/* What is written just now has one link, too: but nobody else has the lock. */
static int sweep_entry(DIR *stream, const char *name)
{
	const char *suffix = strrchr(name, '.');
	struct stat status;

	if (suffix && !strcmp(suffix, LINK))
		return 0;
	if (fstatat(dirfd(stream), name, &status, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (!S_ISREG(status.st_mode) || status.st_nlink > 1)
		return 0;
	return unlinkat(dirfd(stream), name, 0) ? -errno : 0;
}

int rf_record_policy_sweep(struct rf_error *error)
{
	DIR *stream = opendir(RF_CONFIGURED_DIRECTORY);
	const struct dirent *entry;
	int ret = 0, failure = 0;

	if (!stream)
		return errno == ENOENT
			       ? 0
			       : rf_fail_system(error, RF_CODE_RECORD, -errno, "read directory %s",
						RF_CONFIGURED_DIRECTORY);
	while ((entry = rf_next_entry(stream, &failure))) {
		int left = sweep_entry(stream, entry->d_name);

		if (!ret)
			ret = left;
	}
	closedir(stream);
	if (!ret)
		ret = failure;
	/* Not empty is the usual case. */
	rmdir(RF_CONFIGURED_DIRECTORY);
	return ret ? rf_fail_system(error, RF_CODE_RECORD, ret, "sweep %s", RF_CONFIGURED_DIRECTORY)
		   : 0;
}
